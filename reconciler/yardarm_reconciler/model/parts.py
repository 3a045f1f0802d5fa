"""Parts of a spec: roles, variants and steps, each a patch on what they share and a program of its own.

All of it works on layers, the spec and the overrides of one environment, the weakest first: so that an override may
change a part, add one, or remove it by null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yardarm_reconciler.model.merge import only, without
from yardarm_reconciler.model.node import Entry, Node
from yardarm_schema.workload import PartField, Program, Workload

KIND = "kind"
"""The key by which a part says what it is, where parts are of several kinds."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a spec.

    Attributes:
        field: the spec's field that holds it, such as ``roles``.
        name: its key there.
        model: what it must be once its layers are merged.
        layers: what it shares with the spec, then its own patches, the weakest first.
        entry: its key and value in the strongest layer that has it, to blame.
    """

    field: str
    name: str
    model: type[Program]
    layers: tuple[Node, ...]
    entry: Entry


def parts(model: type[Workload], layers: tuple[Node, ...]) -> Iterator[Part]:
    """All parts of a spec that consists of these layers. One that is no map is left to the spec's own check."""
    for field in model.PARTS:
        for name, entry in _entries(field.field, layers).items():
            patches = _patches(field, name, layers)
            kind = _kind(field.field, name, layers)
            part = field.model.get(kind)
            if part is not None and patches:
                yield Part(field.field, name, part, (*_shared(field, part, layers), *patches), entry)


def of_no_kind(
    model: type[Workload], layers: tuple[Node, ...]
) -> Iterator[tuple[str, Node, tuple[str, ...]]]:
    """Parts that say to be what no part is: their field, what they say, and what there is."""
    for field in model.PARTS:
        known = tuple(sorted(name for name in field.model if name))
        for name in _entries(field.field, layers) if known else ():
            said = _said(field.field, name, layers)
            if said is not None and said.value not in known:
                yield f"spec.{field.field}.{name}.{KIND}", said, known


def _entries(field: str, layers: tuple[Node, ...]) -> Mapping[str, Entry]:
    """By name, the strongest entry of each part that no later layer removes."""
    found: dict[str, Entry] = {}
    for layer in layers:
        for name, entry in _map(layer, field).items():
            if entry.node.value is None:
                found.pop(name, None)
            else:
                found[name] = entry
    return found


def _patches(field: PartField, name: str, layers: tuple[Node, ...]) -> tuple[Node, ...]:
    """What each layer says of a part, after the last that removed it."""
    several_kinds = len(field.model) > 1
    patches: list[Node] = []
    for layer in layers:
        entry = _map(layer, field.field).get(name)
        if entry is None:
            continue
        if isinstance(entry.node.value, dict):
            patches.append(without(entry.node, KIND) if several_kinds else entry.node)
        elif entry.node.value is None:
            patches.clear()
    return tuple(patches)


def _kind(field: str, name: str, layers: tuple[Node, ...]) -> str:
    """What a part says that it is; empty where it says nothing."""
    said = _said(field, name, layers)
    return said.value if said is not None and isinstance(said.value, str) else ""


def _said(field: str, name: str, layers: tuple[Node, ...]) -> Node | None:
    """The strongest word of a part on what it is, which null takes back."""
    said = None
    for layer in layers:
        entry = _map(layer, field).get(name)
        part = entry.node.value if entry is not None else {}
        kind = part.get(KIND) if isinstance(part, dict) else None
        if kind is not None:
            said = kind.node if kind.node.value is not None else None
        elif part is None:
            said = None
    return said


def _shared(field: PartField, part: type[Program], layers: tuple[Node, ...]) -> Iterator[Node]:
    """What a part has of the spec: all that it can have, or one field's value and the fields that all share."""
    known = {info.alias or name for name, info in part.model_fields.items()} - {
        "environments",
        "dependsOn",
        *field.apart,
    }
    for layer in layers:
        if field.base:
            yield only(layer, *field.shared)
            base = _map(layer, field.base)
            yield Node(dict(base), layer.place)
        else:
            yield only(layer, *known)


def _map(node: Node, key: str) -> dict[str, Entry]:
    """The map at a key, or an empty one."""
    entry = node.value.get(key) if isinstance(node.value, dict) else None
    return entry.node.value if entry is not None and isinstance(entry.node.value, dict) else {}
