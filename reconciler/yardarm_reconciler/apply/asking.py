"""Requests of one pass: none is tried any more once the cluster as a whole has stopped answering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from yardarm_reconciler.apply.results import Silence
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import Cluster

PATIENCE = 64
"""Requests without an answer in one pass until no more are tried: each may take the whole of its deadline."""

A = TypeVar("A")


@dataclass(slots=True)
class Asking:
    """Asks a cluster, from many threads."""

    cluster: Cluster
    _ended: threading.Event = field(default_factory=threading.Event)
    _silences: list[str] = field(default_factory=list)

    def __call__(self, request: Callable[[], A]) -> A | Silence:
        """One request.

        A single object may get no answer while all others do, as where an admission webhook of one namespace is
        down: then its workload alone has failed.
        """
        if self._ended.is_set():
            return Silence("not tried: the cluster stopped answering")
        try:
            return request()
        except TransientError as error:
            self._silences.append(str(error))
            if len(self._silences) >= PATIENCE or not self._answers():
                self._ended.set()
            return Silence(str(error))

    def end(self) -> None:
        """Let no further request leave."""
        self._ended.set()

    def _answers(self) -> bool:
        """Whether the cluster still answers the simplest of questions."""
        try:
            self.cluster.identity()
        except TransientError:
            return False
        return True
