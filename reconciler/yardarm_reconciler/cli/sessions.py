"""A unit's cluster, opened for a pass: connections, watches and what is known live on between passes."""

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from yardarm_reconciler import __version__
from yardarm_reconciler.cli.leads import Lead, Leads
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.loop import Session
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Clock, Cluster, InventoryStore, Labels
from yardarm_schema import settings as schema

if TYPE_CHECKING:  # imported when needed: start-up time
    from yardarm_reconciler.directory.cluster import DirectoryCluster
    from yardarm_reconciler.kube.examining import Examiner
    from yardarm_reconciler.kube.transport import Transport

Wake = Callable[[], None]
"""Called, from any thread, whenever something has happened in a cluster."""


def session(
    spec: schema.Cluster,
    base: Path,
    unit: Unit,
    clock: Clock,
    *,
    write: bool,
    wake: Wake | None = None,
    leads: Leads | None = None,
) -> Session:
    """Opens a unit's cluster as the settings describe it.

    With ``wake`` it is watched between passes, too; with ``leads`` it is opened only under the cluster's lease.
    """
    if isinstance(spec, schema.DirectoryCluster):
        root = base / spec.directory
        return DirectorySession(directory(root), root, unit, write=write)
    kubernetes = spec.kubernetes
    access = Access(
        base / kubernetes.kubeconfig if kubernetes.kubeconfig else None,
        kubernetes.context,
        in_cluster=kubernetes.in_cluster,
    )
    lead = leads.of(access, namespace=spec.namespace) if leads else None
    return KubernetesSession(access, unit, spec.namespace, clock, wake=wake, lead=lead)


def directory(root: Path) -> DirectoryCluster:
    """A directory as a cluster."""
    # Imported when needed, as all adapters are: start-up time.
    from yardarm_reconciler.directory.cluster import DirectoryCluster as Directory  # noqa: PLC0415

    return Directory(root)


@dataclass(slots=True)
class DirectorySession:
    """Opens a directory; while it is open for writing it is locked against other writers.

    Nothing tells of changes in it: each pass reads it whole.
    """

    cluster: DirectoryCluster
    root: Path
    unit: Unit
    write: bool = True
    _journal: Journal | None = None

    @contextlib.contextmanager
    def __call__(self, pool: Executor) -> Iterator[tuple[Live, Journal]]:
        """Open it. Raises FencedError."""
        # As above: imported when needed.
        from yardarm_reconciler.directory.store import DirectoryStore  # noqa: PLC0415

        with self.cluster.locked() if self.write else contextlib.nullcontext():
            live = Live(self.cluster, Polled(self.cluster, pool), pool, self.unit)
            self._journal = _journal(self._journal, DirectoryStore(self.root), self.unit, live)
            yield live, self._journal

    def checked(self) -> datetime | None:
        """Nobody notes when a directory was looked at."""
        return None

    def close(self) -> None:
        """Nothing is held between passes."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in to an API server: a context of a kubeconfig, or the pod's own service account."""

    kubeconfig: Path | None
    context: str | None
    in_cluster: bool = False


@dataclass(slots=True)
class KubernetesSession:
    """Opens a Kubernetes API server; it is connected to at the first pass.

    With ``must_exist`` a unit that has no inventory there is a wrong id, not a new cluster. With ``wake`` the cluster
    is watched, and ``wake`` called when something happens; otherwise it is read once a pass. With ``lead`` it is opened
    only while this process holds the cluster's lease; what was known of the inventory in an earlier term is dropped.
    """

    access: Access
    unit: Unit
    namespace: str
    clock: Clock
    must_exist: bool = False
    wake: Wake | None = None
    lead: Lead | None = None
    _term: int = 0
    _live: Live | None = None
    _store: InventoryStore | None = None
    _transport: Transport | None = None
    _journal: Journal | None = None
    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __post_init__(self) -> None:
        if self.lead is not None:
            self.lead.use(self.wake)
            self._open.callback(self.lead.close)

    @contextlib.contextmanager
    def __call__(self, pool: Executor) -> Iterator[tuple[Live, Journal]]:
        """Open it. Raises TransientError, UserError or FencedError."""
        if self.lead is not None and (term := self.lead.term(self._login)) != self._term:
            self._journal, self._term = None, term
        if self._live is None or self._store is None:
            self._live, self._store = self._connect(pool)
        self._journal = _journal(self._journal, self._store, self.unit, self._live)
        if self.must_exist and self._journal.read().parent is None:
            id_ = self.unit.id
            raise UserError(
                f"there is no unit {id_!r} in this cluster; to make it: --new-unit {id_}", exit_code=2
            )
        yield self._live, self._journal
        if self.lead is not None and (parent := self._journal.parent):
            self.lead.note(self.unit.environment, parent.revision, self.clock.now())

    def handing(self, other: str) -> tuple[Journal, Labels]:
        """The inventory of another unit of the same cluster, and what labels objects there; while this one is open."""
        # As above: imported when needed.
        from yardarm_reconciler.kube.cluster import KubernetesCluster  # noqa: PLC0415
        from yardarm_reconciler.kube.store import KubernetesStore  # noqa: PLC0415

        assert self._transport is not None  # noqa: S101 - it is open
        assert self._live is not None  # noqa: S101 - as above
        store = KubernetesStore(self._transport, other, self.namespace)
        identity = self._live.identity()
        return Journal(store, other, identity, __version__), KubernetesCluster(self._transport)

    @contextlib.contextmanager
    def examiner(self) -> Iterator[Examiner]:
        """What asks the server about itself and us, whether or not this one can be opened."""
        # As above: imported when needed.
        from yardarm_reconciler.kube.examining import Examiner as Made  # noqa: PLC0415

        with contextlib.closing(self._login(None)) as transport:
            yield Made(transport, self.clock)

    def checked(self) -> datetime | None:
        """When the process that holds the cluster's lease last looked at the unit's environment."""
        # Imported when needed, as all adapters are.
        from yardarm_reconciler.kube.lease import looked_at  # noqa: PLC0415

        with contextlib.closing(self._login(None)) as transport:
            found = looked_at(transport, self.namespace).get(self.unit.environment)
        return datetime.fromisoformat(found["checked"]) if found else None

    def close(self) -> None:
        """End the watches, close the connections and let go of the lease."""
        self._open.close()

    def _login(self, fence: Callable[[], float] | None) -> Transport:
        return _logged_in(self.access, self.clock, fence)

    def _connect(self, pool: Executor) -> tuple[Live, InventoryStore]:
        # As above: imported when needed.
        from yardarm_reconciler.kube.cluster import KubernetesCluster  # noqa: PLC0415
        from yardarm_reconciler.kube.records import WatchedStore  # noqa: PLC0415
        from yardarm_reconciler.kube.store import KubernetesStore  # noqa: PLC0415

        self._transport = transport = self._login(self.lead.left if self.lead else None)
        self._open.callback(transport.close)
        cluster, store = (
            KubernetesCluster(transport),
            KubernetesStore(transport, self.unit.id, self.namespace),
        )
        if self.wake is None:
            return Live(cluster, Polled(cluster, pool), pool, self.unit), store
        watched = WatchedStore(store, cluster.watches(self.wake, _jitter))
        self._open.callback(watched.close)
        live = Live(cluster, cluster.watches(self.wake, _jitter), pool, self.unit)
        self._open.callback(live.close)
        return live, watched


@contextlib.contextmanager
def looked_into(access: Access, clock: Clock) -> Iterator[Cluster]:
    """A cluster that is only read, with nothing of a unit."""
    # As above: imported when needed.
    from yardarm_reconciler.kube.cluster import KubernetesCluster  # noqa: PLC0415

    with contextlib.closing(_logged_in(access, clock, None)) as transport:
        yield KubernetesCluster(transport)


def _logged_in(where: Access, clock: Clock, fence: Callable[[], float] | None) -> Transport:
    # Imported when needed: the kubernetes package takes a third of a second.
    from yardarm_reconciler.kube import login  # noqa: PLC0415
    from yardarm_reconciler.kube.transport import Transport  # noqa: PLC0415

    credentials = (
        login.in_cluster() if where.in_cluster else login.kubeconfig(where.kubeconfig, where.context)
    )
    # Audit logs then tell which process it was, of several that share an account.
    agent = f"yardarm/{__version__} ({socket.gethostname()}/{os.getpid()})"
    return Transport(credentials, clock, _jitter, agent, fence)


def _journal(made: Journal | None, store: InventoryStore, unit: Unit, live: Live) -> Journal:
    """The unit's one journal in this process: its epoch is raised once, before its first write."""
    identity = live.identity()
    if unit.cluster_uid and unit.cluster_uid != identity:
        raise UserError(
            f"the cluster says that it is {identity}, the settings pin {unit.environment} to {unit.cluster_uid}",
            exit_code=2,
        )
    if made is None or made.cluster_uid != identity:
        # Another cluster answers at this address: nothing that is remembered of the first one is true of it.
        return Journal(store, unit.id, identity, __version__)
    return made


def _jitter(longest: float) -> float:
    return random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
