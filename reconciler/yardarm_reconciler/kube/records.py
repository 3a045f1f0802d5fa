"""The InventoryStore port over a watch: what nobody has written since is not asked for again."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from yardarm_reconciler.kube.store import KubernetesStore, record
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.versions import older
from yardarm_reconciler.ports import (
    Changed,
    Feeds,
    Listed,
    Removed,
    Seen,
    StoreConflictError,
    Stored,
)


class WatchedStore:
    """Records of one unit, kept up to date by ``feeds``. One thread uses it at a time.

    Whatever makes us doubt what we know, a conflict first of all, sends the next read to the API server.
    """

    def __init__(self, store: KubernetesStore, feeds: Feeds) -> None:
        self._store = store
        self._feeds = feeds
        self._known: dict[str, Stored] = {}
        self._names: dict[Key, str] = {}
        self._doubted = False
        feeds.follow({store.selection})

    def read(self) -> Mapping[str, Stored]:
        """All records by name; empty where there are none yet.

        Raises:
            TransientError: they could not all be read.
        """
        for event in self._feeds.drain({self._store.selection}):
            match event:
                case Listed():
                    before, self._known = self._known, {}
                    for seen in event.seen:
                        self._learn(seen, before)
                    self._known |= {
                        name: stored
                        for name, stored in before.items()
                        if name not in self._known and older(event.version, stored.version)
                    }
                case Changed():
                    self._learn(event.seen, self._known)
                case Removed():
                    name = self._names.get(event.key, "")
                    if name in self._known and older(self._known[name].version, event.version):
                        del self._known[name]
                case _:
                    self._doubted = True
        if self._doubted:
            self._known = dict(self._store.read())
            self._doubted = False
        return dict(self._known)

    def write(self, name: str, data: bytes, version: str | None) -> str:
        """Write a record where it stands at ``version``; give the new version. Raises as the store does."""
        try:
            written = self._store.write(name, data, version)
        except (StoreConflictError, TransientError):
            # Somebody else has written, or we have and do not know it yet.
            self._doubted = True
            raise
        self._known[name] = Stored(data, written)
        return written

    def delete(self, name: str, version: str) -> None:
        """Delete a record at that version; no error where it is gone. Raises as the store does."""
        self._doubted = True
        self._store.delete(name, version)
        self._known.pop(name, None)

    def close(self) -> None:
        """Follow nothing any more."""
        self._feeds.close()

    def _learn(self, seen: Seen, before: Mapping[str, Stored]) -> None:
        """Take a record over, unless we wrote it since."""
        name, stored = record(orjson.loads(seen.body))
        self._names[seen.key] = name
        known = before.get(name)
        self._known[name] = known if known and older(stored.version, known.version) else stored
