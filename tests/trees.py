"""Trees of files for tests: in memory, or a directory of the working copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yardarm_reconciler.ports import File


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """Files by path, as bytes or text.

    ``modes`` holds the modes of those that are no regular files, ``sizes`` replaces what the listing says of
    a file's size, ``was_read`` lists the paths whose bytes were asked for.
    """

    contents: Mapping[str, bytes | str]
    revision: str = "0" * 40
    modes: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    was_read: list[str] = field(default_factory=list)

    def files(self) -> Sequence[File]:
        """Every file, sorted by path, with the ids that git would give."""
        return [self._file(path) for path in sorted(self.contents)]

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """The bytes of some files."""
        asked = list(files)
        self.was_read.extend(file.path for file in asked)
        return {file.id: self._bytes(file.path) for file in asked}

    def _bytes(self, path: str) -> bytes:
        content = self.contents[path]
        return content.encode() if isinstance(content, str) else content

    def _file(self, path: str) -> File:
        data = self._bytes(path)
        name = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        return File(path, name, self.sizes.get(path, len(data)), self.modes.get(path, "100644"))


def of_directory(root: Path, *names: str) -> MemoryTree:
    """All files below a directory, or only those of the named files and directories in it."""
    tops = [root / name for name in names] or [root]
    found = [path for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    return MemoryTree({path.relative_to(root).as_posix(): path.read_bytes() for path in found})
