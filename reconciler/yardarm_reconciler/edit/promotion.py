"""What one environment runs and another does not: images and models, and all else that is different between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yardarm_reconciler.edit.images import parts
from yardarm_reconciler.edit.layers import at
from yardarm_reconciler.edit.scalars import Value
from yardarm_reconciler.edit.values import Path
from yardarm_reconciler.model.node import Node, plain
from yardarm_schema.kinds import WORKLOADS

VERSIONS: tuple[Path, ...] = (
    ("image",),
    ("model", "uri"),
    ("model", "adapters", "*", "uri"),
    ("models", "*", "uri"),
    ("volumes", "*", "image"),
)
"""What of a program is its version. Devices, replicas and arguments are what environments differ in for good."""


@dataclass(frozen=True, slots=True)
class Step:
    """One value that the other environment must be told: where it is below ``spec``, and what; None takes it away."""

    path: Path
    value: Value


def steps(kind: str, source: Node, target: Node) -> tuple[Step, ...]:
    """What makes the target run what the source runs, each in the order that it is written in.

    What only one of them has, such as a sidecar, is not of another version: it is different, and stays so.

    Args:
        kind: of the workload.
        source: its spec for the environment that has it.
        target: its spec for the environment that is to have it.
    """
    paths = dict.fromkeys((*_versions(kind, source), *_versions(kind, target)))
    shared = (path for path in paths if at(source, path[:-1]) and at(target, path[:-1]))
    found = ((path, _text(source, path), _text(target, path)) for path in shared)
    return tuple(Step(path, wanted) for path, wanted, there in found if wanted != there)


def kept(source: Node, target: Node, promoted: tuple[Step, ...]) -> tuple[str, ...]:
    """Fields of the spec that stay different between the two."""
    said, other = plain(source), plain(target)
    if not isinstance(said, dict) or not isinstance(other, dict):
        return ()
    for step in promoted:
        _set(other, step)
    return tuple(key for key in dict.fromkeys((*said, *other)) if said.get(key) != other.get(key))


def _set(tree: dict[str, object], step: Step) -> None:
    *above, last = step.path
    for key in above:
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            return
        tree = below
    if step.value is None:
        tree.pop(last, None)
    else:
        tree[last] = step.value


def _text(node: Node, path: Path) -> str | None:
    found = at(node, path)
    return found.value if found is not None and isinstance(found.value, str) else None


def _versions(kind: str, said: Node) -> Iterator[Path]:
    """Every path of a version that a spec has: of the workload, and of its parts."""
    shared = tuple((each.base,) for each in WORKLOADS[kind].PARTS if each.base)
    for base in ((), *shared, *(path for _, path in parts(kind, said))):
        for pattern in VERSIONS:
            yield from _matching(said, (*base, *pattern))


def _matching(said: Node, pattern: Path, before: Path = ()) -> Iterator[Path]:
    """The paths that a pattern stands for, where ``*`` is any key."""
    if not pattern:
        yield before
        return
    entries = said.value if isinstance(said.value, Mapping) else {}
    for key in entries if pattern[0] == "*" else [pattern[0]]:
        if key in entries:
            yield from _matching(entries[key].node, pattern[1:], (*before, key))
