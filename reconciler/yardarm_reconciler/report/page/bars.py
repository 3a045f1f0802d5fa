"""Devices and money at their peak against the limits, as bars with numbers."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.model.budget import TOTAL, Limit, Peak

BARS = 8
"""Classes of an owner that get a bar; an environment has a few."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of a class is held of how much; ``most`` is None where nothing limits it."""

    name: str
    used: int
    most: int | None

    @property
    def exceeded(self) -> bool:
        """Whether that is too much."""
        return self.most is not None and self.used > self.most


@dataclass(frozen=True, slots=True)
class Bars:
    """What an owner holds: devices by class, the sum last; money in an hour where there is any; classes left out."""

    devices: tuple[Bar, ...]
    money: str
    more: int


def bars(peak: Peak, limit: Limit) -> Bars:
    """Every class that is held or limited."""
    names = sorted({*peak.devices, *limit.devices} - {TOTAL}) + [TOTAL] * (TOTAL in limit.devices)
    all_ = [
        Bar(name, peak.amount(name), limit.devices[name][0] if name in limit.devices else None)
        for name in names
    ]
    told = [each for each in all_ if each.used or each.most is not None]
    return Bars(tuple(told[:BARS]), _money(peak, limit), max(0, len(told) - BARS))


def _money(peak: Peak, limit: Limit) -> str:
    most = limit.cost_per_hour
    if most is None:
        return f"{peak.cost_per_hour:.2f} per hour" if peak.cost_per_hour else ""
    over = " EXCEEDED" if peak.cost_per_hour > most else ""
    return f"{peak.cost_per_hour:.2f}/{most:.2f} per hour{over}"
