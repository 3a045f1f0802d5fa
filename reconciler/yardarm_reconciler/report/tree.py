"""The screen of a tree: a workload's objects, below each what controllers made of it, and how all of them are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.report.names import line_of, object_name, short, workload_name
from yardarm_reconciler.report.output import Json, document
from yardarm_reconciler.report.status import CALM, COLOURS
from yardarm_reconciler.report.table import table
from yardarm_reconciler.report.text import Look, screen, short_age

HEADER = ("OBJECT", "HEALTH", "AGE", "WHY")

WELL = frozenset({State.HEALTHY, State.SUCCEEDED})
"""States that need nobody: of many alike only the number is told."""


@dataclass(frozen=True, slots=True)
class Node:
    """One object as it is.

    Attributes:
        key: its name.
        health: how it is; Unknown without a reason where nothing in this cluster tells.
        since: when it was made; None where it is not there, or nothing tells.
        state: what is recorded of it, where that is not simply that it is ours.
        machine: the node that it runs on, of a pod.
        devices: what it holds, by resource or driver; of pods that have a node and have not ended.
        made: what controllers made of it.
    """

    key: Key
    health: Health
    since: datetime | None = None
    state: str = ""
    machine: str = ""
    devices: Mapping[str, int] = field(default_factory=dict)
    made: tuple[Node, ...] = ()

    def held(self) -> Counter[str]:
        """Devices of it and of all below it."""
        found = Counter(self.devices)
        for each in self.made:
            found.update(each.held())
        return found


@dataclass(frozen=True, slots=True)
class Tree:
    """A workload: its id, the place of its spec, the revision that was applied last, and its objects."""

    workload: str
    place: Place
    revision: str
    nodes: tuple[Node, ...]

    def held(self) -> Counter[str]:
        """Devices that the workload holds now."""
        found: Counter[str] = Counter()
        for each in self.nodes:
            found.update(each.held())
        return found


def human(environment: str, trees: Sequence[Tree], now: datetime, look: Look) -> str:
    """A block a workload: what it holds, and a line an object."""
    if not trees:
        return screen([look.say(f"{environment}: no workloads")])
    blocks = (_block(environment, each, now, look) for each in trees)
    return "\n".join(screen(block) for block in blocks)


def concise(environment: str, trees: Sequence[Tree], look: Look) -> str:
    """One line an object: environment, workload, object, what made it, health, reason."""
    return screen(
        [
            look.say(" ".join(filter(None, [environment, tree.workload, *_facts(node, owner)])))
            for tree in trees
            for node, owner in _flat(tree.nodes)
        ]
    )


def json(environment: str, trees: Sequence[Tree], unread: Sequence[str], version: str) -> str:
    """The same for programs, with what could not be read."""
    found = {
        "name": environment,
        "summary": {
            "workloads": len(trees),
            "objects": sum(1 for tree in trees for _ in _flat(tree.nodes)),
        },
        "workloads": [],
        "trees": [
            {
                "workload": tree.workload,
                "path": tree.place.path,
                "line": tree.place.line,
                "revision": tree.revision,
                "devices": dict(sorted(tree.held().items())),
                "objects": [_json(node) for node in tree.nodes],
            }
            for tree in trees
        ],
        "unread": list(unread),
    }
    return document("Tree", version, "", [found], (), 0)


def _json(node: Node) -> Json:
    key = node.key
    return {
        "object": {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name},
        "health": str(node.health.state),
        "reason": node.health.reason,
        "since": node.since.astimezone(UTC).isoformat() if node.since else None,
        "state": node.state,
        "node": node.machine,
        "devices": dict(sorted(node.devices.items())),
        "made": [_json(each) for each in node.made],
    }


def _facts(node: Node, owner: Key | None) -> Iterator[str]:
    yield str(node.key)
    yield f"of {object_name(owner)}" if owner else ""
    yield _health(node)
    yield _why(node)


def _flat(nodes: Sequence[Node], owner: Key | None = None) -> Iterator[tuple[Node, Key | None]]:
    for node in nodes:
        yield node, owner
        yield from _flat(node.made, node.key)


def _block(environment: str, tree: Tree, now: datetime, look: Look) -> list[str]:
    kind, name = tree.workload.partition("/")[0], workload_name(tree.workload)
    first = look.say(name if kind == "Team" else f"{kind} {name}")
    at = f"{environment} @ {short(tree.revision)}" if tree.revision else environment
    held = _amounts(tree.held())
    facts = " · ".join(filter(None, [line_of(tree.place), at, f"holds {held}" if held else ""]))
    head = [first, *look.indented(look.say(facts), 2)]
    rows = [*_rows(tree.nodes, 0, now, look)]
    return [*head, *(table(HEADER, rows, look) if rows else ["  no objects"])]


def _rows(nodes: Sequence[Node], depth: int, now: datetime, look: Look) -> Iterator[tuple[str, ...]]:
    """The rows of some objects and of those below them; first those of which something was made."""
    ordered = sorted(nodes, key=lambda node: (not node.made, node.key.group_kind, _many(node)))
    for (_, many), several in groupby(ordered, lambda node: (node.key.group_kind, _many(node))):
        alike = list(several)
        if many and len(alike) > CALM:
            yield _folded(alike, depth, look)
            continue
        for node in alike:
            yield _row(node, depth, now, look)
            yield from _rows(node.made, depth + 1, now, look)


def _many(node: Node) -> str:
    """What an object is alike with others in, where it needs nobody and nothing hangs on it."""
    calm = node.health.state in WELL and not node.made and not node.state
    return f"{node.health.state} {_amounts(node.devices)}" if calm else ""


def _folded(alike: Sequence[Node], depth: int, look: Look) -> tuple[str, ...]:
    first = alike[0]
    held = _amounts(first.devices)
    return (
        look.keep_indent(f"{'  ' * depth}{len(alike)} × {first.key.kind}"),  # noqa: RUF001 - as people write it
        look.paint(COLOURS.get(first.health.state, ""), look.say(first.health.state)),
        "",
        look.say(f"{held} each" if held else ""),
    )


def _row(node: Node, depth: int, now: datetime, look: Look) -> tuple[str, ...]:
    return (
        look.keep_indent(f"{'  ' * depth}{object_name(node.key)}"),
        look.paint(COLOURS.get(node.health.state, ""), look.say(_health(node))),
        short_age(now - node.since) if node.since else "",
        look.say(_why(node)),
    )


def _health(node: Node) -> str:
    """Nothing where nothing tells: in a directory nothing runs."""
    unseen = node.health.state is State.UNKNOWN and not node.health.reason
    return "" if unseen else str(node.health.state)


def _why(node: Node) -> str:
    """What is recorded of it, what is wrong with it, what it holds, and where."""
    held = _amounts(node.devices)
    where = f"{held} on {node.machine}" if held and node.machine else held
    return "; ".join(filter(None, [node.state, node.health.reason, where]))


def _amounts(devices: Mapping[str, int]) -> str:
    """``2 nvidia.com/gpu, 1 gpu.nvidia.com``."""
    return ", ".join(f"{number} {name}" for name, number in sorted(devices.items()) if number)
