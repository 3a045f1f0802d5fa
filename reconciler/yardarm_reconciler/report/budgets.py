"""Devices and money at their peak against the limits: a table, or a list where the screen is too narrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yardarm_reconciler.model.budget import TOTAL, Limit, Limits, Peak, add
from yardarm_reconciler.model.change import WorkloadReport
from yardarm_reconciler.report.text import Look, width

BARS = (10, 5)
"""Cells of a bar: the widest with which the table fits is taken."""

MONEY = "per hour"
GAP = "   "


def lines(environment: str, limits: Limits, workloads: Sequence[WorkloadReport], look: Look) -> list[str]:
    """What the environment, and every team that takes devices, holds at its peak, of how much."""
    rows = _rows(environment, limits, workloads)
    columns = [name for name in _columns(limits) if any(_cell(*row[1:], name, 1) for row in rows)]
    if not columns:
        return []
    header = ["  DEVICES", *map(look.say, columns)]
    for cells in BARS:
        table = [header, *([look.say(f"  {row[0]}"), *_cells(row, columns, cells, look)] for row in rows)]
        wide = [max(map(width, column)) for column in zip(*table, strict=True)]
        if sum(wide) + len(GAP) * len(columns) <= look.columns:
            return [GAP.join(map(look.pad, line, wide)).rstrip() for line in table]
    return ["  DEVICES", *(line for row in rows for line in _listed(row, columns, look))]


Row = tuple[str, Peak, Limit]


def _rows(environment: str, limits: Limits, workloads: Sequence[WorkloadReport]) -> list[Row]:
    rows = [(environment, add(each.peak for each in workloads), limits.environment)]
    for team in sorted(limits.teams):
        peak = add(each.peak for each in workloads if each.id.split("/")[1] == team)
        if peak.total:
            rows.append((team, peak, limits.teams[team]))
    return rows


def _columns(limits: Limits) -> Sequence[str]:
    """Every class that anybody may have, then the sum of all classes, then money."""
    named: set[str] = set(limits.environment.devices)
    for each in limits.teams.values():
        named |= set(each.devices)
    return [*sorted(named - {TOTAL}), *([TOTAL] if TOTAL in named else []), MONEY]


def _cells(row: Row, columns: Sequence[str], cells: int, look: Look) -> list[str]:
    return [look.say(_cell(row[1], row[2], name, cells)) for name in columns]


def _cell(peak: Peak, limit: Limit, name: str, cells: int) -> str:
    """``████████░░ 12/16``; only the number where nothing limits it; nothing where there is nothing to tell."""
    if name == MONEY:
        most = limit.cost_per_hour
        return f"{peak.cost_per_hour:.2f}" + (f"/{most:.2f}" if most is not None else "")
    used = peak.amount(name)
    if name not in limit.devices:
        return str(used) if used else ""
    most_devices = limit.devices[name][0]
    filled = cells if used >= most_devices else max(used > 0, used * cells // most_devices)
    over = " EXCEEDED" if used > most_devices else ""
    return f"{'█' * filled}{'░' * (cells - filled)} {used}/{most_devices}{over}"


def _listed(row: Row, columns: Sequence[str], look: Look) -> list[str]:
    """One owner below the other, one fact a line."""
    facts: Mapping[str, str] = {name: _cell(row[1], row[2], name, BARS[-1]) for name in columns}
    return [
        look.say(f"  {row[0]}"),
        *(look.say(f"    {name} {fact}") for name, fact in facts.items() if fact),
    ]
