"""The pages of all environments and of one: what is not settled comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yardarm_reconciler.model.budget import Limit, add
from yardarm_reconciler.model.change import Guard, Report, WorkloadReport
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.report import guard
from yardarm_reconciler.report.names import line_of, short, workload_name
from yardarm_reconciler.report.page.asked import Asked, Part, part
from yardarm_reconciler.report.page.bars import Bars, bars
from yardarm_reconciler.report.page.words import LOOK, Age, Word, address, age, kind_of, team_of, word
from yardarm_reconciler.report.status import REMOVED, settled, urgency, why

TEAMS = 25
"""Rows of the table of teams, which stands before that of workloads."""

NOTES = 20
"""Notes, guards and problems that a page names; of more it says how many."""

LINES = 8
"""Lines of a guard."""


@dataclass(frozen=True, slots=True)
class Line:
    """An environment among all: how many of each state, and what went wrong; without a report only its name."""

    name: str
    revision: str = ""
    sync: tuple[tuple[int, Word], ...] = ()
    health: tuple[tuple[int, Word], ...] = ()
    unsettled: int = 0
    waiting: int = 0
    error: str = ""
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Overview:
    """All environments."""

    table: Part[Line]


@dataclass(frozen=True, slots=True)
class Team:
    """A team in an environment; ``query`` shows its workloads alone."""

    name: str
    query: str
    workloads: int
    unsettled: int
    bars: Bars


@dataclass(frozen=True, slots=True)
class Row:
    """A workload among others."""

    name: str
    href: str
    kind: str
    sync: Word
    health: Word
    age: Age | None
    why: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One environment."""

    line: Line
    asked: Asked
    notes: Sequence[str]
    guards: Sequence[Sequence[str]]
    problems: Sequence[str]
    more: int
    bars: Bars | None
    teams: Part[Team]
    table: Part[Row]
    everything: str
    unsettled: str
    any_team: str


def overview(names: Sequence[str], reports: Mapping[str, Report], asked: Asked) -> Overview:
    """Every environment that is followed, looked at or not yet."""
    known = sorted({*names, *reports})
    shown = part(known, asked)
    lines = [_line(reports[name]) if name in reports else Line(name, seen=False) for name in shown.rows]
    return Overview(Part(lines, shown.first, shown.total, shown.before, shown.after))


def page(report: Report, asked: Asked, now: datetime) -> Shown:
    """One environment, as far as it was asked for."""
    chosen = [
        each
        for each in report.workloads
        if asked.team in {"", team_of(each.id)} and not (asked.unsettled and settled(each))
    ]
    shown = part(sorted(chosen, key=lambda each: (urgency(each), workload_name(each.id))), asked)
    waiting = guard.workloads(report.guards)
    rows = [_row(report.environment, each, now, waits=each.id in waiting) for each in shown.rows]
    problems = guard.beside(report)
    first = replace(asked, part=1)
    return Shown(
        _line(report),
        asked,
        [report.notes[name] for name in sorted(report.notes)][:NOTES],
        [_guard(each, report.environment) for each in report.guards[:NOTES]],
        [_problem(each) for each in problems[:NOTES]],
        max(0, len(problems) - NOTES),
        _bars(report),
        part(_teams(report, asked), asked, of_teams=True, size=TEAMS),
        Part(rows, shown.first, shown.total, shown.before, shown.after),
        replace(first, unsettled=False).query,
        replace(first, unsettled=True).query,
        replace(first, team="").query,
    )


def _line(report: Report) -> Line:
    return Line(
        report.environment,
        short(report.revision),
        _counted(word(each.sync) for each in report.workloads),
        _counted(word(each.health.state) for each in report.workloads),
        sum(not settled(each) for each in report.workloads),
        len(report.guards),
        report.error or _first_error(report),
    )


def _problem(each: Diagnostic) -> str:
    where = f"{line_of(each.place)}: " if each.place.path else ""
    return f"{where}{each.message} ({each.code.name})"


def _first_error(report: Report) -> str:
    """Of those that no workload tells of: an environment may have none because of it."""
    return next((_problem(each) for each in guard.beside(report) if each.is_error), "")


def _counted(words: Iterable[Word]) -> tuple[tuple[int, Word], ...]:
    """How many of each, in the order of their words."""
    numbers = Counter(words)
    return tuple((numbers[each], each) for each in sorted(numbers, key=lambda each: each.word))


def _row(environment: str, each: WorkloadReport, now: datetime, *, waits: bool) -> Row:
    return Row(
        workload_name(each.id),
        address(environment, each.id),
        kind_of(each.id),
        word(each.sync),
        word(each.health.state),
        age(each.since, now),
        why(replace(each, reason=REMOVED) if waits else each),
    )


def _guard(each: Guard, environment: str) -> list[str]:
    """Its lines; were there more, the last would still say how to go on."""
    lines = guard.lines(each, environment, LOOK, wrote=True)
    return lines if len(lines) <= LINES else [*lines[: LINES - 2], *lines[-2:]]


def _bars(report: Report) -> Bars | None:
    if report.limits is None:
        return None
    return bars(add(each.peak for each in report.workloads), report.limits.environment)


def _teams(report: Report, asked: Asked) -> list[Team]:
    """Those with unsettled workloads first."""
    of: dict[str, list[WorkloadReport]] = {}
    for each in report.workloads:
        of.setdefault(team_of(each.id), []).append(each)
    limits = report.limits.teams if report.limits else {}
    teams = [
        Team(
            name,
            replace(asked, team=name, part=1).query,
            sum(kind_of(each.id) != "Team" for each in workloads),
            sum(not settled(each) for each in workloads),
            bars(add(each.peak for each in workloads), limits.get(name, Limit(name))),
        )
        for name, workloads in of.items()
    ]
    return sorted(teams, key=lambda each: (not each.unsettled, each.name))
