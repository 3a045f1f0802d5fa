"""When changes may go out: the environment's mode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import Cause


def report_drift_only(todos: Iterable[Todo]) -> tuple[Todo, ...]:
    """For ``sync.mode: apply``: what git changed goes out, what live changed is only reported."""
    return tuple(replace(todo, steps=tuple(_drift_waits(step) for step in todo.steps)) for todo in todos)


def _drift_waits(step: Step) -> Step:
    if step.cause is not Cause.DRIFT or step.verb not in {Verb.CREATE, Verb.UPDATE}:
        return step
    return replace(step, verb=Verb.WAIT, reason="drifted; sync.mode apply does not repair")
