"""Devices and money of a plan: before, after, and of how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from yardarm_reconciler.model.budget import TOTAL
from yardarm_reconciler.model.change import Action
from yardarm_reconciler.model.plan import EnvironmentPlan, Holding, Plan
from yardarm_reconciler.report.names import SUM_ORDER
from yardarm_reconciler.report.text import Look, width

GAP = "   "

UNKNOWN = "?"
"""Stands for a number of the base that is not known."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of one owner as text: ``what`` is an accelerator class, all devices together, or empty for money."""

    what: str
    before: str
    after: str
    limit_before: str
    limit: str
    exceeded: bool

    @property
    def differs(self) -> bool:
        """Whether the change moves it, or what it may be."""
        if self.before == UNKNOWN and not float(self.after):
            return False
        return self.before != self.after or self.limit_before != self.limit

    def __str__(self) -> str:
        """Give ``h100-80gb 8 → 16 of 12``, with both limits where those differ too."""
        said = f"{self.before} → {self.after}" if self.before != self.after else self.after
        if self.limit_before != self.limit:
            said += f" of {self.limit_before or 'any'} → {self.limit or 'any'}"
        elif self.limit:
            said += f" of {self.limit}"
        return f"{self.what} {said}".lstrip() + (" EXCEEDED" if self.exceeded else "")


def devices(held: Holding) -> tuple[Number, ...]:
    """By class, then of all classes together where that is limited."""
    named = {*held.before.devices, *held.after.devices, *held.limit_before.devices, *held.limit.devices}
    ordered = [*sorted(named - {TOTAL}), *([TOTAL] if TOTAL in named else [])]
    return tuple(_devices(held, name) for name in ordered)


def _devices(held: Holding, name: str) -> Number:
    before, after = (limit.devices.get(name) for limit in (held.limit_before, held.limit))
    used = held.after.amount(name)
    return Number(
        name,
        UNKNOWN if held.partial else str(held.before.amount(name)),
        str(used),
        str(before[0]) if before else "",
        str(after[0]) if after else "",
        after is not None and used > after[0],
    )


def money(held: Holding) -> Number:
    """What it costs in an hour."""
    most = held.limit.cost_per_hour
    return Number(
        "",
        UNKNOWN if held.partial else _money(held.before.cost_per_hour),
        _money(held.after.cost_per_hour),
        _money(held.limit_before.cost_per_hour),
        _money(most),
        most is not None and held.after.cost_per_hour > most,
    )


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:.2f}"


def notable(held: Holding) -> tuple[list[Number], Number | None]:
    """What of somebody's devices and money changes or is exceeded."""
    paid = money(held)
    return (
        [each for each in devices(held) if each.differs or each.exceeded],
        paid if paid.differs or paid.exceeded else None,
    )


def owners(environment: EnvironmentPlan) -> Iterator[tuple[str, Holding]]:
    """The environment, then the teams in it of whom there is something to tell; the team's name with each."""
    if environment.environment is not None:
        yield "", environment.environment
    for team in environment.teams:
        numbers, paid = notable(team)
        if numbers or paid:
            yield team.owner, team


def table(plan: Plan, look: Look) -> list[str]:
    """A table of objects, devices and money; below one another where the screen is too narrow."""
    rows = [row for each in plan.environments for row in _rows(each)]
    if not rows:
        return []
    header = ("", "objects", "devices at peak", "money an hour at peak")
    said = [[look.keep_indent(cell) for cell in row] for row in (header, *rows)]
    wide = [max(map(width, column)) for column in zip(*said, strict=True)]
    if sum(wide) + len(GAP) * (len(wide) - 1) <= look.columns:
        return [GAP.join(map(look.pad, row, wide)).rstrip() for row in said]
    return [line for name, *cells in said[1:] for line in _below(name, cells)]


def _below(name: str, cells: Sequence[str]) -> Iterator[str]:
    if name:
        yield name
    yield from (f"    {cell}" for cell in cells if cell)


def _rows(environment: EnvironmentPlan) -> Iterator[tuple[str, ...]]:
    """A line for each number that changes: first the environment's, then those of its teams."""
    objects, told = ", ".join(counted(environment)), list(owners(environment))
    if not objects and all(notable(held) == ([], None) for _, held in told):
        return
    for team, held in told:
        yield from _lines(f"  {team}" if team else environment.name, [] if team else [objects], held)


def _lines(name: str, objects: Sequence[str], held: Holding) -> Iterator[tuple[str, ...]]:
    numbers, paid = notable(held)
    columns = (objects, [str(each) for each in numbers], [str(paid)] if paid else [])
    for cells in zip_longest(*columns, fillvalue=""):
        yield (name, *cells)
        name = ""


def counted(environment: EnvironmentPlan) -> list[str]:
    """``1 created``, ``2 configured``: what would happen to objects, without what stays as it is."""
    numbers = ((action, environment.count(action)) for action in SUM_ORDER if action is not Action.UNCHANGED)
    return [f"{number} {action}" for action, number in numbers if number]
