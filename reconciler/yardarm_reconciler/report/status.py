"""The screen of a status: two axes, the reason, since when; first what needs a person; budgets as bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yardarm_reconciler.model.change import Report, State, Sync, WorkloadReport
from yardarm_reconciler.report import budgets, guard
from yardarm_reconciler.report.names import heading, workload_name
from yardarm_reconciler.report.table import table
from yardarm_reconciler.report.text import Look, screen, short_age, width

URGENCY: Sequence[Sync | State] = (
    State.FAILED,
    State.MISSING,
    State.DEGRADED,
    Sync.UNKNOWN,
    Sync.HELD,
    Sync.OUT_OF_SYNC,
    State.TERMINATING,
    State.PROGRESSING,
    State.UNKNOWN,
    State.SUSPENDED,
)
"""What makes a workload come first; what is in neither list needs nobody."""

COLOURS = {
    State.FAILED: "red",
    State.MISSING: "red",
    State.DEGRADED: "red",
    State.HEALTHY: "green",
    State.SUCCEEDED: "green",
    State.PROGRESSING: "yellow",
}

CALM = 10
"""So many workloads that need nobody are still named; of more only the number is told."""

REMOVED = "git no longer has it; see below"
"""Of a workload that the guard on mass removal keeps: the guard says the rest, once."""

HEADER = ("WORKLOAD", "SYNC", "HEALTH", "SINCE", "WHY")


def human(report: Report, now: datetime, look: Look) -> str:
    """The whole screen."""
    rows = sorted(report.workloads, key=lambda each: (urgency(each), workload_name(each.id)))
    urgent = [each for each in rows if not settled(each)]
    calm = [each for each in rows if settled(each)]
    named, others = (rows, []) if len(calm) <= CALM else (urgent, calm)
    guards = [
        line for each in report.guards for line in guard.lines(each, report.environment, look, wrote=True)
    ]
    return screen(
        [
            *_head(report, look),
            *_table(named, others, report, now, look),
            *(
                budgets.lines(
                    report.environment, report.limits, {each.id: each.peak for each in report.workloads}, look
                )
                if report.limits
                else []
            ),
            *guards,
        ]
    )


def concise(report: Report, look: Look) -> str:
    """One line a workload: environment, workload, sync, health, reason."""
    rows = sorted(report.workloads, key=lambda each: (urgency(each), workload_name(each.id)))
    return screen(
        [
            look.say(f"{report.environment} {each.id} {each.sync} {each.health.state} {why(each)}")
            for each in rows
        ]
    )


def urgency(each: WorkloadReport) -> int:
    """The place in line: the more urgent of both axes."""
    return min(_rank(each.sync), _rank(each.health.state))


def settled(each: WorkloadReport) -> bool:
    """Whether it is as git has it and works, so that nobody need look at it."""
    return urgency(each) == len(URGENCY)


def _rank(axis: Sync | State) -> int:
    return URGENCY.index(axis) if axis in URGENCY else len(URGENCY)


def _head(report: Report, look: Look) -> list[str]:
    """``production @ e4f5a6b  1 held, 51 synced · behind by 1: …``: how many of each, the urgent first."""
    number = Counter(each.sync for each in report.workloads)
    words = [f"{number[axis]} {axis}" for axis in sorted(number, key=_rank)]
    facts = [", ".join(words)] if words else []
    facts += [report.notes[name] for name in sorted(report.notes)]
    head = look.fold(look.say(f"{heading(report, None)}  {' · '.join(facts)}"), look.columns)
    mark = f"{look.paint('red', look.say('✗'))} "
    error = look.indented(look.say(report.error), width(mark), mark) if report.error else []
    return [*head, *guard.hint(report, look), *error]


def _table(
    named: Sequence[WorkloadReport],
    others: Sequence[WorkloadReport],
    report: Report,
    now: datetime,
    look: Look,
) -> list[str]:
    """A row a workload."""
    waiting = guard.workloads(report.guards)
    rows = [_row(each, now, look, waits=each.id in waiting) for each in named]
    groups = Counter((str(each.sync), str(each.health.state)) for each in others)
    rows += [(f"{number} others", *axes, "", "") for axes, number in sorted(groups.items())]
    if not rows:
        return ["  no workloads"]
    return table(HEADER, rows, look)


def _row(each: WorkloadReport, now: datetime, look: Look, *, waits: bool) -> tuple[str, ...]:
    health = look.say(each.health.state)
    return (
        look.say(workload_name(each.id)),
        look.say(each.sync),
        look.paint(COLOURS.get(each.health.state, ""), health),
        short_age(now - each.since) if each.since else "",
        look.say(why(replace(each, reason=REMOVED) if waits else each)),
    )


def why(each: WorkloadReport) -> str:
    """Why it is not in sync, then why it does not work."""
    return "; ".join(reason for reason in (each.reason, each.health.reason) if reason)
