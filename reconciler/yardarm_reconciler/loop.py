"""Units, each on its own: poll, reconcile, wait; back off where the world does not answer. Units share no fate."""

from __future__ import annotations

import enum
import logging
import math
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from yardarm_reconciler.follow import WELL, Before, Followed, Follower, Revisions, make_pass, told, unbound
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.view import Footing
from yardarm_reconciler.model.change import Action, Report
from yardarm_reconciler.model.origin import FencedError, HeldElsewhereError, TransientError, UserError
from yardarm_reconciler.model.trace import without_values
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.ports import Source

LOG = logging.getLogger(__name__)

JITTER = 0.1
"""Each wait is up to a tenth shorter or longer, so that many units do not poll in step."""

FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 300.0
"""Seconds; doubled with every failure in a row, drawn between half and all of it."""


COALESCE = 0.05
"""Seconds after the first event in which more may come: a namespace that goes brings hundreds."""

HEALTH_EVERY = 1.0
"""Seconds between passes for the sake of health alone: a rollout changes many a status."""

SOON = 5.0
"""Seconds after a failed pass in which events wake nobody: a cluster that flaps must not be asked without end."""

REST = 300.0
"""Seconds after which a pass is made though nothing has happened: some things change with time alone."""

LONGEST_PASS = 900.0
"""Seconds that a pass may take before the program is taken for stuck: a cluster is filled in a tenth of that."""

IDLE = frozenset({Action.UNCHANGED, Action.HELD})


class Session(Protocol):
    """A unit's cluster: opened for each pass, closed when the last one is over."""

    def __call__(self, pool: Executor) -> AbstractContextManager[tuple[Live, Journal]]:
        """Open it: the cluster as it is, and the journal of the unit's inventory in it.

        Raises:
            TransientError: it does not answer.
            UserError: it is not what it should be.
            FencedError: another process has it.
        """

    def checked(self) -> datetime | None:
        """When the process that runs last looked at it; None where nobody notes that.

        Raises:
            TransientError: it does not answer.
        """

    def close(self) -> None:
        """Let go of all that is held between passes."""


class Bell:
    """Wakes a unit, from any thread: its source may have something new, or something has happened in its cluster."""

    def __init__(self) -> None:
        self._rung = threading.Event()
        self._source = False
        self._expected = math.inf

    def ring(self) -> None:
        """Look at the source now."""
        self._source = True
        self._rung.set()

    def stir(self) -> None:
        """Look at the cluster now."""
        self._rung.set()

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, or so long."""
        self._rung.wait(max(0.0, seconds))

    def expect(self, at: float) -> None:
        """Say when the unit will be back at the latest, in seconds of its clock."""
        self._expected = at

    def late(self, now: float) -> float:
        """For how many seconds the unit should have been back; none or fewer where it need not yet."""
        return now - self._expected

    def answer(self) -> tuple[bool, bool]:
        """Begin to look; whether it was rung for the source, and whether at all."""
        rung = self._rung.is_set()
        self._rung.clear()
        source, self._source = self._source, False
        return source, rung


@dataclass(frozen=True, slots=True)
class Binding:
    """A unit with what it is bound to. ``interval`` is in seconds; ``before`` reads other environments for waves."""

    unit: Unit
    source: Source
    session: Session
    interval: float
    bell: Bell = field(default_factory=Bell)
    before: Before = unbound

    def follower(self, machinery: Machinery, revisions: Revisions) -> Follower:
        """Finds the revision of the unit."""
        return Follower(self.unit, self.source, machinery, revisions, self.before)


@dataclass(slots=True)
class Memory:
    """What a unit carries from one pass to the next.

    ``failures`` counts those in a row; ``report``, ``followed``, ``footing`` and ``ended`` are of the last pass that was
    made in full.
    """

    revisions: Revisions = field(default_factory=Revisions)
    git_error: str = ""
    failures: int = 0
    report: Report | None = None
    followed: Followed | None = None
    footing: Footing | None = None
    ended: float = -math.inf


def run(
    bindings: Sequence[Binding],
    machinery: Sequence[Machinery],
    stop: threading.Event,
    emit: Callable[[Report], None],
) -> None:
    """Reconcile every unit, each in a thread of its own, until ``stop`` is set.

    Args:
        bindings: the units.
        machinery: one a unit: one that waits for its cluster takes no threads from the others.
        stop: set from outside, and then every bell rung; a pass under way is finished first.
        emit: told of every pass, from the unit's thread.

    Raises:
        OSError: nobody can be told any more; all units were stopped.
    """
    deaf: list[OSError] = []

    def tell(report: Report) -> None:
        try:
            emit(report)
        except OSError as error:
            deaf.append(error)
            stop.set()
            for each in bindings:
                each.bell.ring()

    threads = [
        threading.Thread(target=_unit, args=(*each, stop, tell), name=f"unit {each[0].unit.environment}")
        for each in zip(bindings, machinery, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if deaf:
        raise deaf[0]


def _unit(
    binding: Binding, machinery: Machinery, stop: threading.Event, tell: Callable[[Report], None]
) -> None:
    """Passes at every interval and ring, and in between where something happens in the cluster."""
    memory, clock = Memory(), machinery.clock
    due, postponed = clock.monotonic(), math.inf
    try:
        while True:
            # Before the look at stop: whoever sets that rings the bell afterwards.
            source, stirred = binding.bell.answer()
            if stop.is_set():
                return
            binding.bell.expect(clock.monotonic() + LONGEST_PASS)
            if source or clock.monotonic() >= due:
                tell(once(binding, machinery, memory))
                chance = random.random()  # noqa: S311 - jitter, not a secret
                due = clock.monotonic() + pause(binding.interval, memory.failures, chance)
                postponed = math.inf
            elif stirred or clock.monotonic() >= postponed:
                report, postponed = _woken(binding, machinery, memory)
                if report is not None:
                    tell(report)
            binding.bell.expect(min(due, postponed))
            binding.bell.wait(min(due, postponed) - clock.monotonic())
            stop.wait(COALESCE)
    finally:
        binding.session.close()


def once(binding: Binding, machinery: Machinery, memory: Memory) -> Report:
    """One pass over one unit; every failure becomes a report, so that the loop goes on.

    Where nothing has happened since a pass that left nothing to do, its report is given again.
    """
    started = machinery.clock.monotonic()
    _look(binding, machinery, memory)
    report = _pass(binding, machinery, memory, started)
    assert report is not None  # noqa: S101 - nobody was woken
    return report


def _woken(binding: Binding, machinery: Machinery, memory: Memory) -> tuple[Report | None, float]:
    """A pass, if what happened in the cluster calls for one; and the time at which to look again for its sake."""
    now = machinery.clock.monotonic()
    if memory.revisions.newest is None:
        return None, math.inf
    if memory.failures and now < memory.ended + SOON:
        return None, memory.ended + SOON
    report = _pass(binding, machinery, memory, now, woken=True)
    later = memory.ended + HEALTH_EVERY
    return report, later if report is None and later > now else math.inf


def _pass(
    binding: Binding, machinery: Machinery, memory: Memory, started: float, *, woken: bool = False
) -> Report | None:
    """One pass at the revision that is followed; None where it was ``woken`` for nothing that is urgent."""
    clock, follower = machinery.clock, binding.follower(machinery, memory.revisions)
    try:
        with binding.session(machinery.pool) as (live, journal):
            written = not journal.current()
            # What wakes a unit is its cluster: gates ask git and other clusters, and do so when the timer rings.
            known = memory.followed if woken and not written else None
            followed = known or follower.choose(live.expect(journal.read()))
            since = Since.SOMETHING if written else _since(memory, followed, live)
            ago = clock.monotonic() - memory.ended
            if woken and (since is Since.NOTHING or (since is Since.HEALTH and ago < HEALTH_EVERY)):
                return None
            now = clock.monotonic()
            waits = machinery.rounds.pending or any(each.until > now for each in machinery.fights.values())
            rests = memory.report is not None and not waits and _rests(memory.report)
            if since is Since.NOTHING and memory.report and rests and ago < REST:
                memory.failures = 0 if not memory.git_error else memory.failures + 1
                again = told(memory.report, followed.way)
                return replace(again, error=memory.git_error, seconds=clock.monotonic() - started)
            report = make_pass(followed, follower, live, journal, write=True)
            memory.report, memory.followed, memory.footing = report, followed, live.footing()
    except HeldElsewhereError as error:
        memory.report, memory.failures = None, 0
        return Report(
            binding.unit.environment, binding.unit.id, "", (), notes={"standby": f"standby: {error}"}
        )
    except (TransientError, FencedError, UserError) as error:
        unread = memory.git_error if memory.revisions.newest is None else ""
        report = _failed(binding.unit, memory, unread or str(error))
        memory.report = None
    except Exception as error:  # noqa: BLE001 - a bug on one commit or cluster must not end the unit for ever
        report = _failed(binding.unit, memory, _bug(error))
        memory.report = None
    memory.ended = clock.monotonic()
    failed = memory.report is None
    trouble = "; ".join(each for each in (*(() if failed else (memory.git_error,)), report.error) if each)
    memory.failures = memory.failures + 1 if trouble else 0
    return replace(report, error=trouble, seconds=clock.monotonic() - started)


class Since(enum.Enum):
    """What has happened since the last pass."""

    NOTHING = "nothing"
    HEALTH = "health"
    """Only states: nothing that a write could depend on."""
    SOMETHING = "something"


def _since(memory: Memory, followed: Followed, live: Live) -> Since:
    """What has happened in git, with the gates and in the cluster since the last pass.

    Raises:
        TransientError: the cluster does not answer.
    """
    now, before = live.now(), memory.followed
    if memory.report is None or before is None or now is None:
        return Since.SOMETHING
    if followed.desired is not before.desired or followed.way.orders != before.way.orders:
        return Since.SOMETHING
    if memory.footing is None or now.decisive != memory.footing.decisive:
        return Since.SOMETHING
    return Since.NOTHING if now == memory.footing else Since.HEALTH


def _rests(report: Report) -> bool:
    """Whether a pass left nothing to do that could begin by itself, and nothing whose health changes with time alone."""
    done = all(change.action in IDLE for each in report.workloads for change in each.changes)
    well = all(each.health.state in WELL for each in report.workloads)
    return done and well and not report.error


def _look(binding: Binding, machinery: Machinery, memory: Memory) -> None:
    """Read the newest revision; where that fails keep the last one that could be read, and say why."""
    try:
        binding.follower(machinery, memory.revisions).look()
        memory.git_error = ""
    except (TransientError, UserError) as error:
        memory.git_error = f"git: {error}"
    except Exception as error:  # noqa: BLE001 - as in a pass: what runs is still repaired to the last good revision
        memory.git_error = f"git: {_bug(error)}"


def _bug(error: Exception) -> str:
    LOG.error("a bug in Yardarm\n%s", without_values(error))
    return f"a bug in Yardarm ({type(error).__name__}); where, says the log"


def pause(interval: float, failures: int, chance: float) -> float:
    """Seconds to wait: the interval with jitter, or after failures a growing back-off. ``chance`` is in [0, 1)."""
    if not failures:
        return interval * (1 + JITTER * (2 * chance - 1))
    longest = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(failures - 1, 16))
    return longest * (0.5 + chance / 2)


def _failed(unit: Unit, memory: Memory, error: str) -> Report:
    followed = memory.revisions.followed or memory.revisions.newest
    revision = followed.value.loaded.revision if followed else ""
    return Report(unit.environment, unit.id, revision, (), error=error)
