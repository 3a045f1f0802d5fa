"""From nodes to typed values, and from what a validator says to diagnostics at the token that is meant.

No value is ever part of a message: it may be a secret in the wrong place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import Advice, Code, Diagnostic, Found, Place, Replace, Requote
from yardarm_schema.base import Model, parse
from yardarm_schema.fields import known_fields

T = TypeVar("T", bound=Model)
Location: TypeAlias = tuple[str | int, ...]

UNKNOWN = Code(
    "field/unknown",
    title="There is no such field",
    why="A field that nobody reads is a wish that nobody fulfils; most often it is a typing error.",
    bad="replica: 3",
    good="replicas: 3",
)
MISSING = Code(
    "field/missing",
    title="A field is missing",
    why="There is no default that would be right for everybody.",
    bad="volumes: {data: {size: 10Gi}}",
    good="volumes: {data: {size: 10Gi, path: /data}}",
)
TYPE = Code(
    "field/type",
    title="The value is of the wrong type",
    why="Nothing is converted: yes, 0x10 and 1e3 mean different things to different tools, and quotes make text.",
    bad='replicas: "3"',
    good="replicas: 3",
)
INVALID = Code(
    "field/invalid",
    title="The value is not allowed here",
    why="It would be refused later, or mean something else than it says.",
    bad="resources: {memory: 16}",
    good="resources: {memory: 16Gi}",
)
EXCLUSIVE = Code(
    "field/exclusive",
    title="Two fields exclude each other",
    why="Each of them decides the same thing; no rule could say which of them is meant.",
    bad="{run: ./serve, command: [./serve]}",
    good="{command: [./serve]}",
)
ONE_OF = Code(
    "field/required-one-of",
    title="One of several fields is needed",
    why="It decides what kind of thing is meant.",
    bad="volumes: {data: {path: /data}}",
    good="volumes: {data: {path: /data, size: 10Gi}}",
)
NAME = Code(
    "name/invalid",
    title="This is not a valid name",
    why="Names become names and labels of Kubernetes objects, which allow few characters.",
    bad="name: Qwen3_32B",
    good="name: qwen3-32b",
)

_SIMILAR = 0.6
"""How alike a known name must be (difflib's ratio) to be suggested; its default."""

_NEAR = 0.8
"""How alike it must be, and alone in that, to be written by ``validate --fix``: one letter of five may be wrong."""

_TYPES = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "dict": "a map",
    "model": "a map",
    "mapping": "a map",
    "tuple": "a list",
    "list": "a list",
}
_BOUNDS = {
    "greater_than_equal": "It must be at least {ge}",
    "less_than_equal": "It must be at most {le}",
    "too_short": "It must have at least {min_length} item",
    "string_too_short": "It must not be empty",
    "literal_error": "It must be {expected}",
}


def typed(model: type[T], node: Node, root: Location = ()) -> Found[T | None]:
    """Read a node as a model; None with diagnostics where it is not one.

    Args:
        model: what the node must be.
        node: as the composer made it: numbers within 64 bits, text without lone surrogates.
        root: where the node stands in its document, for the field names in diagnostics.
    """
    try:
        return Found(parse(model, orjson.dumps(node, _json, orjson.OPT_PASSTHROUGH_DATACLASS)))
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        told = [each for each in problems if not _only_miscounted(each, problems)]
        return Found(None, tuple(_diagnostic(model, node, root, problem) for problem in told))


def _only_miscounted(problem: ErrorDetails, problems: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only because its wrong items, which are told themselves, were not counted."""
    at = problem["loc"]
    inside = (each for each in problems if len(each["loc"]) > len(at) and each["loc"][: len(at)] == at)
    return problem["type"] == "too_short" and any(inside)


def _json(value: Node | Entry) -> object:
    """What JSON has in place of this; quicker than to build the tree first."""
    return value.node.value if isinstance(value, Entry) else value.value


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a problem is: the last node that exists on the way, its key, and the way to it."""

    node: Node
    entry: Entry | None
    path: Location
    is_key: bool

    @property
    def place(self) -> Place:
        """What to underline: the key where that is wrong, else the value."""
        return self.entry.place if self.is_key and self.entry else self.node.place

    @property
    def key_place(self) -> Place:
        """The key of this value, or the value where it has none."""
        return self.entry.place if self.entry else self.node.place


def _spot(node: Node, location: Sequence[str | int]) -> _Spot:
    """Follow a pydantic location, which has the tags of forms and ``[key]`` in it, down the node."""
    entry: Entry | None = None
    path: list[str | int] = []
    for step in location:
        value = node.value
        if isinstance(value, dict) and isinstance(step, str) and step in value:
            entry = value[step]
            node = entry.node
        elif isinstance(value, tuple) and isinstance(step, int) and step < len(value):
            entry, node = None, value[step]
        elif step == "[key]":
            return _Spot(node, entry, tuple(path), is_key=True)
        else:
            continue
        path.append(step)
    return _Spot(node, entry, tuple(path), is_key=False)


def _diagnostic(model: type[Model], node: Node, root: Location, problem: Mapping[str, Any]) -> Diagnostic:
    location: Location = problem["loc"]
    spot = _spot(node, location)
    explain = _EXPLAINERS.get(problem["type"], _invalid)
    return explain(
        _Problem(model, root, location, problem["type"], problem.get("ctx", {}), problem["msg"]), spot
    )


@dataclass(frozen=True, slots=True)
class _Problem:
    """What pydantic says."""

    model: type[Model]
    root: Location
    location: Location
    type: str
    context: Mapping[str, Any]
    message: str

    def field(self, *path: str | int) -> str:
        """Dotted path in the document, ``spec.network.egress[0].cidr``."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in (*self.root, *path))
        return "".join(steps).lstrip(".")


def _unknown(problem: _Problem, spot: _Spot) -> Diagnostic:
    name = str(problem.location[-1])
    fields = known_fields(problem.model, problem.location[:-1])
    parent = spot.path[-2] if len(spot.path) > 1 else (problem.root or ("this document",))[-1]
    return UNKNOWN.at(
        spot.key_place,
        f'"{shown(name)}" is no field of {shown(str(parent))}',
        fix=did_you_mean(name, fields),
        note=f"known here: {', '.join(sorted(fields))}" if fields else "",
        field=problem.field(*spot.path),
    )


def _missing(problem: _Problem, spot: _Spot) -> Diagnostic:
    return _without(problem, spot, str(problem.location[-1]))


def _lacking(problem: _Problem, spot: _Spot) -> Diagnostic:
    """A field that only a rule of the whole map asks for."""
    return _without(problem, spot, str(problem.context["name"]))


def _without(problem: _Problem, spot: _Spot, name: str) -> Diagnostic:
    return MISSING.at(
        spot.key_place, f"{name} is missing", fix=f"add {name}", field=problem.field(*spot.path, name)
    )


def _form(problem: _Problem, spot: _Spot) -> Diagnostic:
    """None of the forms of a value, or more than one of them."""
    keys = [key for key in str(problem.context["keys"]).split(",") if key]
    value = spot.node.value
    if not isinstance(value, dict) or not keys:
        return _wrong_type(problem, spot, str(problem.context["forms"]))
    present = [key for key in value if key in keys]
    if len(present) > 1:
        return _both(problem, spot, present[0], present[1])
    similar = next((fix for name in value if (fix := did_you_mean(name, keys))), "")
    message = f"exactly one of {', '.join(keys)} is needed"
    return ONE_OF.at(spot.key_place, message, fix=similar, field=problem.field(*spot.path))


def _exclusive(problem: _Problem, spot: _Spot) -> Diagnostic:
    return _both(problem, spot, problem.context["first"], problem.context["second"])


def _both(problem: _Problem, spot: _Spot, *names: str) -> Diagnostic:
    """At the later of two keys, naming both."""
    value = spot.node.value
    entries = value if isinstance(value, dict) else {}
    second = max(names, key=lambda name: entries[name].place)
    first = names[1] if second == names[0] else names[0]
    return EXCLUSIVE.at(
        entries[second].place,
        f"{first} and {second} exclude each other",
        note=f"{first} is written at {entries[first].place}",
        field=problem.field(*spot.path, second),
    )


def _name(problem: _Problem, spot: _Spot) -> Diagnostic:
    if not spot.is_key and not isinstance(spot.node.value, str):
        return _wrong_type(problem, spot, str(problem.context["says"]))
    return NAME.at(spot.place, problem.message, field=problem.field(*spot.path))


def _wrong_type(problem: _Problem, spot: _Spot, expected: str) -> Diagnostic:
    value = spot.node.value
    message = f"It must be {expected}, not {_described(value)}"
    fix = Advice("")
    if expected.startswith("text") and isinstance(value, int | float):
        fix = Advice("put it in quotes", Requote(quotes=True))
    elif expected.startswith("a number") and isinstance(value, str):
        fix = Advice("without quotes", Requote(quotes=False))
    return TYPE.at(
        spot.place if value is not None else spot.key_place, message, fix=fix, field=problem.field(*spot.path)
    )


def _described(value: object) -> str:
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "a map" if isinstance(value, dict) else "a list"


def _invalid(problem: _Problem, spot: _Spot) -> Diagnostic:
    """Everything else: a type by its name, a bound by its numbers, a unit by what it says."""
    kind, _, suffix = problem.type.rpartition("_")
    if suffix == "type" and kind in _TYPES:
        return _wrong_type(problem, spot, _TYPES[kind])
    says = problem.context.get("says")
    if says is not None and _is_of_another_type(spot.node.value, str(says)):
        return _wrong_type(problem, spot, str(says))
    bound = _BOUNDS.get(problem.type)
    message = bound.format_map(problem.context) if bound else problem.message
    fix: Advice | str = ""
    if problem.type == "literal_error":
        if not isinstance(spot.node.value, str):
            return _wrong_type(problem, spot, str(problem.context["expected"]))
        fix = did_you_mean(spot.node.value, re.findall("'([^']*)'", problem.context["expected"]))
    return INVALID.at(spot.place, message, fix=fix, field=problem.field(*spot.path))


def _is_of_another_type(value: object, expected: str) -> bool:
    """Whether a value can be no form of a text with a unit: nothing, a map, or a number in quotes."""
    quoted = isinstance(value, str) and value.isdecimal() and expected.startswith("a number")
    return value is None or isinstance(value, bool | tuple | dict) or quoted


_EXPLAINERS: Mapping[str, Callable[[_Problem, _Spot], Diagnostic]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "form": _form,
    "exclusive": _exclusive,
    "lacking": _lacking,
    "name": _name,
}


def did_you_mean(name: str, known: Sequence[str]) -> Advice | str:
    """A fix that names the most similar of the known names, or nothing; certain where no other is near."""
    by_letters: dict[str, list[str]] = {}
    for each in known:
        by_letters.setdefault(_letters(each), []).append(each)
    similar = difflib.get_close_matches(_letters(name), by_letters, 2, _SIMILAR)
    if not similar:
        return ""
    near = difflib.get_close_matches(_letters(name), similar, 2, _NEAR)
    meant = by_letters[similar[0]]
    certain = near == similar[:1] and len(set(meant)) == 1
    return Advice(f'did you mean "{meant[-1]}"?', Replace(name, meant[-1]) if certain else None)


def _letters(name: str) -> str:
    """Without what is easily mixed up: case, dashes and underscores."""
    return re.sub("[-_]", "", name).lower()


def shown(name: str) -> str:
    r"""A foreign name as ASCII, with ``\uXXXX`` for what might look like something else; not too long."""
    text = name if name.isascii() and name.isprintable() else name.encode("unicode_escape").decode()
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal
