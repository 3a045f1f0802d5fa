"""A cluster that came back from a backup: nothing is deleted and no run is started before a person has looked.

Its inventory is as old as itself. What was created since the backup is gone with its entry, what was deleted is back,
and a run that was started since is neither in the cluster nor in the ledger: it would be started again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from yardarm_reconciler.decide.guards import Confirmed, Guarded, make_guard
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import Guard

RESTORED = "restored"
WAITS = "the cluster was restored from a backup: this waits for a confirmation"


def guard_restored(todos: Iterable[Todo], since: str, environment: str, confirmed: Confirmed) -> Guarded:
    """Let deletions and new runs wait in a cluster that was found to be restored.

    ``since`` is when that was found out, empty where it was not; the yes to one restoration is no yes to the next.
    """
    if not since:
        return Guarded(tuple(todos), (), ())
    reason = "the cluster is older than it was seen before: it was restored from a backup"
    guard: Guard = make_guard(RESTORED, environment, [f"restored, seen {since}"], reason)
    if confirmed.covers(guard):
        return Guarded(tuple(todos), (), (guard,))
    held = (replace(todo, steps=tuple(map(_hold, todo.steps))) for todo in todos)
    return Guarded(tuple(held), (guard,), ())


def _hold(step: Step) -> Step:
    starts = step.verb is Verb.CREATE and step.run is not None
    return replace(step, verb=Verb.WAIT, reason=WAITS) if starts or step.verb is Verb.DELETE else step
