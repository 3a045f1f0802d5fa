"""What is measured, as values: a result a case, a run of several, and as the JSON that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

READING = frozenset({"get", "list", "watch", "dry-run", "record"})
"""Requests that write no object; ``record`` are writes of our own records."""


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. ``requests`` are by verb; ``dry-run`` and ``record`` (our own records) are apart."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    requests: Mapping[str, int]
    floor_seconds: float
    floor_cpu_seconds: float
    workloads: int
    objects: int

    @property
    def ratio(self) -> float:
        """Times the floor."""
        return self.seconds / self.floor_seconds

    @property
    def cpu_ratio(self) -> float:
        """CPU, times that of the floor: what depends least on what else the machine does."""
        return self.cpu_seconds / self.floor_cpu_seconds

    @property
    def object_writes(self) -> int:
        """Writes of anything but our own records."""
        return sum(number for verb, number in self.requests.items() if verb not in READING)


@dataclass(frozen=True, slots=True)
class Run:
    """Results of one day on one machine. ``note`` says what else is to be known of it."""

    date: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    results: Sequence[Result]
    note: str = ""

    def result(self, name: str) -> Result | None:
        """The result of a case, if that was measured."""
        return next((each for each in self.results if each.name == name), None)


def to_json(run: Run) -> dict[str, Any]:
    """A run as it is kept."""
    results = [{**asdict(each), "ratio": round(each.ratio, 3)} for each in run.results]
    return {
        "date": run.date, "note": run.note, "machine": run.machine, "versions": run.versions, "results": results,
    }  # fmt: skip


def from_json(kept: Mapping[str, Any]) -> Run:
    """What :func:`to_json` was given."""
    results = [
        Result(**{name: value for name, value in each.items() if name != "ratio"}) for each in kept["results"]
    ]
    return Run(kept["date"], kept["machine"], kept["versions"], results, kept["note"])
