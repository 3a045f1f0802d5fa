"""What workloads cost at their peak, the dearest first: money an hour, and what that comes to in a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yardarm_reconciler.model.budget import Limit, Peak, Usage, add
from yardarm_reconciler.report.names import workload_name
from yardarm_reconciler.report.text import Look, screen, width

HOURS_A_MONTH = 730
"""A twelfth of a year, as clouds count it."""

HEADER = ("COST AT PEAK", "PER HOUR", "LIMIT", "PER MONTH", "DEVICES")
NUMBERS = frozenset({1, 2, 3})
"""Columns that are lined up at their right ends."""

FEWEST = 2
"""Columns that are always shown: who, and how much an hour."""

GAP = "   "

Row = tuple[str, Peak, Limit]


def human(usages: Sequence[Usage], look: Look, team: str | None = None) -> str:
    """A table for each environment: who pays how much for which devices, and what a device costs there."""
    shown: list[str] = []
    for usage in usages:
        shown += [*([""] if shown else []), *_table(_rows(usage, team), look), *_prices(usage, look)]
    return screen(shown)


def concise(usages: Sequence[Usage], look: Look, team: str | None = None) -> str:
    """One line an owner: environment, who, money an hour, the limit or a dash."""
    return screen(
        [
            look.say(f"{usage.environment} {name.strip()} {peak.cost_per_hour:.2f} {_limit(limit) or '-'}")
            for usage in usages
            for name, peak, limit in _rows(usage, team)
        ]
    )


def _rows(usage: Usage, team: str | None) -> list[Row]:
    """The environment with all teams in it, then teams and their workloads, the dearest first."""
    limits = usage.limits
    rows = [(f"  {usage.environment}", usage.sum, limits.environment)]
    teams = {name: add(peaks.values()) for name, peaks in usage.by_team.items() if team in {None, name}}
    for name in _dearest(teams):
        rows.append((f"  {name}", teams[name], limits.teams.get(name, Limit(name))))
        peaks = usage.by_team[name]
        rows += [(f"    {workload_name(id_)}", peaks[id_], Limit(id_)) for id_ in _dearest(peaks)]
    return rows


def _dearest(peaks: Mapping[str, Peak]) -> list[str]:
    return sorted(peaks, key=lambda name: (-peaks[name].cost_per_hour, name))


def _table(rows: Sequence[Row], look: Look) -> list[str]:
    """Columns lined up, as many from the left as the screen has room for."""
    table = [(f"  {HEADER[0]}", *HEADER[1:]), *(_cells(*row) for row in rows)]
    said = [[look.keep_indent(name), *map(look.say, cells)] for name, *cells in table]
    wide = [max(map(width, column)) for column in zip(*said, strict=True)]
    while len(wide) > FEWEST and sum(wide) + len(GAP) * (len(wide) - 1) > look.columns:
        wide.pop()
    return [_line(cells, wide, look) for cells in said]


def _line(cells: Sequence[str], wide: Sequence[int], look: Look) -> str:
    parts = [
        " " * (columns - width(cell)) + cell if number in NUMBERS else look.pad(cell, columns)
        for number, (cell, columns) in enumerate(zip(cells, wide, strict=False))
    ]
    return GAP.join(parts).rstrip()


def _cells(name: str, peak: Peak, limit: Limit) -> tuple[str, ...]:
    month = peak.cost_per_hour * HOURS_A_MONTH
    over = limit.cost_per_hour is not None and peak.cost_per_hour > limit.cost_per_hour
    devices = ", ".join(
        f"{number} {class_name}" for class_name, number in sorted(peak.devices.items()) if number
    )
    most = f"{_limit(limit)} EXCEEDED" if over else _limit(limit)
    return name, f"{peak.cost_per_hour:.2f}", most, f"{month:,.2f}", devices


def _limit(limit: Limit) -> str:
    return "" if limit.cost_per_hour is None else f"{limit.cost_per_hour:.2f}"


def _prices(usage: Usage, look: Look) -> list[str]:
    known = ", ".join(f"{name} {price:.2f}" for name, price in sorted(usage.prices.items()))
    return look.indented(look.say(f"a device costs an hour: {known}"), 4, "  ") if known else []
