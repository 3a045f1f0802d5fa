"""Units, each on its own: poll, reconcile, wait; back off where the world does not answer. Units share no fate."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import FencedError, Found, TransientError, UserError
from yardarm_reconciler.model.trace import without_values
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import Machinery, reconcile, specs_of
from yardarm_reconciler.ports import Cluster, Source

LOG = logging.getLogger(__name__)

JITTER = 0.1
"""Each wait is up to a tenth shorter or longer, so that many units do not poll in step."""

FIRST_BACK_OFF = 1.0
LONGEST_BACK_OFF = 300.0
"""Seconds; doubled with every failure in a row, drawn between half and all of it."""


class Session(Protocol):
    """Opens a unit's cluster for one pass: the cluster, and the journal of the unit's inventory in it."""

    def __call__(self) -> AbstractContextManager[tuple[Cluster, Journal]]:
        """Open it. Raises TransientError, UserError or FencedError."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A unit with what it is bound to. ``interval`` is in seconds."""

    unit: Unit
    source: Source
    session: Session
    interval: float


@dataclass(slots=True)
class Memory:
    """What a unit carries from one pass to the next: the last revision that could be read, and failures in a row."""

    specs: Found[Specs] | None = None
    failures: int = 0


def run(
    bindings: Sequence[Binding],
    machinery: Sequence[Machinery],
    stop: threading.Event,
    wake: Sequence[threading.Event],
    emit: Callable[[Report], None],
) -> None:
    """Reconcile every unit, each in a thread of its own, until ``stop`` is set.

    Args:
        bindings: the units.
        machinery: one a unit: one that waits for its cluster takes no threads from the others.
        stop: set from outside; a pass under way is finished first.
        wake: one event a unit: look now instead of at the end of the interval. Also set to make ``stop`` heard.
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
            for bell in wake:
                bell.set()

    threads = [
        threading.Thread(target=_unit, args=(*each, stop, tell), name=f"unit {each[0].unit.environment}")
        for each in zip(bindings, machinery, wake, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if deaf:
        raise deaf[0]


def _unit(
    binding: Binding,
    machinery: Machinery,
    bell: threading.Event,
    stop: threading.Event,
    tell: Callable[[Report], None],
) -> None:
    memory = Memory()
    while True:
        # Before the look at stop: whoever sets that rings the bell afterwards.
        bell.clear()
        if stop.is_set():
            return
        tell(once(binding, machinery, memory))
        bell.wait(pause(binding.interval, memory.failures, random.random()))  # noqa: S311 - jitter, not a secret


def once(binding: Binding, machinery: Machinery, memory: Memory) -> Report:
    """One pass over one unit; every failure becomes a report, so that the loop goes on."""
    git_error = _look(binding, machinery, memory)
    if memory.specs is None:
        memory.failures += 1
        return _failed(binding.unit, "", git_error)
    try:
        with binding.session() as (cluster, journal):
            report = reconcile(binding.unit, memory.specs, cluster, journal, machinery)
    except (TransientError, FencedError, UserError) as error:
        memory.failures += 1
        return _failed(binding.unit, memory.specs.value.loaded.revision, str(error))
    except Exception as error:  # noqa: BLE001 - a bug on one commit or cluster must not end the unit for ever
        memory.failures += 1
        return _failed(binding.unit, memory.specs.value.loaded.revision, _bug(error))
    trouble = "; ".join(each for each in (git_error, report.error) if each)
    memory.failures = memory.failures + 1 if trouble else 0
    return replace(report, error=trouble)


def _look(binding: Binding, machinery: Machinery, memory: Memory) -> str:
    """Read the newest revision; where that fails keep the last one that could be read, and say why."""
    try:
        revision = binding.source.poll().id
        if memory.specs is None or memory.specs.value.loaded.revision != revision:
            memory.specs = specs_of(binding.source.tree(revision), machinery, binding.unit.platform)
    except (TransientError, UserError) as error:
        return f"git: {error}"
    except Exception as error:  # noqa: BLE001 - as in a pass: what runs is still repaired to the last good revision
        return f"git: {_bug(error)}"
    return ""


def _bug(error: Exception) -> str:
    LOG.error("a bug in Yardarm\n%s", without_values(error))
    return f"a bug in Yardarm ({type(error).__name__}); where, says the log"


def pause(interval: float, failures: int, chance: float) -> float:
    """Seconds to wait: the interval with jitter, or after failures a growing back-off. ``chance`` is in [0, 1)."""
    if not failures:
        return interval * (1 + JITTER * (2 * chance - 1))
    longest = min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2.0 ** min(failures - 1, 16))
    return longest * (0.5 + chance / 2)


def _failed(unit: Unit, revision: str, error: str) -> Report:
    return Report(unit.environment, unit.id, revision, (), error=error)
