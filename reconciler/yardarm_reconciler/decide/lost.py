"""Claims that are gone with their data: made anew they are empty, and whoever mounts them must not find out by itself.

It happens with a namespace that somebody deletes: all else in it comes back, these wait. A claim that a run fills
again by itself does not: nothing is lost in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from yardarm_reconciler.decide.guards import Confirmed, Guarded, make_guard
from yardarm_reconciler.decide.steps import WRITES, Step, Todo, Verb

LOST = "lost"
CLAIM = "PersistentVolumeClaim"


def guard_lost(todos: Sequence[Todo], environment: str, confirmed: Confirmed) -> Guarded:
    """Hold workloads of which a claim is gone that they had: as a whole, until a person has said yes to just them."""
    keys = [str(step.key) for todo in todos for step in _lost(todo)]
    if not keys:
        return Guarded(tuple(todos), (), ())
    noun = "claim is" if len(keys) == 1 else "claims are"
    guard = make_guard(LOST, environment, keys, f"{len(keys)} {noun} gone, with the data")
    if confirmed.covers(guard):
        return Guarded(tuple(todos), (), (guard,))
    held = (replace(todo, steps=_hold(todo)) for todo in todos)
    return Guarded(tuple(held), (guard,), ())


def _lost(todo: Todo) -> list[Step]:
    """The steps that would make a claim anew that was there before, with what was in it."""
    filled = {intent.fills for intent in todo.wanted.workload.runs} if todo.wanted else set()
    return [step for step in todo.steps if _makes_anew(step) and step.key not in filled]


def _makes_anew(step: Step) -> bool:
    had = step.entry is not None and bool(step.entry.uid)
    return step.verb is Verb.CREATE and step.key.kind == CLAIM and had


def _hold(todo: Todo) -> tuple[Step, ...]:
    lost = next((step.key.name for step in _lost(todo)), "")
    if not lost:
        return todo.steps
    reason = f"claim {lost} is gone, with its data: this waits for a confirmation"
    return tuple(
        replace(step, verb=Verb.WAIT, reason=reason) if step.verb in WRITES else step for step in todo.steps
    )
