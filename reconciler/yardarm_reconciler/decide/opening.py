"""What serves waits until what it serves has been fetched: runs that open the way for the rest of their workload.

A pod that waited by itself would hold its devices meanwhile, and where there is no room for a second one it would have
taken the place of a pod that served. So the old pods go on serving until all is there. What drifted of them is
repaired: only what is new waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from yardarm_reconciler.decide.order import WORKLOADS, stage
from yardarm_reconciler.decide.steps import WRITES, Step, Todo, Verb
from yardarm_reconciler.inventory.records import RunState
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.workload import RunIntent


def unopened(todo: Todo) -> tuple[RunIntent, ...]:
    """The runs that the rest of a workload waits for: asked for, and not known to have done what they are for."""
    runs = todo.record.runs if todo.record else ()
    done = {run.id for run in runs if run.state is RunState.SUCCEEDED} - _done_again(todo)
    asked = todo.wanted.workload.runs if todo.wanted else ()
    return tuple(intent for intent in asked if intent.opens and intent.id not in done)


def behind(key: Key) -> bool:
    """Whether an object comes after such runs: what runs pods, what scales it, and what leads requests there."""
    return stage(key) >= WORKLOADS


def until_open(todos: Iterable[Todo]) -> tuple[Todo, ...]:
    """The to-dos in which what serves, and the removal of what it replaces, waits for the runs that open the way."""
    return tuple(_until_open(todo) for todo in todos)


def _until_open(todo: Todo) -> Todo:
    missing = unopened(todo)
    if not missing:
        return todo
    again = _done_again(todo)
    stale = frozenset(intent.fills for intent in missing if intent.fills is not None and intent.id in again)
    reason = f"waits until fetched: {', '.join(intent.step or intent.key.name for intent in missing)}"
    return replace(todo, steps=tuple(_hold(step, stale, reason) for step in todo.steps))


def _done_again(todo: Todo) -> frozenset[str]:
    """Ids of runs that are over and begin anew once the object, whose name they need, is gone."""
    leaving = (step.run for step in todo.steps if step.run and step.verb in {Verb.DELETE, Verb.WAIT})
    return frozenset(run.id for run in leaving if run.state.over)


def _hold(step: Step, stale: frozenset[Key], reason: str) -> Step:
    if step.key in stale and step.verb in {Verb.CREATE, Verb.WAIT}:
        # Made before its run is known to begin anew, it would pass for what that run has filled; and where it is going,
        # it is waited for beside the deletion of the Job that keeps it.
        return replace(step, verb=Verb.WAIT, reason="waits until it can be filled anew", pending=True)
    if step.run is not None or step.verb not in WRITES:
        return step
    if step.cause is Cause.DRIFT or not (step.verb is Verb.DELETE or behind(step.key)):
        return step
    return replace(step, verb=Verb.WAIT, reason=reason, pending=True)
