"""Adapters put together: sources, clusters and inventories, from settings or ad hoc."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from yardarm_reconciler import __version__
from yardarm_reconciler.cli.caching import cache_directory
from yardarm_reconciler.cli.leads import Leads
from yardarm_reconciler.cli.parsed import ParsedFiles
from yardarm_reconciler.cli.sessions import session
from yardarm_reconciler.cli.sources import source
from yardarm_reconciler.follow import unbound
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.loop import Bell, Binding
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.settings import Bound, Operator
from yardarm_reconciler.source.git import Git

IN_FLIGHT = 16
"""Requests to a cluster at one time: beyond this, threads lose to the interpreter's lock."""

AD_HOC_INTERVAL = 30.0
"""Seconds; nobody polls ad hoc, but a binding has an interval."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Aware wall-clock time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class StoppingClock:
    """The machine's own time, of a program that may be told to stop: then nobody waits for an answer any longer."""

    stop: threading.Event

    def now(self) -> datetime:
        """Aware wall-clock time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait.

        Raises:
            TransientError: the program is to stop; what was to be tried again is not.
        """
        if self.stop.wait(seconds):
            raise TransientError("not tried again: Yardarm was told to stop")


@contextlib.contextmanager
def machinery() -> Iterator[Machinery]:
    """Clock, threads and memory for the life of a command."""
    with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="yardarm") as pool:
        yield make_machinery(pool)


@contextlib.contextmanager
def looking() -> Iterator[Machinery]:
    """The same for a command that looks at files alone: what it parses is kept for the next one."""
    directory = cache_directory("parsed")
    with machinery() as made:
        if directory is None:
            yield made
            return
        parsed = ParsedFiles(directory)
        yield replace(made, parsed=parsed)
        parsed.keep()


@contextlib.contextmanager
def machinery_each(units: int) -> Iterator[list[Machinery]]:
    """For each unit threads of its own; what was parsed is remembered by all together."""
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(machinery()) for _ in range(units)]
        yield [replace(each, parsed=made[0].parsed) for each in made]


def make_machinery(pool: Executor) -> Machinery:
    """The same over threads that someone else ends."""
    return Machinery(SystemClock(), pool, __version__)


# Opened from settings ----------------------------------------------------------------------------


def bind(
    operator: Operator,
    bound: Bound,
    git: Git,
    clock: Clock,
    *,
    write: bool,
    follow: bool = False,
    leads: Leads | None = None,
) -> Binding:
    """A unit of the settings with its adapters, opened when a pass needs them.

    With ``follow`` its cluster is watched between passes, where it can be; with ``leads`` passes are made under its lease.
    """
    bell = Bell()
    wake = bell.stir if follow else None
    return Binding(
        unit=bound.unit,
        source=source(bound.source, bound.base, operator.state / "sources", git),
        session=session(bound.cluster, bound.base, bound.unit, clock, write=write, wake=wake, leads=leads),
        interval=float(bound.source.interval.seconds),
        bell=bell,
        before=lambda environment: _before(operator, environment, clock),
    )


def _before(operator: Operator, environment: str, clock: Clock) -> Inventory | str:
    """The inventory of another environment of the settings, read once."""
    bound = next((each for each in operator.bound if each.unit.environment == environment), None)
    if bound is None:
        return unbound(environment)
    other = session(bound.cluster, bound.base, bound.unit, clock, write=False)
    try:
        with ThreadPoolExecutor(1) as pool, contextlib.closing(other), other(pool) as (_, journal):
            return journal.read()
    except (TransientError, UserError, FencedError) as error:
        return f"cannot be read: {error}"
