"""Fights: an object that somebody else changes back is repaired ever less often, and that is said.

Without this two programs that want different things of one field would write as fast as the API server allows.
A repair weighs one, and half as much every ten minutes; the first few go out at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key

HALF_LIFE = 600.0
"""Seconds in which the weight of repairs halves: a person who edits now and then fights nobody."""

FREE = 3.0
"""Up to this weight a repair goes out at once."""

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
"""Seconds between repairs beyond that; doubled with each."""

REPAIRS = frozenset({Verb.CREATE, Verb.UPDATE})


@dataclass(frozen=True, slots=True)
class Fight:
    """How much an object was repaired lately: ``weight`` as of ``at``, in seconds of a monotonic clock."""

    weight: float
    at: float

    def now(self, now: float) -> float:
        """The weight that is left."""
        return self.weight * math.exp2((self.at - now) / HALF_LIFE)

    @property
    def until(self) -> float:
        """When it may be repaired again."""
        if self.weight < FREE:
            return self.at
        return self.at + min(LONGEST_PAUSE, FIRST_PAUSE * math.exp2(self.weight - FREE))


Fights: TypeAlias = Mapping[Key, Fight]


def calm(todos: Iterable[Todo], fights: Fights, now: float) -> tuple[Todo, ...]:
    """Let repairs of what is fought over wait."""
    if not any(fight.until > now for fight in fights.values()):
        return tuple(todos)
    return tuple(
        replace(todo, steps=tuple(_calm(step, fights, now) for step in todo.steps)) for todo in todos
    )


def after_repairs(fights: Fights, repaired: Iterable[Key], now: float) -> Fights:
    """The fights after a pass that repaired some objects; those that are over are forgotten."""
    left = {key: fight for key, fight in fights.items() if fight.now(now) > 1 / 8}
    for key in repaired:
        left[key] = Fight((left[key].now(now) if key in left else 0.0) + 1, now)
    return left


def _calm(step: Step, fights: Fights, now: float) -> Step:
    fight = fights.get(step.key)
    if fight is None or fight.until <= now or step.cause is not Cause.DRIFT or step.verb not in REPAIRS:
        return step
    who = (step.seen.writer if step.seen else "") or "somebody"
    return replace(step, verb=Verb.WAIT, reason=f"{who} changes it back each time: repaired ever more seldom")
