"""What a pass writes into the parent of the inventory: what it is about to do, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from yardarm_reconciler.decide.choice import Choice
from yardarm_reconciler.decide.guards import confirmation, current
from yardarm_reconciler.decide.recovering import INVENTORY, RESTORED
from yardarm_reconciler.inventory.records import Parent, Turn
from yardarm_reconciler.model.change import Guard

HISTORY = 50
"""Revisions that the inventory remembers."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a pass writes into the parent of the inventory: what it is about to do, and what it leaves behind."""

    revision: str
    renderer: str
    mode: str
    waiting: frozenset[str]
    granted: tuple[Guard, ...]
    choice: Choice
    order: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What must be known of a pass before its first write. ``order`` says who sent it to its revision, if a person did."""

    revision: str
    order: str
    waiting: frozenset[str]
    granted: tuple[Guard, ...]
    turn: Turn | None = None


def before_writes(parent: Parent, begun: Begun, now: datetime) -> Parent:
    """The parent before the first write of a pass."""
    moved = _moved(granting(parent, begun.granted, now), begun.revision, begun.order, now)
    return replace(moved, waiting_runs=tuple(sorted(begun.waiting)), turn=begun.turn)


def after_pass(parent: Parent, left: Left, now: datetime) -> Parent:
    """The parent after a pass; equal to the one before where nothing new happened."""
    held = {
        each.workload.id: parent.held.get(each.workload.id, left.revision)
        for each in left.choice.effective.wanted
        if each.held
    }
    granted = {guard.name for guard in left.granted}
    return replace(
        _moved(granting(parent, left.granted, now), left.revision, left.order, now),
        renderer=left.renderer,
        mode=left.mode,
        waiting_runs=tuple(sorted(left.waiting)),
        restored="" if RESTORED in granted else parent.restored,
        lost="" if INVENTORY in granted else parent.lost,
        held=held,
        turn=left.choice.turn,
    )


def _moved(parent: Parent, revision: str, order: str, now: datetime) -> Parent:
    """The parent at a revision; who sent it there is remembered where a person did."""
    if revision == parent.revision:
        return parent
    by = {"by": order} if order else {}
    new = {"revision": revision, "at": now.isoformat(), **by}
    return replace(parent, revision=revision, history=(*parent.history, new)[-HISTORY:])


def granting(parent: Parent, granted: Iterable[Guard], now: datetime) -> Parent:
    """The parent with the confirmations that count now: those of before, and those just found in git."""
    kept = current(parent.confirmations, now)
    known = {each.digest for each in kept}
    new = tuple(confirmation(guard, "git", now) for guard in granted if guard.digest not in known)
    return replace(parent, confirmations=(*kept, *new))
