"""What a field of a spec is for, for people at a terminal: found in the JSON Schemas that editors read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import orjson

from yardarm_schema.json_schema import json_schema
from yardarm_schema.kinds import DOCUMENTS

Schema: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a map: its name, what it is for, whether it must be there."""

    name: str
    description: str
    required: bool


@dataclass(frozen=True, slots=True)
class FieldHelp:
    """A field. ``forms`` are the ways to write its value, ``default`` is JSON or empty."""

    name: str
    description: str
    forms: tuple[str, ...]
    default: str
    members: tuple[Member, ...]


class UnknownFieldError(KeyError):
    """There is no such field; ``known`` are the names that there are at ``name``."""

    def __init__(self, name: str, step: str, known: Sequence[str]) -> None:
        super().__init__(step)
        self.name, self.step, self.known = name, step, tuple(known)


def field_help(kind: str, *path: str) -> FieldHelp:
    """Explain a field: ``("Service", "resources", "memory")``; names that people choose may be left out.

    Fields of ``spec`` need no ``spec``.

    Raises:
        UnknownFieldError: there is none.
    """
    document = _document(kind)
    definitions = document["$defs"]
    properties = document["properties"]
    node: Schema = document if not path or path[0] in properties else properties["spec"]
    name, followed = kind, node
    for step in path:
        found = _below(followed, step, definitions)
        if found is None:
            raise UnknownFieldError(name, step, sorted(members_of(followed, definitions)))
        followed, name = found, f"{name}.{step}"
    if not path:
        return _help(
            name, {**properties["spec"], "description": document.get("description", "")}, definitions
        )
    return _help(name, followed, definitions)


@cache
def _document(kind: str) -> Schema:
    return json_schema(DOCUMENTS[kind])


def _help(name: str, node: Schema, definitions: Schema) -> FieldHelp:
    members = members_of(node, definitions)
    return FieldHelp(
        name,
        description_of(node, definitions),
        tuple(dict.fromkeys(in_words(form, definitions) for form in forms_of(node, definitions))),
        orjson.dumps(node["default"]).decode() if "default" in node else "",
        tuple(
            Member(key, description_of(each, definitions), required)
            for key, (each, required) in members.items()
        ),
    )


def description_of(node: Schema, definitions: Schema) -> str:
    """What a field is for: its own words, or those of what it holds."""
    named = next(iter(forms_of(node, definitions)), {})
    return str(node.get("description") or named.get("description", ""))


def _below(node: Schema, step: str, definitions: Schema) -> Schema | None:
    """One field down; through lists and maps, whose items and names need not be named."""
    members = members_of(node, definitions)
    if step in members:
        return members[step][0]
    for form in forms_of(node, definitions):
        if isinstance(form.get("additionalProperties"), dict):
            return {**form["additionalProperties"], "description": description_of(node, definitions)}
    return None


def members_of(node: Schema, definitions: Schema) -> dict[str, tuple[Schema, bool]]:
    """Fields of all forms of a value, and of what is in its lists and maps."""
    found: dict[str, tuple[Schema, bool]] = {}
    for form in forms_of(node, definitions):
        required = form.get("required", ())
        for name, each in form.get("properties", {}).items():
            found.setdefault(name, (each, name in required))
        for inner in (form.get("items"), form.get("additionalProperties")):
            if isinstance(inner, dict):
                found = {**members_of(inner, definitions), **found}
    return found


def forms_of(node: Schema, definitions: Schema) -> Iterator[Schema]:
    """Every way to write a value, references followed; null, which only removes, is none of them."""
    if "$ref" in node:
        yield from forms_of(definitions[node["$ref"].rpartition("/")[2]], definitions)
        return
    several = [*node.get("oneOf", ()), *node.get("anyOf", ())]
    for each in several:
        yield from forms_of(each, definitions)
    if not several and node.get("type") != "null":
        yield node


def in_words(form: Schema, definitions: Schema) -> str:
    """A form in words: ``text, such as 16Gi``, ``a map with class, count``."""
    if "const" in form:
        return str(form["const"])
    if "enum" in form:
        return f"one of {', '.join(str(each) for each in form['enum'] if each is not None)}"
    match form.get("type"):
        case "string":
            return "text" + _such_as(form)
        case "integer" | "number":
            word = "a whole number" if form["type"] == "integer" else "a number"
            return word + _bounds(form) + _such_as(form)
        case "boolean":
            return "true or false"
        case "array":
            return f"a list; each {_several(form.get('items', {}), definitions)}"
        case "object" if isinstance(form.get("additionalProperties"), dict):
            return f"a map by name; each {_several(form['additionalProperties'], definitions)}"
        case "object":
            return f"a map with {', '.join(form.get('properties', {}))}"
        case _:
            return "anything"


def _several(node: Schema, definitions: Schema) -> str:
    return ", or ".join(dict.fromkeys(in_words(form, definitions) for form in forms_of(node, definitions)))


def _such_as(form: Schema) -> str:
    return f", such as {form['examples'][0]}" if form.get("examples") else ""


def _bounds(form: Schema) -> str:
    least, most = form.get("minimum"), form.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    return f" of at least {least}" if least is not None else f" of at most {most}" if most is not None else ""


def kind_of(word: str) -> str | None:
    """The kind that a word names, whatever its case."""
    return {kind.lower(): kind for kind in DOCUMENTS}.get(word.lower())
