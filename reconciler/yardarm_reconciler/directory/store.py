"""The InventoryStore port over a directory: one file a record in our own folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from yardarm_reconciler.directory import files
from yardarm_reconciler.model.manifest import digest
from yardarm_reconciler.ports import StoreConflictError, Stored

_PARENT = "inventory.json"
_PREFIX = "shard-"
_SUFFIX = ".gz"


class DirectoryStore:
    """Records of the directory's one unit. Write only while the directory's lock is held."""

    def __init__(self, root: Path) -> None:
        self._folder = root / files.STATE

    def read(self) -> Mapping[str, Stored]:
        """All records by name; empty where there are none yet."""
        shards = [
            name.removeprefix(_PREFIX)
            for name in files.names(self._folder, _SUFFIX)
            if name.startswith(_PREFIX)
        ]
        found = {name: files.read(self._path(name)) for name in ["parent", *shards]}
        return {name: Stored(data, digest(data)) for name, data in found.items() if data is not None}

    def write(self, name: str, data: bytes, version: str | None) -> str:
        """Write a record durably where it stands at ``version`` (None: where there is none yet).

        Raises:
            StoreConflictError: it does not; nothing was written.
        """
        if self._version(name) != version:
            raise StoreConflictError(name)
        files.write(self._path(name), data, self._folder / "tmp")
        return digest(data)

    def delete(self, name: str, version: str) -> None:
        """Delete a record at that version; no error where it is gone.

        Raises:
            StoreConflictError: it is at another version; nothing was deleted.
        """
        if self._version(name) not in {version, None}:
            raise StoreConflictError(name)
        files.remove(self._path(name))

    def _version(self, name: str) -> str | None:
        data = files.read(self._path(name))
        return None if data is None else digest(data)

    def _path(self, name: str) -> Path:
        if not files.is_safe(name):
            raise ValueError(f"not a record's name: {name!r}")
        return self._folder / (_PARENT if name == "parent" else f"{_PREFIX}{name}{_SUFFIX}")
