"""The dearest set of things of which none comes before another, exactly.

By the theorem of Dilworth with weights: it weighs what all weigh, less the greatest flow from things to what comes
after them, each as wide as its weight. The set is what that flow does not use up.
https://en.wikipedia.org/wiki/Dilworth%27s_theorem
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import TypeAlias

_SOURCE, _SINK = ("source", ""), ("sink", "")
_Node: TypeAlias = tuple[str, str]


def dearest(weights: Mapping[str, int | Decimal], before: Mapping[str, AbstractSet[str]]) -> frozenset[str]:
    """Names of the heaviest set whose members can all be at the same time.

    Args:
        weights: by name, none below zero.
        before: by name, everything that comes before it, however far back.
    """
    heavy = {name: Decimal(weight) for name, weight in sorted(weights.items()) if weight > 0}
    left = _network(heavy, before)
    while path := _way(left):
        width = min(left[a][b] for a, b in path)
        for a, b in path:
            left[a][b] -= width
            left[b][a] = left[b].get(a, Decimal(0)) + width
    reached = _reached(left)
    return frozenset(name for name in heavy if ("in", name) in reached and ("out", name) not in reached)


def _network(
    heavy: Mapping[str, Decimal], before: Mapping[str, AbstractSet[str]]
) -> dict[_Node, dict[_Node, Decimal]]:
    """From the source into each thing, from each to all that come after it, and out to the sink."""
    unbounded = sum(heavy.values(), Decimal(1))
    nodes = [_SOURCE, _SINK, *(("in", name) for name in heavy), *(("out", name) for name in heavy)]
    left: dict[_Node, dict[_Node, Decimal]] = {node: {} for node in nodes}
    for name, weight in heavy.items():
        left[_SOURCE]["in", name] = weight
        left["out", name][_SINK] = weight
        for earlier in before[name]:
            if earlier in heavy:
                left["in", earlier]["out", name] = unbounded
    return left


def _way(left: Mapping[_Node, Mapping[_Node, Decimal]]) -> list[tuple[_Node, _Node]]:
    """A shortest way from the source to the sink that has room, or nothing."""
    came: dict[_Node, _Node] = {_SOURCE: _SOURCE}
    waiting = deque([_SOURCE])
    while waiting and _SINK not in came:
        node = waiting.popleft()
        for other, room in left[node].items():
            if room > 0 and other not in came:
                came[other] = node
                waiting.append(other)
    if _SINK not in came:
        return []
    way, node = [], _SINK
    while node != _SOURCE:
        way.append((came[node], node))
        node = came[node]
    return way


def _reached(left: Mapping[_Node, Mapping[_Node, Decimal]]) -> frozenset[_Node]:
    """Everything that the source still has a way to."""
    seen = {_SOURCE}
    waiting = [_SOURCE]
    for node in waiting:  # grows while it is walked
        for other, room in left[node].items():
            if room > 0 and other not in seen:
                seen.add(other)
                waiting.append(other)
    return frozenset(seen)
