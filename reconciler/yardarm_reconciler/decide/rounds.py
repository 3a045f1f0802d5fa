"""Rounds: once a day, and when the API server has changed, every object is tried out, slowly.

Admission, defaults and conversion are the server's own and may change while nothing of ours does: an object that is as
our last apply left it need not be what the next one would make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key

DAY = 24 * 3600.0
PER_SECOND = 5.0
MOST = 150
"""Tried out in one pass at most: what is urgent waits for them."""


@dataclass(slots=True)
class Rounds:
    """What is left of the round that is under way, and when the next one begins.

    ``signature`` is of the server that the last round was for; times are seconds of a monotonic clock.
    """

    signature: str = ""
    due: float | None = None
    pending: tuple[Key, ...] = ()
    looked: float = 0.0

    def take(self, signature: str, keys: Callable[[], Iterable[Key]], now: float) -> frozenset[Key]:
        """The objects whose turn it is in this pass; none where nothing tells of the server."""
        if not signature:
            return frozenset()
        if self.due is None:
            self.signature, self.due, self.looked = signature, now + DAY, now
        if now >= self.due or signature != self.signature:
            self.signature, self.due = signature, now + DAY
            self.pending = tuple(sorted(keys()))
        number = max(1, min(MOST, round((now - self.looked) * PER_SECOND)))
        self.looked = now
        taken, self.pending = self.pending[:number], self.pending[number:]
        return frozenset(taken)


def kept(todos: Iterable[Todo]) -> list[Key]:
    """Objects that are as our last apply left them; runs are the cluster's own."""
    return [step.key for todo in todos if not todo.blocked for step in todo.steps if _is_kept(step)]


def tried_out(todos: Iterable[Todo], turn: AbstractSet[Key]) -> tuple[Todo, ...]:
    """The to-dos with a change tried of each object whose turn it is: one that comes to nothing is none."""
    if not turn:
        return tuple(todos)
    return tuple(replace(todo, steps=tuple(_try(step, turn) for step in todo.steps)) for todo in todos)


def _try(step: Step, turn: AbstractSet[Key]) -> Step:
    if step.key not in turn or not _is_kept(step):
        return step
    return replace(step, verb=Verb.UPDATE, cause=Cause.DRIFT)


def _is_kept(step: Step) -> bool:
    whole = step.manifest is not None and step.seen is not None and step.entry is not None
    return step.verb is Verb.KEEP and whole and step.run is None
