"""The page of one workload: both axes with their reasons, where it was written, and what became of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from yardarm_reconciler.model.change import Action, Change, Report, WorkloadReport
from yardarm_reconciler.report.names import line_of, object_name, short, workload_name
from yardarm_reconciler.report.page.asked import Asked, Part, part
from yardarm_reconciler.report.page.words import Age, Word, age, kind_of, team_of, word

TONES = {
    Action.FAILED: "bad",
    Action.CONFLICT: "bad",
    Action.HELD: "bad",
    Action.UNCHANGED: "good",
    Action.SKIPPED: "busy",
}
"""What is done to an object is news, and neither good nor bad, unless it is here."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object in the last pass; ``rejected`` is the line that the cluster refused."""

    name: str
    namespace: str
    action: Word
    cause: str
    reason: str
    origin: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One workload."""

    environment: str
    name: str
    kind: str
    team: str
    sync: Word
    reason: str
    health: Word
    health_reason: str
    age: Age | None
    revision: str
    origin: str
    devices: tuple[str, ...]
    table: Part[Object]


def page(report: Report, id_: str, asked: Asked, now: datetime) -> Shown | None:
    """A workload of the report; None where it has none of that id."""
    found = next((each for each in report.workloads if each.id == id_), None)
    return _shown(report, found, asked, now) if found else None


def _shown(report: Report, each: WorkloadReport, asked: Asked, now: datetime) -> Shown:
    shown = part(each.changes, asked)
    return Shown(
        report.environment,
        workload_name(each.id),
        kind_of(each.id),
        team_of(each.id),
        word(each.sync),
        each.reason,
        word(each.health.state),
        each.health.reason,
        age(each.since, now),
        short(each.revision or report.revision),
        line_of(each.origin),
        tuple(f"{number} {name}" for name, number in sorted(each.peak.devices.items()) if number),
        Part([_object(one) for one in shown.rows], shown.first, shown.total, shown.before, shown.after),
    )


def _object(each: Change) -> Object:
    return Object(
        object_name(each.key),
        each.key.namespace,
        Word(str(each.action), TONES.get(each.action, "calm")),
        str(each.cause or ""),
        each.reason,
        line_of(each.origin),
        line_of(each.rejected),
    )
