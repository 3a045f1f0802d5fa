"""What a pass leaves behind in the parent of the inventory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from yardarm_reconciler.decide.choice import Choice
from yardarm_reconciler.decide.guards import confirmation, current
from yardarm_reconciler.decide.restored import RESTORED
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.model.change import Guard

HISTORY = 50
"""Revisions that the inventory remembers."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a pass leaves behind in the parent of the inventory."""

    revision: str
    renderer: str
    mode: str
    waiting: frozenset[str]
    granted: tuple[Guard, ...]
    choice: Choice


def after_pass(parent: Parent, left: Left, now: datetime) -> Parent:
    """The parent after a pass; equal to the one before where nothing new happened."""
    held = {
        each.workload.id: parent.held.get(each.workload.id, left.revision)
        for each in left.choice.effective.wanted
        if each.held
    }
    history = parent.history
    if left.revision != parent.revision:
        history = (*history, {"revision": left.revision, "at": now.isoformat()})[-HISTORY:]
    return replace(
        granting(parent, left.granted, now),
        revision=left.revision,
        renderer=left.renderer,
        mode=left.mode,
        waiting_runs=tuple(sorted(left.waiting)),
        restored="" if any(guard.name == RESTORED for guard in left.granted) else parent.restored,
        held=held,
        history=history,
    )


def granting(parent: Parent, granted: Iterable[Guard], now: datetime) -> Parent:
    """The parent with the confirmations that count now: those of before, and those just found in git."""
    kept = current(parent.confirmations, now)
    known = {each.digest for each in kept}
    new = tuple(confirmation(guard, "git", now) for guard in granted if guard.digest not in known)
    return replace(parent, confirmations=(*kept, *new))
