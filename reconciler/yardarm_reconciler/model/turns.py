"""What comes after what, where each thing names what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from graphlib import CycleError, TopologicalSorter


def circle(needs: Mapping[str, AbstractSet[str]]) -> tuple[str, ...]:
    """A circle of things that need each other, from its first by name back to it; nothing where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][:-1][::-1]  # each needs the next one
        start = found.index(min(found))
        return (*found[start:], *found[:start], found[start])
    return ()


def in_order(needs: Mapping[str, AbstractSet[str]]) -> tuple[str, ...]:
    """Names, each after all that it needs, and else by name.

    Raises:
        graphlib.CycleError: they need each other.
    """
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return tuple(order)


def before(needs: Mapping[str, AbstractSet[str]]) -> dict[str, frozenset[str]]:
    """By name, everything that must be over before it begins, however far back."""
    found: dict[str, frozenset[str]] = {}
    for name in in_order(needs):
        found[name] = frozenset(needs[name]).union(*(found[each] for each in needs[name]))
    return found
