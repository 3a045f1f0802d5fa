"""What is told of an environment to those who do not look: one word, and one line."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from yardarm_reconciler.model.change import Report, State, Sync, WorkloadReport

LONGEST = 300
"""Characters of a line: who wants to know more asks for the status."""

BROKEN = frozenset({State.FAILED, State.DEGRADED, State.MISSING})
MOVING = frozenset({State.PROGRESSING, State.TERMINATING})


class Outcome(enum.StrEnum):
    """What became of an environment."""

    WELL = "well"
    UNDERWAY = "underway"
    WAITING = "waiting"
    UNWELL = "unwell"


@dataclass(frozen=True, slots=True)
class Notice:
    """An environment at a revision."""

    environment: str
    revision: str
    outcome: Outcome
    text: str


def notice(report: Report) -> Notice | None:
    """What is to be told after a pass; None of one by a process that only stands by."""
    if "standby" in report.notes:
        return None
    outcome, text = _judged(report)
    return Notice(report.environment, report.revision, outcome, _line(text))


def _judged(report: Report) -> tuple[Outcome, str]:
    """The worst comes first."""
    if report.error:
        return Outcome.UNWELL, report.error
    broken = [each for each in report.workloads if each.sync is Sync.HELD or each.health.state in BROKEN]
    if broken:
        first = min(broken, key=lambda each: each.id)
        return Outcome.UNWELL, f"{len(broken)} of {len(report.workloads)} not well: {_told(first)}"
    errors = [each for each in report.diagnostics if each.is_error]
    if errors:
        return (
            Outcome.UNWELL,
            f"errors in the specs: {len(errors)}: {errors[0].message} ({errors[0].code.name})",
        )
    if report.guards:
        first_guard = report.guards[0]
        return Outcome.WAITING, f"waits for a person: {first_guard.name}: {first_guard.reason}"
    moving = sum(each.sync is not Sync.SYNCED or each.health.state in MOVING for each in report.workloads)
    if moving:
        return Outcome.UNDERWAY, f"{moving} of {len(report.workloads)} under way"
    return Outcome.WELL, f"{len(report.workloads)} synced"


def _told(each: WorkloadReport) -> str:
    reason = each.reason or each.health.reason or str(each.health.state)
    return f"{each.id}: {reason}"


def _line(text: str) -> str:
    """One line without control characters, of bounded length."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
