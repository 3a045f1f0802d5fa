"""Devices and money at their peak against the limits: a table, or a list where the screen is too narrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.model.budget import TOTAL, Limit, Limits, Peak, Usage, add
from yardarm_reconciler.report.names import TEAM, workload_name
from yardarm_reconciler.report.text import Look, count, screen, width

BARS = (10, 5)
"""Cells of a bar: the widest with which the table fits is taken."""

MONEY = "per hour"
GAP = "   "
EXCEEDED = " EXCEEDED"


@dataclass(frozen=True, slots=True)
class Row:
    """Who holds what at its peak, of how much."""

    name: str
    peak: Peak
    limit: Limit
    owner: str = "team"

    @property
    def below(self) -> bool:
        """Whether it stands below its team, without bars."""
        return self.owner == "workload"


def lines(environment: str, limits: Limits, peaks: Mapping[str, Peak], look: Look) -> list[str]:
    """What the environment, and every team that takes devices, holds at its peak, of how much."""
    rows = [Row(environment, add(peaks.values()), limits.environment, "environment")]
    for team in sorted(limits.teams):
        peak = add(each for id_, each in peaks.items() if id_.split("/")[1] == team)
        if peak.total:
            rows.append(Row(team, peak, limits.teams[team]))
    return _table("DEVICES", rows, _columns(limits, ()), look)


def human(usages: Sequence[Usage], look: Look, team: str | None = None) -> str:
    """Every environment with its teams and their workloads; then whether all of it is within the limits."""
    shown: list[str] = []
    for usage in usages:
        rows = _rows(usage, team)
        columns = _columns(usage.limits, [row.peak for row in rows])
        shown += [*_table("DEVICES AT PEAK", rows, columns, look), *_uncounted(usage, look), ""]
    return screen([*shown, *_sum(usages, team, look)])


def concise(usages: Sequence[Usage], look: Look, team: str | None = None) -> str:
    """One line a number: environment, who, of what, used/limit."""
    return screen(
        [
            look.say(f"{usage.environment} {row.owner} {row.name} {name.replace(' ', '-')} {said}")
            for usage in usages
            for row in _rows(usage, team)
            for name in _columns(usage.limits, [row.peak])
            if (said := _cell(row, name, 0))
        ]
    )


def exceeded(usage: Usage, team: str | None = None) -> int:
    """How many limits are exceeded: of the environment, of teams, of single workloads."""
    return sum(
        _over(row.peak.amount(name), row.limit, name) if name != MONEY else _too_dear(row)
        for row in _rows(usage, team)
        for name in _columns(usage.limits, [row.peak])
    )


def _rows(usage: Usage, team: str | None) -> list[Row]:
    """The environment with all teams in it, then each team, or one of them, with its workloads."""
    limits = usage.limits
    rows = [Row(usage.environment, usage.sum, limits.environment, "environment")]
    for name, peaks in usage.by_team.items():
        if team in {None, name}:
            rows.append(Row(name, add(peaks.values()), limits.teams.get(name, Limit(name))))
            rows += [
                Row(workload_name(id_), peak, limits.per_workload, "workload") for id_, peak in peaks.items()
            ]
    return rows


def _columns(limits: Limits, peaks: Iterable[Peak]) -> Sequence[str]:
    """Every class that anybody may have or does have, then the sum of all classes, then money."""
    named: set[str] = set(limits.environment.devices) | set(limits.per_workload.devices)
    for each in limits.teams.values():
        named |= set(each.devices)
    for peak in peaks:
        named |= set(peak.devices)
    return [*sorted(named - {TOTAL}), *([TOTAL] if TOTAL in named else []), MONEY]


def _table(title: str, rows: Sequence[Row], columns: Sequence[str], look: Look) -> list[str]:
    """A line an owner; columns that say nothing are left out."""
    told = [name for name in columns if any(_cell(row, name, 1) for row in rows)]
    if not told:
        return []
    header = [f"  {title}", *map(look.say, told)]
    for cells in BARS:
        table = [header, *([_name(row, look), *_cells(row, told, cells, look)] for row in rows)]
        wide = [max(map(width, column)) for column in zip(*table, strict=True)]
        if sum(wide) + len(GAP) * len(told) <= look.columns:
            return [GAP.join(map(look.pad, line, wide)).rstrip() for line in table]
    return [f"  {title}", *(line for row in rows for line in _listed(row, told, look))]


def _name(row: Row, look: Look) -> str:
    return look.keep_indent(f"    {row.name}" if row.below else f"  {row.name}")


def _cells(row: Row, columns: Sequence[str], cells: int, look: Look) -> list[str]:
    return [look.say(_cell(row, name, cells)) for name in columns]


def _cell(row: Row, name: str, cells: int) -> str:
    """``████████░░ 12/16``; only the number where nothing limits it; nothing where there is nothing to tell."""
    if name == MONEY:
        most = row.limit.cost_per_hour
        over = EXCEEDED if _too_dear(row) else ""
        return f"{row.peak.cost_per_hour:.2f}" + (f"/{most:.2f}{over}" if most is not None else "")
    used = row.peak.amount(name)
    if name not in row.limit.devices or (row.below and not used):
        return str(used) if used else ""
    most_devices = row.limit.devices[name][0]
    over = EXCEEDED if _over(used, row.limit, name) else ""
    bar = "" if row.below or not cells else f"{_bar(used, most_devices, cells)} "
    return f"{bar}{used}/{most_devices}{over}"


def _bar(used: int, most: int, cells: int) -> str:
    filled = cells if used >= most else max(used > 0, used * cells // most)
    return "█" * filled + "░" * (cells - filled)


def _over(used: int, limit: Limit, name: str) -> bool:
    return name in limit.devices and used > limit.devices[name][0]


def _too_dear(row: Row) -> bool:
    most = row.limit.cost_per_hour
    return most is not None and row.peak.cost_per_hour > most


def _listed(row: Row, columns: Sequence[str], look: Look) -> list[str]:
    """One owner below the other, one fact a line."""
    facts: Mapping[str, str] = {name: _cell(row, name, BARS[-1]) for name in columns}
    indent = " " * (6 if row.below else 4)
    return [
        _name(row, look),
        *(f"{indent}{look.say(f'{name} {fact}')}" for name, fact in facts.items() if fact),
    ]


def _uncounted(usage: Usage, look: Look) -> list[str]:
    """What the numbers leave out."""
    all_ = sum(not id_.startswith(TEAM) for id_ in usage.peaks)
    idle = all_ - sum(map(len, usage.by_team.values()))
    notes = [f"{count(idle, 'workload')} without accelerators"] if idle else []
    if usage.uncounted:
        names = ", ".join(map(workload_name, usage.uncounted))
        notes.append(f"not counted, because invalid: {names}")
    return [line for note in notes for line in look.indented(look.say(note), 2)]


def _sum(usages: Sequence[Usage], team: str | None, look: Look) -> list[str]:
    over = sum(exceeded(usage, team) for usage in usages)
    uncounted = sum(len(usage.uncounted) for usage in usages)
    if over:
        mark, colour, line = "✗", "red", f"{count(over, 'limit')} exceeded"
    else:
        mark, colour, line = "✓", "green", "within every limit"
    if uncounted:
        mark, colour = "✗", "red"
        line += f" · {count(uncounted, 'workload')} not counted"
    return look.indented(look.say(line), 2, f"{look.paint(colour, look.say(mark))} ")
