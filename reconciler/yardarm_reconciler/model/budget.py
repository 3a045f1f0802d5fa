"""Devices and money: what a workload takes at its peak, and how much of it someone may take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from yardarm_reconciler.model.origin import NOWHERE, Place

TOTAL = "total"
"""The key of a limit that counts devices of all classes together."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The most that a workload can hold at one time: devices by accelerator class, money per hour.

    ``arithmetic`` is for people: ``"2 replicas + 1 surge, 4 each"``; ``origin`` is the line that asks for devices.
    A pod that may get any of several classes counts in each of them: ``alternatives`` is what that adds.
    """

    devices: Mapping[str, int] = field(default_factory=dict)
    cost_per_hour: Decimal = Decimal(0)
    arithmetic: str = ""
    origin: Place = NOWHERE
    alternatives: int = 0

    @property
    def total(self) -> int:
        """Devices of all classes together."""
        return sum(self.devices.values()) - self.alternatives

    def amount(self, what: str) -> int:
        """Devices of one class, or of all for :data:`TOTAL`."""
        return self.total if what == TOTAL else self.devices.get(what, 0)


def add(peaks: Iterable[Peak]) -> Peak:
    """The sum of several peaks."""
    devices: Counter[str] = Counter()
    cost, alternatives = Decimal(0), 0
    for peak in peaks:
        devices.update(peak.devices)
        cost += peak.cost_per_hour
        alternatives += peak.alternatives
    return Peak(dict(devices), cost, alternatives=alternatives)


class Holdings:
    """What each of a group of workloads holds, by id, with a sum that is kept and never counted anew."""

    __slots__ = ("_alternatives", "_cost", "_devices", "peaks")

    def __init__(self) -> None:
        self.peaks: dict[str, Peak] = {}
        self._devices: Counter[str] = Counter()
        self._cost = Decimal(0)
        self._alternatives = 0

    @property
    def sum(self) -> Peak:
        """What all of them hold together, now."""
        return Peak(dict(self._devices), self._cost, alternatives=self._alternatives)

    def put(self, id_: str, peak: Peak) -> Peak:
        """Say what a workload holds from now on; give what it held before."""
        before = self.peaks.get(id_, Peak())
        self.peaks[id_] = peak
        self._devices.subtract(before.devices)
        self._devices.update(peak.devices)
        self._cost += peak.cost_per_hour - before.cost_per_hour
        self._alternatives += peak.alternatives - before.alternatives
        return before


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that an environment, a team or a single workload may hold.

    ``devices`` has accelerator classes and :data:`TOTAL` as keys, each with the place it is written at;
    what is not named is not limited.
    """

    owner: str
    devices: Mapping[str, tuple[int, Place]] = field(default_factory=dict)
    cost_per_hour: Decimal | None = None
    cost_place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one environment."""

    environment: Limit
    per_workload: Limit
    teams: Mapping[str, Limit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the workloads of one environment hold at their peaks, by id, and how much they may hold.

    ``prices`` are those of a device in an hour, by class. ``uncounted`` are the ids of workloads that git has but that
    cannot be resolved: nobody knows what they take.
    """

    environment: str
    limits: Limits
    peaks: Mapping[str, Peak]
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()

    @property
    def sum(self) -> Peak:
        """Of all workloads together."""
        return add(self.peaks.values())

    @property
    def by_team(self) -> Mapping[str, Mapping[str, Peak]]:
        """Peaks of the workloads that take devices or money, by team and id."""
        teams: dict[str, dict[str, Peak]] = {}
        for id_, peak in sorted(self.peaks.items()):
            if peak.total or peak.cost_per_hour:
                teams.setdefault(id_.split("/")[1], {})[id_] = peak
        return dict(sorted(teams.items()))
