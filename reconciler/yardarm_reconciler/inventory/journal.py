"""The inventory as one process sees and writes it: read whole, written ahead, settled after.

Every write names the version that it replaces. The epoch is raised just before the first write of a process,
by rewriting the parent and then every shard; whoever held an older epoch finds its next write refused. A process
that writes nothing raises nothing.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from yardarm_reconciler.inventory.codec import (
    CorruptError,
    Shard,
    decode_parent,
    decode_shard,
    encode_parent,
    encode_shard,
    records_size,
    shard_of,
)
from yardarm_reconciler.inventory.records import Inventory, Parent, Record
from yardarm_reconciler.model.origin import FencedError, UserError
from yardarm_reconciler.ports import InventoryStore, StoreConflictError

PARENT = "parent"

SHARD_BYTES = 512 * 1024
"""A shard is split beyond this: base64 in a ConfigMap must stay under its limit of 1,048,576 bytes."""

SHARD_AIM = 256 * 1024
"""What a shard is laid out for, so that it may double before the next resharding."""


AMENDMENTS = 5
"""So often an amendment is tried anew where the parent was written meanwhile."""


def shard_name(layout: int, number: int) -> str:
    """The store's name of a shard."""
    return f"{layout}-{number}"


@dataclass(slots=True)
class Journal:
    """The one writer of a unit's inventory. Methods may be called from several threads.

    ``renderer`` is the version of the program, ``cluster_uid`` the cluster's identity.
    """

    store: InventoryStore
    unit: str
    cluster_uid: str
    renderer: str
    _versions: dict[str, str] = field(default_factory=dict)
    _parent: Parent | None = None
    _records: dict[str, Record] = field(default_factory=dict)
    _dirty: set[int] = field(default_factory=set)
    _leading: bool = False
    _first: Callable[[Parent], Parent] | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def read(self) -> Inventory:
        """Read the parent and every shard of its layout; what nobody has written since is not decoded again.

        Raises:
            UserError: the inventory belongs to another cluster, is damaged, or was written by a newer Yardarm;
                nothing may be created or pruned on such knowledge.
            FencedError: another process has raised the epoch since this one began to write.
        """
        with self._lock:
            stored = self.store.read()
            versions = {name: each.version for name, each in stored.items()}
            if self._parent is not None and versions == self._versions and not self._dirty:
                return Inventory(self._parent, dict(self._records))
            epoch = self._parent.epoch if self._leading and self._parent else None
            try:
                self._parent, self._records = self._decode({name: each.data for name, each in stored.items()})
            except CorruptError as error:
                raise UserError(
                    f"the inventory of unit {self.unit} is damaged: {error}", exit_code=5
                ) from error
            self._versions = versions
            self._dirty.clear()
            if epoch is not None and (self._parent is None or self._parent.epoch != epoch):
                self._leading = False
                raise FencedError(f"another process has taken over unit {self.unit}")
            return Inventory(self._parent, dict(self._records))

    def _decode(self, data: Mapping[str, bytes]) -> tuple[Parent | None, dict[str, Record]]:
        if PARENT not in data:
            return None, {}
        parent = decode_parent(data[PARENT])
        if parent.unit != self.unit:
            raise UserError(f"unit {parent.unit} is here already, {self.unit} cannot be too", exit_code=2)
        if parent.cluster_uid != self.cluster_uid:
            raise CorruptError(f"it is of cluster {parent.cluster_uid}, this one is {self.cluster_uid}")
        records: dict[str, Record] = {}
        for number in range(parent.shards):
            name = shard_name(parent.layout, number)
            if name not in data:
                raise CorruptError(f"shard {name} is missing")
            shard = decode_shard(data[name])
            if (shard.unit, shard.layout, shard.number) != (self.unit, parent.layout, number):
                raise CorruptError(f"shard {name} is another one")
            records.update(shard.records)
        return parent, records

    def current(self) -> bool:
        """Whether nobody has written since the last read or write of ours.

        Raises:
            TransientError: it cannot be read.
        """
        with self._lock:
            versions = {name: each.version for name, each in self.store.read().items()}
            return versions == self._versions and not self._dirty

    @property
    def parent(self) -> Parent | None:
        """The parent as it was last read or written."""
        return self._parent

    def record(self, workload: str) -> Record | None:
        """What is known of a workload now."""
        with self._lock:
            return self._records.get(workload)

    def put(self, record: Record) -> None:
        """Remember a record; durable with the next :meth:`flush`."""
        with self._lock:
            if self._records.get(record.id) != record:
                self._records[record.id] = record
                self._touch(record.id)

    def drop(self, workload: str) -> None:
        """Forget a workload; durable with the next :meth:`flush`."""
        with self._lock:
            if self._records.pop(workload, None) is not None:
                self._touch(workload)

    def write_ahead(self, records: Iterable[Record]) -> None:
        """Make records durable before the requests that they announce leave.

        Raises:
            FencedError: another process writes to this unit.
        """
        with self._lock:
            for record in records:
                self.put(record)
            self.flush()

    def flush(self) -> None:
        """Make all that was put or dropped durable; nothing to write costs nothing.

        Raises:
            FencedError: another process writes to this unit.
        """
        with self._lock:
            if not self._dirty:
                return
            parent = self._lead()
            encoded = {number: self._encode(parent, number) for number in sorted(self._dirty)}
            if any(len(data) > SHARD_BYTES for data in encoded.values()):
                self._reshard(parent)
            else:
                for number, data in encoded.items():
                    self._write_shard(parent, number, data)
            self._dirty.clear()

    def update_parent(self, change: Callable[[Parent], Parent]) -> None:
        """Change the parent; read again and tried again where a person wrote a confirmation meanwhile.

        Raises:
            FencedError: another process writes to this unit.
        """
        with self._lock:
            if self._parent is not None and change(self._parent) == self._parent:
                return
            before = self._lead()
            after = change(before)
            try:
                self._write_parent(after)
            except StoreConflictError:
                fresh = self._reread_parent()
                if fresh.epoch != before.epoch:
                    self._leading = False
                    raise FencedError(f"another process has taken over unit {self.unit}") from None
                self.amend_parent(change)

    def begin(self, change: Callable[[Parent], Parent]) -> None:
        """Say what the parent of an inventory that is not there yet shall begin with; written with its first record."""
        with self._lock:
            self._first = change

    def amend_parent(self, change: Callable[[Parent], Parent]) -> None:
        """Change the parent beside a process that leads, without taking over: for what a person says.

        Raises:
            FencedError: the inventory changes faster than it can be written.
        """
        with self._lock:
            if self._parent is None:
                self.update_parent(change)
                return
            for _ in range(AMENDMENTS):
                try:
                    self._write_parent(change(self._parent))
                except StoreConflictError:
                    self._reread_parent()
                else:
                    return
            raise FencedError(f"another process writes to unit {self.unit}")

    def _touch(self, workload: str) -> None:
        self._dirty.add(shard_of(workload, self._parent.shards if self._parent else 1))

    def _lead(self) -> Parent:
        """Raise the epoch and put it on every shard, once in the life of this journal."""
        if self._leading and self._parent is not None:
            return self._parent
        try:
            if self._parent is None:
                shards = max(1, math.ceil(records_size(self._records.values()) / SHARD_AIM))
                parent = Parent(self.unit, self.cluster_uid, 1, shards=shards, renderer=self.renderer)
                parent = self._first(parent) if self._first else parent
                # Shards first: a parent says that they are there. Left over from a crash, they name no parent.
                for number in range(shards):
                    self._write_shard(parent, number, self._encode(parent, number))
                self._write_parent(parent)
            else:
                parent = replace(self._parent, epoch=self._parent.epoch + 1)
                self._write_parent(parent)
                for number in range(parent.shards):
                    self._write_shard(parent, number, self._encode(parent, number))
            self._clear(parent)
        except StoreConflictError:
            raise FencedError(f"another process writes to unit {self.unit}") from None
        self._dirty.clear()
        self._leading = True
        return parent

    def _reshard(self, parent: Parent) -> None:
        """Lay the records out anew: the new shards, then the parent that names them, then the old ones go."""
        shards = max(parent.shards + 1, math.ceil(records_size(self._records.values()) / SHARD_AIM))
        after = replace(parent, layout=parent.layout + 1, shards=shards)
        try:
            for number in range(shards):
                self._write_shard(after, number, self._encode(after, number))
            self._write_parent(after)
            self._clear(after)
        except StoreConflictError:
            raise FencedError(f"another process writes to unit {self.unit}") from None
        self._dirty.clear()

    def _clear(self, parent: Parent) -> None:
        """Delete the shards that the parent does not name: those of an older layout, and what a crash left behind."""
        named = {PARENT, *(shard_name(parent.layout, number) for number in range(parent.shards))}
        for name in sorted(self._versions.keys() - named):
            self.store.delete(name, self._versions.pop(name))

    def _encode(self, parent: Parent, number: int) -> bytes:
        records = {id_: r for id_, r in self._records.items() if shard_of(id_, parent.shards) == number}
        return encode_shard(Shard(self.unit, parent.layout, number, parent.epoch, records))

    def _write_shard(self, parent: Parent, number: int, data: bytes) -> None:
        name = shard_name(parent.layout, number)
        try:
            self._versions[name] = self.store.write(name, data, self._versions.get(name))
        except StoreConflictError:
            self._leading = False
            raise FencedError(f"another process writes to unit {self.unit}") from None

    def _write_parent(self, parent: Parent) -> None:
        self._versions[PARENT] = self.store.write(PARENT, encode_parent(parent), self._versions.get(PARENT))
        self._parent = parent

    def _reread_parent(self) -> Parent:
        stored = self.store.read()
        if PARENT not in stored:
            raise FencedError(f"the inventory of unit {self.unit} was deleted while it was written")
        self._versions[PARENT] = stored[PARENT].version
        try:
            self._parent = decode_parent(stored[PARENT].data)
        except CorruptError as error:
            raise UserError(f"the inventory of unit {self.unit} is damaged: {error}", exit_code=5) from error
        return self._parent
