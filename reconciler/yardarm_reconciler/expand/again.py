"""What was expanded before is used again where nothing that it was made from has changed.

A commit changes one file of a thousand, and expanding is a function of values: equal ones need not be expanded twice.
What follows may then tell by identity that a workload is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.workload import Resolved, Workload


@dataclass(frozen=True, slots=True)
class Made:
    """One workload as it was resolved, and what that came to."""

    resolved: Resolved[Any]
    found: Found[Workload | None]


Before: TypeAlias = MutableMapping[str, Made]
"""By id, what each workload of one environment came to the last time."""


@dataclass(slots=True)
class Memory:
    """What one environment came to the last time, and under which platform specs.

    Equal maps may have their keys in another order, and in that order lists are made of them. The places in a workload's
    own document tell such maps apart; for what it has from the platform's specs, these are compared with their places.
    ``owned`` holds by id what ``unit`` made of them.
    """

    platform: tuple[Node, ...] = ()
    before: Before = field(default_factory=dict)
    unit: Unit | None = None
    owned: dict[str, tuple[Workload, Workload]] = field(default_factory=dict)

    def under(self, platform: tuple[Node, ...]) -> Before:
        """What may be used again under these platform specs: all or nothing."""
        if platform != self.platform:
            self.platform = platform
            self.before.clear()
        return self.before

    def own(
        self, workloads: Iterable[Workload], unit: Unit, ours: Callable[[Workload, Unit], Workload]
    ) -> tuple[Workload, ...]:
        """Make workloads a unit's own; of one that is the same the result is, too."""
        known = self.owned if unit == self.unit else {}
        pairs = ((each, known.get(each.id)) for each in workloads)
        self.unit, self.owned = (
            unit,
            {
                each.id: before if before and before[0] is each else (each, ours(each, unit))
                for each, before in pairs
            },
        )
        return tuple(made for _, made in self.owned.values())
