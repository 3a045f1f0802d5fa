"""Feeds where nothing tells of changes: everything that is needed is read again each time."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, Future

from yardarm_reconciler.ports import Cluster, Event, Listed, Selection


class Polled:
    """Lists of a cluster, read in the threads of ``pool``: for a command that looks once, and for a directory."""

    continuous = False

    def __init__(self, cluster: Cluster, pool: Executor) -> None:
        self._cluster = cluster
        self._pool = pool
        self._expected: dict[Selection, Future[Listed]] = {}

    def follow(self, selections: AbstractSet[Selection]) -> None:
        """Nothing is read before it is needed."""

    def expect(self, selections: AbstractSet[Selection]) -> None:
        """Begin to read these; whether that can be done matters only if they are needed."""
        self._expected = {each: self._pool.submit(self._cluster.list, each) for each in sorted(selections)}

    def drain(self, needed: AbstractSet[Selection]) -> Sequence[Event]:
        """A complete read of each, of the expected ones the read that was begun.

        Raises:
            TransientError: one of them cannot be read.
        """
        expected, self._expected = self._expected, {}
        asked = [expected.get(each) or self._pool.submit(self._cluster.list, each) for each in sorted(needed)]
        return tuple(each.result() for each in asked)

    def close(self) -> None:
        """Nothing is held open."""
