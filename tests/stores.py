"""An inventory store in memory that can be damaged, edited by others, and crash its writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from yardarm_reconciler.inventory.codec import decode_parent, encode_parent
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.ports import StoreConflictError, Stored


class MemoryStore:
    """Implements the port; counts writes."""

    class Crash(Exception):  # noqa: N818 - it is one
        """The process died just before this write."""

    def __init__(self) -> None:
        self._data: dict[str, Stored] = {}
        self._left: int | None = None
        self.writes = 0

    def read(self) -> Mapping[str, Stored]:
        """As the port says."""
        return dict(self._data)

    def write(self, name: str, data: bytes, version: str | None) -> str:
        """As the port says."""
        self._may_crash()
        current = self._data.get(name)
        if (current.version if current else None) != version:
            raise StoreConflictError(name)
        self.writes += 1
        self._data[name] = Stored(data, str(self.writes))
        return str(self.writes)

    def delete(self, name: str, version: str) -> None:
        """As the port says."""
        self._may_crash()
        if name in self._data and self._data[name].version != version:
            raise StoreConflictError(name)
        self._data.pop(name, None)

    def names(self) -> set[str]:
        """Names of all records."""
        return set(self._data)

    def edit_parent(self, change: Callable[[Parent], Parent]) -> None:
        """Write the parent as another tool would."""
        old = self._data["parent"]
        self.write("parent", encode_parent(change(decode_parent(old.data))), old.version)

    def damage(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Change bytes behind everybody's back."""
        self._data[name] = Stored(change(self._data[name].data), self._data[name].version)

    def lose(self, name: str) -> None:
        """Lose a record."""
        del self._data[name]

    def crash_after(self, writes: int | None) -> None:
        """Let so many more writes through; None lets all through."""
        self._left = writes

    def _may_crash(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise self.Crash
