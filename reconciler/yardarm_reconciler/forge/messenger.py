"""Passes notices on from a thread of its own, so that no pass waits for whoever is told, and a target that is down holds nobody.

Only the last notice of an environment counts: what it overtakes is never sent. Nothing is told twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.forge.notices import Target
from yardarm_reconciler.model.notice import Notice, Outcome
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.model.trace import without_values
from yardarm_reconciler.ports import Clock

LOG = logging.getLogger(__name__)

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
"""Seconds between attempts, doubled each time."""

ATTEMPTS = 10
"""Until a notice is given up: some half an hour."""


@dataclass(slots=True)
class _Due:
    """What is to be told, and when it is tried (next)."""

    notice: Notice
    at: float
    failures: int = 0


class Messenger:
    """Takes notices from the units' threads.

    Args:
        targets: who is told.
        repositories: by environment, the path of its source on its server.
        clock: for waits.
    """

    def __init__(self, targets: Sequence[Target], repositories: Mapping[str, str], clock: Clock) -> None:
        self._targets = targets
        self._repositories = repositories
        self._clock = clock
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._ended = False
        self._told: dict[str, Notice] = {}
        self._alarms: dict[str, Notice] = {}
        self._due: dict[tuple[int, str], _Due] = {}
        self._thread = threading.Thread(target=self._work, name="notices", daemon=True)
        self._thread.start()

    def tell(self, notice: Notice) -> None:
        """Tell all who want to know, if it is news."""
        with self._lock:
            before = self._told.get(notice.environment)
            if before == notice:
                return
            self._told[notice.environment] = notice
            needed = self._concerns_a_person(notice)
            for number, target in enumerate(self._targets):
                if target.commits or needed:
                    self._due[number, notice.environment] = _Due(notice, self._clock.monotonic())
        self._woken.set()

    def _concerns_a_person(self, notice: Notice) -> bool:
        """Whether something is wrong, or is well again; to be under way is neither."""
        alarm = self._alarms.get(notice.environment)
        if notice.outcome in {Outcome.UNWELL, Outcome.WAITING}:
            self._alarms[notice.environment] = notice
            return alarm is None or (alarm.outcome, alarm.text) != (notice.outcome, notice.text)
        if notice.outcome is Outcome.WELL:
            return self._alarms.pop(notice.environment, None) is not None
        return False

    def close(self) -> None:
        """Stop; what has not been told is told by the next life, since it is news there."""
        self._ended = True
        self._woken.set()
        self._thread.join(timeout=1.0)

    def _work(self) -> None:
        while not self._ended:
            self._woken.wait(self._pause())
            self._woken.clear()
            for key, due in self._ready():
                self._try(key, due)

    def _pause(self) -> float | None:
        with self._lock:
            times = [due.at for due in self._due.values()]
        return max(0.0, min(times) - self._clock.monotonic()) if times else None

    def _ready(self) -> list[tuple[tuple[int, str], _Due]]:
        now = self._clock.monotonic()
        with self._lock:
            return [(key, due) for key, due in self._due.items() if due.at <= now]

    def _try(self, key: tuple[int, str], due: _Due) -> None:
        """One attempt; what came meanwhile takes the place of what failed."""
        number, environment = key
        target = self._targets[number]
        again = False
        try:
            target.send(due.notice, self._repositories.get(environment, ""))
        except TransientError as error:
            due.failures += 1
            again = due.failures < ATTEMPTS
            if due.failures == 1 or not again:
                LOG.warning(
                    "%s is not told of %s%s: %s", target.name, environment, "" if again else " at all", error
                )
        except UserError as error:
            LOG.warning("%s refuses what it is told of %s: %s", target.name, environment, error)
        except Exception as error:  # noqa: BLE001 - a bug with one target must not silence the others
            LOG.error("a bug in Yardarm\n%s", without_values(error))  # noqa: TRY400 - the values are left out
        with self._lock:
            if self._due.get(key) is due:
                if again:
                    due.at = self._clock.monotonic() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** (due.failures - 1))
                else:
                    del self._due[key]
