"""The leases of the clusters that this process writes to: one a cluster, shared by its units."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from yardarm_reconciler.ports import Clock

if TYPE_CHECKING:  # imported when needed: start-up time
    from yardarm_reconciler.kube.lease import Lease
    from yardarm_reconciler.kube.transport import Transport

Connect = Callable[["Callable[[], float] | None"], "Transport"]
"""Makes a connection to a cluster, with a fence or without."""


@dataclass(slots=True)
class Lead:
    """The lease of one cluster, asked for at the first pass.

    ``waits`` is true of a program that runs on: it stands by where another process holds the lease. A command takes it,
    or is told by whom it is held.
    """

    namespace: str
    clock: Clock
    waits: bool
    wakes: list[Callable[[], None]] = field(default_factory=list)
    _lease: Lease | None = None
    _users: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, wake: Callable[[], None] | None) -> None:
        """Count one more unit, which is woken when the lease is won or lost."""
        self._users += 1
        if wake is not None:
            self.wakes.append(wake)

    def term(self, connect: Connect) -> int:
        """How often this process has won the lease.

        Raises:
            HeldElsewhereError: another process holds it.
            TransientError: the cluster did not answer.
            UserError: it does not let us.
        """
        with self._lock:
            if self._lease is None:
                # Imported when needed: the kubernetes package takes a third of a second.
                from yardarm_reconciler.kube.lease import Lease  # noqa: PLC0415

                self._lease = Lease(connect(None), self.namespace, self.clock, self._wake)
            lease = self._lease
            if self.waits:
                lease.keep()
            elif lease.left() <= 0:
                lease.take()
        return lease.term()

    def left(self) -> float:
        """The fence: seconds for which what is sent now is ours to send."""
        return self._lease.left() if self._lease else 0.0

    def note(self, environment: str, revision: str, now: datetime) -> None:
        """Say that an environment was looked at; it is written with the next renewal."""
        if self._lease is not None:
            self._lease.note(environment, revision, now)

    def close(self) -> None:
        """One unit has ended; with the last one the lease is let go."""
        with self._lock:
            self._users -= 1
            lease, self._lease = (self._lease, None) if self._users <= 0 else (None, self._lease)
        if lease is not None:
            lease.close()

    def _wake(self) -> None:
        for wake in self.wakes:
            wake()


@dataclass(slots=True)
class Leads:
    """All leases of a process, by what names a cluster."""

    clock: Clock
    waits: bool
    _made: dict[tuple[object, ...], Lead] = field(default_factory=dict)

    def of(self, *cluster: object, namespace: str) -> Lead:
        """The lease of a cluster, the same for all its units."""
        key = (*cluster, namespace)
        if key not in self._made:
            self._made[key] = Lead(namespace, self.clock, self.waits)
        return self._made[key]
