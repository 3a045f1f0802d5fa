"""Claims that are gone with their data: made anew they are empty, and whoever mounts them must not find out by itself.

It happens with a namespace that somebody deletes: all else in it comes back, these wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from yardarm_reconciler.decide.guards import Confirmed, Guarded, make_guard
from yardarm_reconciler.decide.steps import WRITES, Step, Todo, Verb

LOST = "lost"
CLAIM = "PersistentVolumeClaim"


def guard_lost(todos: Sequence[Todo], environment: str, confirmed: Confirmed) -> Guarded:
    """Hold workloads of which a claim is gone that they had: as a whole, until a person has said yes to just them."""
    keys = [str(step.key) for todo in todos for step in todo.steps if _is_lost(step)]
    if not keys:
        return Guarded(tuple(todos), (), ())
    noun = "claim is" if len(keys) == 1 else "claims are"
    guard = make_guard(LOST, environment, keys, f"{len(keys)} {noun} gone, with the data")
    if confirmed.covers(guard):
        return Guarded(tuple(todos), (), (guard,))
    held = (replace(todo, steps=_hold(todo.steps)) for todo in todos)
    return Guarded(tuple(held), (guard,), ())


def _is_lost(step: Step) -> bool:
    """Whether it would make a claim anew that was there before."""
    had = step.entry is not None and bool(step.entry.uid)
    return step.verb is Verb.CREATE and step.key.kind == CLAIM and had


def _hold(steps: Iterable[Step]) -> tuple[Step, ...]:
    steps = tuple(steps)
    lost = next((step.key.name for step in steps if _is_lost(step)), "")
    if not lost:
        return steps
    reason = f"claim {lost} is gone, with its data: this waits for a confirmation"
    return tuple(
        replace(step, verb=Verb.WAIT, reason=reason) if step.verb in WRITES else step for step in steps
    )
