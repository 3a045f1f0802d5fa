"""A tree with some files as they would be after an edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.ports import File, Tree
from yardarm_reconciler.source.objects import blob_id

REGULAR = "100644"


@dataclass(frozen=True, slots=True)
class Overlay:
    """The files of ``below`` with those of ``files`` in place of them or besides."""

    below: Tree
    contents: Mapping[str, bytes]

    @property
    def revision(self) -> str:
        """That of the tree below."""
        return self.below.revision

    def files(self) -> Sequence[File]:
        """Every file, sorted by path."""
        others = [file for file in self.below.files() if file.path not in self.contents]
        sha256 = any(len(file.id) == 64 for file in others)  # noqa: PLR2004 - hex digits of SHA-256
        ours = [
            File(path, blob_id(data, sha256=sha256), len(data), REGULAR)
            for path, data in self.contents.items()
        ]
        return sorted((*others, *ours), key=lambda file: file.path)

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """Bytes by file id."""
        asked = list(files)
        below = self.below.read([file for file in asked if file.path not in self.contents])
        return {
            **below,
            **{file.id: self.contents[file.path] for file in asked if file.path in self.contents},
        }
