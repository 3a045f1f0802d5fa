"""Which revision an environment follows now, and what may be done meanwhile: gates, with the time passed in.

Two sets of them. What would *advance* to another revision passes suspension, pin, signature, rejection, waves and
windows; what *repairs* to the revision that is followed passes suspension and ``sync.mode`` alone. Removals are
advances, and pass the guards besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from yardarm_reconciler.decide.guards import Confirmed, make_guard
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.decide.windows import shut
from yardarm_reconciler.inventory.records import UNIT, Order, Parent
from yardarm_reconciler.model.change import Cause, Guard
from yardarm_reconciler.ports import Ancestry
from yardarm_schema.sync import Window

SHORT = 7
"""Characters of a commit id in a sentence, as git shows it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What a revision waits for in another environment: ``until`` is when it has soaked, where that is known."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A revision that could be followed: why its signature does not count, and what its changes wait for."""

    unsigned: str = ""
    wave: Wait | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates look at.

    ``current`` is the revision that is followed, empty where there is none yet. ``ahead`` are the revisions after it,
    the newest first, as far as history is known; it is never empty unless the newest is followed.
    ``behind`` counts them, None where that is not known. ``continues`` tells whether the newest continues the
    current one, and ``linear`` that it must.
    """

    environment: str
    newest: str
    current: str
    ahead: Sequence[str] = ()
    behind: int | None = None
    continues: Ancestry = Ancestry.UNKNOWN
    linear: bool = False
    windows: Sequence[Window] = ()
    confirmed: Confirmed = field(default_factory=Confirmed)


@dataclass(frozen=True, slots=True)
class Way:
    """What the gates say.

    ``revision`` is what to follow, empty where nothing may be followed yet. ``line`` says in one line why that is not
    the newest; empty where it is. ``unpruned`` says why nothing may be removed, and ``frozen`` why nothing may be written;
    ``left_alone`` are workloads that nobody may touch, each with the reason. ``order`` names who sent it here, where
    a person did. ``guard`` is what a person can confirm to go on at once.
    """

    revision: str
    line: str = ""
    unpruned: str = ""
    frozen: str = ""
    left_alone: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    guard: Guard | None = None

    @property
    def orders(self) -> tuple[object, ...]:
        """All that decides what a pass may do: where it changes, another pass is due."""
        return self.revision, self.unpruned, self.frozen, dict(self.left_alone)


def way(facts: Facts, parent: Parent | None, look: Callable[[str], Candidate], now: datetime) -> Way:
    """Choose the revision to follow.

    Args:
        facts: about the revisions.
        parent: the orders that people left in the inventory, and the history.
        look: judges one revision; asked only where its answer matters.
        now: aware.
    """
    alone = {id_: f"suspended by {order}" for id_, order in (parent.suspended if parent else {}).items()}
    unit = alone.pop(UNIT, "")
    if unit:
        found = replace(_stays(facts, unit), line=_line(facts, unit), frozen=unit, unpruned=unit)
    elif parent is not None and parent.pin is not None:
        found = _pinned(facts, parent.pin.revision, parent.pin.order, look)
    else:
        found = _free(facts, parent, look, now)
    return replace(found, left_alone=alone)


def _pinned(facts: Facts, pin: str, order: Order, look: Callable[[str], Candidate]) -> Way:
    """To the revision that a person named, whatever windows and waves say; but only where its signature counts."""
    said = f"pinned to {_short(pin)} by {order}"
    unsigned = look(pin).unsigned if pin != facts.current else ""
    if unsigned:
        return _stays(facts, f"{said}, but {unsigned}")
    return Way(pin, _line(facts, said) if pin != facts.newest else said, order=said)


def _free(facts: Facts, parent: Parent | None, look: Callable[[str], Candidate], now: datetime) -> Way:
    """The way of a unit that nobody holds."""
    rejected = parent.rejected if parent else {}
    closed = shut(facts.windows, now)
    closing = _opening(closed.opens, now) if closed else ""
    guard = make_guard("advance", facts.environment, [facts.newest], "it is waited for")
    override = facts.confirmed.covers(guard)
    if facts.newest == facts.current and facts.current not in rejected:
        return Way(facts.current, unpruned=closing)
    target, wait = _best(facts, rejected, look, override=override)
    override = override and target == facts.newest
    goes = target and (override or not closing)
    if not goes and facts.current in rejected and (back := _last_good(parent)):
        said = f"{_short(facts.current)} is rejected by {rejected[facts.current]}"
        return Way(back, f"{said}: back at {_short(back)}", order=said)
    if not goes:
        opens = closed.opens if closed else now
        overridable = guard if wait is None or wait.overridable else None
        why = ", then ".join(_parts(closing, wait, opens, now))
        return replace(_stays(facts, why), unpruned=closing, guard=overridable)
    if target == facts.newest or wait is None:
        word = "history was rewritten" if facts.continues is Ancestry.NO else ""
        return Way(target, word, order=f"confirmed ({guard.digest[:12]})" if override else "")
    left = facts.ahead.index(target)
    line = f"behind by {left}: {', then '.join(_parts('', wait, now, now))}"
    return Way(target, line, guard=guard if wait.overridable else None)


@dataclass(frozen=True, slots=True)
class _No:
    """Why a revision is not followed; ``overridable`` where a person may say that it shall be."""

    reason: str
    until: datetime | None = None
    overridable: bool = False


def _best(
    facts: Facts, rejected: Mapping[str, Order], look: Callable[[str], Candidate], *, override: bool
) -> tuple[str, _No | None]:
    """The newest revision that nothing speaks against, and what speaks against the newest: it may be none at all."""
    if facts.linear and facts.current and facts.continues is not Ancestry.YES and not override:
        said = "was rewritten" if facts.continues is Ancestry.NO else "cannot be proven to continue"
        return "", _No(f"history {said}, which is refused here", overridable=True)
    first: _No | None = None
    soonest: _No | None = None
    for revision in facts.ahead or (facts.newest,):
        no = _against(revision, rejected, look, override=override and revision == facts.newest)
        if no is None:
            return revision, first
        first = first or no
        if no.until and (soonest is None or soonest.until is None or no.until < soonest.until):
            soonest = no
    return "", soonest or first


def _against(
    revision: str, rejected: Mapping[str, Order], look: Callable[[str], Candidate], *, override: bool
) -> _No | None:
    if revision in rejected:
        return _No(f"{_short(revision)} is rejected by {rejected[revision]}")
    candidate = look(revision)
    if candidate.unsigned:
        return _No(candidate.unsigned)
    if candidate.wave is None or override:
        return None
    return _No(candidate.wave.reason, candidate.wave.until, overridable=True)


def _stays(facts: Facts, why: str) -> Way:
    """At the revision that is followed."""
    return Way(facts.current, _line(facts, why))


def _line(facts: Facts, why: str) -> str:
    """``behind by 3: …``; without a number where history is not known, and without more where nothing is behind."""
    if facts.newest == facts.current:
        return why
    if not facts.current:
        return f"nothing is followed yet: {why}"
    return f"behind by {facts.behind}: {why}" if facts.behind else f"not at {_short(facts.newest)}: {why}"


def _parts(closing: str, wait: _No | None, opens: datetime | None, now: datetime) -> Iterator[str]:
    """What is waited for, one after the other: ``window opens 22:00 Europe/Berlin``, ``soak 12m``."""
    if closing:
        yield closing
    if wait is None:
        return
    if wait.until is None:
        yield wait.reason
    elif opens is not None and wait.until > opens:
        yield f"soak {span(wait.until - max(opens, now))}"


def _last_good(parent: Parent | None) -> str:
    """The latest revision of the history that is not rejected."""
    if parent is None:
        return ""
    past = (str(each["revision"]) for each in reversed(parent.history))
    return next((revision for revision in past if revision not in parent.rejected), "")


def _opening(opens: datetime | None, now: datetime) -> str:
    """``window opens 22:00 Europe/Berlin``: the day is named where it is not within the next."""
    if opens is None:
        return "no window opens"
    left = opens - now
    form = (
        "%H:%M" if left < timedelta(days=1) else "%a %H:%M" if left < timedelta(days=6) else "%Y-%m-%d %H:%M"
    )
    return f"window opens {opens.strftime(form)} {opens.tzinfo}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units, rounded up to the minute: ``2d3h``, ``1h5m``, ``12m``."""
    minutes = max(1, -(-int(length.total_seconds()) // 60))
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{number}{unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if number]
    return "".join(parts[:2])


def _short(revision: str) -> str:
    return revision[:SHORT]


def report_drift_only(todos: Iterable[Todo]) -> tuple[Todo, ...]:
    """For ``sync.mode: apply``: what git changed goes out, what live changed is only reported."""
    return tuple(replace(todo, steps=tuple(_drift_waits(step) for step in todo.steps)) for todo in todos)


def _drift_waits(step: Step) -> Step:
    if step.cause is not Cause.DRIFT or step.verb not in {Verb.CREATE, Verb.UPDATE}:
        return step
    return replace(step, verb=Verb.WAIT, reason="drifted; sync.mode apply does not repair")


def keep_removed(todos: Iterable[Todo], why: str) -> tuple[Todo, ...]:
    """Let nothing that git no longer has be deleted while an advance gate is shut, which ``why`` tells.

    Runs, and objects that a workload replaces, are no removals.
    """
    if not why:
        return tuple(todos)
    return tuple(todo if todo.wanted else _waiting(todo, {Verb.DELETE}, why) for todo in todos)


def leave_alone(todos: Iterable[Todo], suspended: Mapping[str, str]) -> tuple[Todo, ...]:
    """Write nothing for the workloads that a person has suspended; what would be done is still reported."""
    writing = {Verb.CREATE, Verb.UPDATE, Verb.DELETE}
    return tuple(
        _waiting(todo, writing, suspended[todo.id]) if todo.id in suspended else todo for todo in todos
    )


def _waiting(todo: Todo, verbs: Iterable[Verb], why: str) -> Todo:
    steps = tuple(
        replace(step, verb=Verb.WAIT, reason=why) if step.verb in verbs else step for step in todo.steps
    )
    return replace(todo, steps=steps)
