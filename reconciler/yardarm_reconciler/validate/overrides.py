"""A workload spec with the overrides of every environment that it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from yardarm_reconciler.model.merge import merge, replaced, without
from yardarm_reconciler.model.node import Entry, Node
from yardarm_reconciler.model.origin import Diagnostic, Found
from yardarm_reconciler.model.parts import Part, of_no_kind, parts
from yardarm_reconciler.model.typed import INVALID, MISSING, NAME, ONE_OF, UNKNOWN, did_you_mean, shown, typed
from yardarm_reconciler.validate.codes import NULL_OVERRIDE, OVERRIDE
from yardarm_schema.base import Model
from yardarm_schema.environment import Environment
from yardarm_schema.kinds import DOCUMENTS, WORKLOADS

_FIXED = ("apiVersion", "environments", "kind", "metadata", "name", "team")
"""What an override may not hold."""

_LACKING = frozenset({MISSING, ONE_OF})
"""What a spec may lack as long as every environment adds it."""

_CANNOT_EXIST = frozenset({UNKNOWN, NAME})
"""Why there can never be such a key, whatever it says."""


Check: TypeAlias = Callable[[Node], tuple[Diagnostic, ...]]
"""What is wrong with a spec that is whole."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """An environment, or a key that is none here, with the overrides that apply there in their order."""

    name: str
    overrides: tuple[Node, ...]
    complete: bool


def with_overrides(kind: str, node: Node, environments: Mapping[str, Environment]) -> Found[Model | None]:
    """Read a workload document by itself, and as it is in every environment that it reaches, with all its parts.

    The value is the document without overrides, None where that is invalid or lacks something.
    A field that only overrides supply is fine. Whether the environments exist is not decided here.
    """
    model = DOCUMENTS[kind]
    base = typed(model, node)
    spec = _entry(node, "spec")
    if spec is None:
        return base
    alone = without(spec.node, "environments")
    in_parts = tuple(_parts(kind, (alone,)))
    listed = _entry(spec.node, "environments")
    if listed is None or not isinstance(listed.node.value, dict) or not listed.node.value:
        return Found(base.value, tuple(_once([*base.diagnostics, *in_parts])))
    bad = tuple(_not_overridable(listed.node.value))
    overrides = {key: without(entry.node, *_FIXED) for key, entry in listed.node.value.items()}
    problems = [*bad, *_explained_nulls((*base.diagnostics, *in_parts), listed.node.value)]
    for reach in _reaches(overrides, environments):
        if base.value is None or in_parts or any(override.value for override in reach.overrides):
            found = (
                *_problems_in(model, node, alone, reach),
                *_parts(kind, (alone, *reach.overrides), reach.name),
            )
            problems += (each for each in found if reach.complete or each.code not in _LACKING)
    return Found(base.value, tuple(_once(problems)))


def _parts(kind: str, layers: tuple[Node, ...], environment: str = "") -> Iterator[Diagnostic]:
    """What is wrong with the parts of a spec, each as it is once it is patched."""
    for field, said, known in of_no_kind(WORKLOADS[kind], layers):
        fix = did_you_mean(said.value, known) if isinstance(said.value, str) else ""
        yield INVALID.at(said.place, f"It must be {' or '.join(known)}", fix=fix, field=field)
    for part in parts(WORKLOADS[kind], layers):
        for problem in _problems_of(part):
            note = problem.note or (f"in environment {shown(environment)}" if environment else "")
            yield replace(problem, field=_field(part, problem), note=note)


def _problems_of(part: Part) -> Iterator[Diagnostic]:
    """What is wrong with one part once all its layers are merged, and with what they remove."""

    def check(spec: Node) -> tuple[Diagnostic, ...]:
        return typed(part.model, spec, ("spec",)).diagnostics

    merged = Node({}, part.entry.node.place)
    for layer in part.layers:
        yield from _unknown_removals(check, merged, layer)
        merged = merge(merged, layer)
    yield from check(merged)


def _field(part: Part, problem: Diagnostic) -> str:
    """The field as it is written: in the part, or in what it shares with the spec."""
    inside = part.entry.node.place
    if not (problem.place.path == inside.path and inside[1:3] <= problem.place[1:3] <= inside[3:5]):
        return problem.field
    return f"spec.{part.field}.{shown(part.name)}.{problem.field.removeprefix('spec.')}"


def _entry(node: Node, key: str) -> Entry | None:
    return node.value.get(key) if isinstance(node.value, dict) else None


def _not_overridable(listed: Mapping[str, Entry]) -> Iterator[Diagnostic]:
    for name, entry in listed.items():
        field = f"spec.environments.{shown(name)}"
        if entry.node.value is None:
            yield NULL_OVERRIDE.at(entry.place, fix=f"write {shown(name)}: {{}}", field=field)
        elif isinstance(entry.node.value, dict):
            for key in entry.node.value.keys() & set(_FIXED):
                place = entry.node.value[key].place
                yield OVERRIDE.at(
                    place, f"{key} cannot differ by environment", fix="leave it out", field=f"{field}.{key}"
                )


def _explained_nulls(problems: tuple[Diagnostic, ...], listed: Mapping[str, Entry]) -> Iterator[Diagnostic]:
    """Problems of the spec alone, without what overrides may add, and without what is said better elsewhere."""
    nulls = {entry.place for entry in listed.values() if entry.node.value is None}
    for problem in problems:
        if problem.code not in _LACKING and problem.place not in nulls:
            yield problem


def _reaches(overrides: Mapping[str, Node], environments: Mapping[str, Environment]) -> Iterator[_Reach]:
    """Every environment that is listed itself or by a group; then keys that are neither."""
    known: set[str] = set()
    for name, environment in environments.items():
        keys = [key for key in (*environment.groups, name) if key in overrides]
        known.update(keys)
        if keys:
            yield _Reach(name, tuple(overrides[key] for key in keys), complete=True)
    for key in overrides.keys() - known:
        yield _Reach(key, (overrides[key],), complete=False)


def _problems_in(model: type[Model], node: Node, spec: Node, reach: _Reach) -> Iterator[Diagnostic]:
    def check(spec: Node) -> tuple[Diagnostic, ...]:
        return typed(model, replaced(node, "spec", spec)).diagnostics

    merged = spec
    for override in reach.overrides:
        if isinstance(override.value, dict):
            yield from _unknown_removals(check, merged, override)
            merged = merge(merged, override)
    for problem in check(merged):
        yield replace(problem, note=problem.note or f"in environment {shown(reach.name)}")


def _unknown_removals(check: Check, spec: Node, override: Node) -> Iterator[Diagnostic]:
    """Fields that an override removes but that cannot exist: typing errors, which merging would hide."""
    nulls = set(_null_keys(override))
    if not nulls:
        return
    written = merge(spec, _without_nulls(override))
    for problem in check(written):
        if problem.code in _CANNOT_EXIST and problem.place in nulls:
            yield problem


def _null_keys(node: Node) -> Iterator[object]:
    if isinstance(node.value, dict):
        for entry in node.value.values():
            if entry.node.value is None:
                yield entry.place
            else:
                yield from _null_keys(entry.node)


def _without_nulls(node: Node) -> Node:
    """The same map with a text where it says null, so that merging keeps the key."""
    if node.value is None:
        return Node("", node.place)
    if not isinstance(node.value, dict):
        return node
    entries = {key: Entry(entry.place, _without_nulls(entry.node)) for key, entry in node.value.items()}
    return Node(entries, node.place)


def _once(problems: list[Diagnostic]) -> Iterator[Diagnostic]:
    """Each problem once, though it may be met in several environments."""
    seen: dict[object, Diagnostic] = {}
    for problem in problems:
        seen.setdefault((problem.code.name, problem.place, problem.field), problem)
    yield from seen.values()
