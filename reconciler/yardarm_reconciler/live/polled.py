"""Feeds where nothing tells of changes: everything that is needed is read again each time."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor

from yardarm_reconciler.ports import Cluster, Event, Selection


class Polled:
    """Lists of a cluster, read in the threads of ``pool``: for a command that looks once, and for a directory."""

    continuous = False

    def __init__(self, cluster: Cluster, pool: Executor) -> None:
        self._cluster = cluster
        self._pool = pool

    def follow(self, selections: AbstractSet[Selection]) -> None:
        """Nothing is read before it is needed."""

    def drain(self, needed: AbstractSet[Selection]) -> Sequence[Event]:
        """A complete read of each.

        Raises:
            TransientError: one of them cannot be read.
        """
        return tuple(self._pool.map(self._cluster.list, sorted(needed)))

    def close(self) -> None:
        """Nothing is held open."""
