"""Deaths at a durable effect of the engine, named by what it is: for a process of the program that writes to a cluster.

The process counts what passes through its ports, says so in a file, and kills itself at the effect that it was told.
"""

from __future__ import annotations

import enum
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yardarm_reconciler.inventory import journal
from yardarm_reconciler.inventory.codec import Shard, decode_parent, decode_shard
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.kube.cluster import KubernetesCluster
from yardarm_reconciler.kube.lease import Lease
from yardarm_reconciler.kube.store import KubernetesStore


class Effect(enum.Enum):
    """What outlives the process, in the order of a pass."""

    LEASE = "the lease is taken"
    EPOCH = "the epoch is raised"
    MARKED = "the epoch is put on a shard"
    NOTED = "what begins is noted"
    AHEAD = "a shard is written ahead"
    LAID = "a shard of a new layout is written"
    NAMED = "the layout is named"
    CLEARED = "a shard of no layout is removed"
    CREATED = "an object is created"
    TAKEN = "people's fields of an object are taken over"
    UPDATED = "an object is updated"
    DELETED = "an object is deleted"
    RELABELLED = "an object is given the label of another unit"
    SETTLED = "a shard is settled"
    CLOSED = "what the pass came to is noted"


class Moment(enum.Enum):
    """When, seen from the effect."""

    BEFORE = "before"
    """The request never leaves."""
    AFTER = "after"
    """It is carried out, and nothing that follows from its answer."""


@dataclass(frozen=True, slots=True)
class Point:
    """A named place in the engine: just before or just after an effect."""

    effect: Effect
    moment: Moment

    def __str__(self) -> str:
        """Give ``before an object is created``."""
        return f"{self.moment.value} {self.effect.value}"


POINTS = tuple(Point(effect, moment) for effect in Effect for moment in Moment)


@dataclass(frozen=True, slots=True)
class Crash:
    """SIGKILL at the ``number``-th effect of its name, counted from 1; with 0 nothing is killed, only told.

    The effects are told in ``told``, a line each. ``shard_bytes`` is the size beyond which a shard is split.
    """

    point: Point
    number: int
    told: Path
    shard_bytes: int = journal.SHARD_BYTES

    def await_it(self) -> None:
        """From now on count, in this process."""
        journal.SHARD_AIM, journal.SHARD_BYTES = self.shard_bytes // 2, self.shard_bytes
        watch = _Watch(self)
        watch.over(Lease, "take", lambda *_: Effect.LEASE)
        watch.over(KubernetesStore, "read", lambda *_: None, watch.stores.remember)
        watch.over(KubernetesStore, "write", watch.stores.write, watch.stores.wrote)
        watch.over(KubernetesStore, "delete", lambda *_: Effect.CLEARED)
        for name, effect in OBJECTS.items():
            watch.over(KubernetesCluster, name, watch.object_effect(effect))


OBJECTS = {
    "create": Effect.CREATED,
    "take_over": Effect.TAKEN,
    "update": Effect.UPDATED,
    "delete": Effect.DELETED,
    "relabel": Effect.RELABELLED,
}


@dataclass(slots=True)
class _Stores:
    """What lies in the stores that a process writes to, by store and name; it tells what a write is about."""

    begun: bool = False
    known: dict[tuple[object, str], bytes] = field(default_factory=dict)

    def remember(self, answer: Any, store: object) -> None:
        """After a read of the whole."""
        self.known |= {(store, name): each.data for name, each in answer.items()}

    def wrote(self, _: Any, store: object, name: str, data: bytes, *__: Any) -> None:
        """After a write."""
        self.known[store, name] = data

    def write(self, store: object, name: str, data: bytes, *_: Any) -> Effect:
        """What a write is about, by the bytes before and after."""
        before = self.known.get((store, name))
        if name == journal.PARENT:
            return self._parent(decode_parent(before) if before else None, decode_parent(data))
        return self._shard(store, decode_shard(before) if before else None, decode_shard(data))

    def _parent(self, before: Parent | None, after: Parent) -> Effect:
        if before is None or before.layout != after.layout:
            return Effect.NAMED
        if before.epoch != after.epoch:
            return Effect.EPOCH
        return Effect.CLOSED if self.begun else Effect.NOTED

    def _shard(self, store: object, before: Shard | None, after: Shard) -> Effect:
        parent = self.known.get((store, journal.PARENT))
        if parent is None or decode_parent(parent).layout != after.layout:
            return Effect.LAID
        if before is not None and before.records == after.records:
            return Effect.MARKED
        return Effect.SETTLED if self.begun else Effect.AHEAD


@dataclass(slots=True)
class _Watch:
    """Stands at every port of a process, and kills it at one effect."""

    crash: Crash
    stores: _Stores = field(default_factory=_Stores)
    _seen: list[Effect] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def over(
        self,
        owner: type,
        name: str,
        effect_of: Callable[..., Effect | None],
        then: Callable[..., None] = lambda *_: None,
    ) -> None:
        """Watch one method. ``effect_of`` names its effect, None for none; ``then`` hears its answer."""
        operation = getattr(owner, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                effect = effect_of(*arguments, **named)
                due = self._count(effect) if effect else False
            if due and self.crash.point.moment is Moment.BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = operation(*arguments, **named)
            if due:
                os.kill(os.getpid(), signal.SIGKILL)
            with self._lock:
                then(answer, *arguments)
            return answer

        setattr(owner, name, watched)

    def object_effect(self, effect: Effect) -> Callable[..., Effect | None]:
        """Names what changes an object; a dry-run does not."""

        def named(*_: Any, dry_run: bool = False) -> Effect | None:
            self.stores.begun |= not dry_run
            return None if dry_run else effect

        return named

    def _count(self, effect: Effect) -> bool:
        """Tell an effect; whether it is the one to die at."""
        self._seen.append(effect)
        with self.crash.told.open("a") as file:
            file.write(f"{effect.name}\n")
        return effect is self.crash.point.effect and self._seen.count(effect) == self.crash.number


def told(file: Path) -> Sequence[Effect]:
    """What a process told."""
    return [Effect[line] for line in file.read_text().split()] if file.exists() else []
