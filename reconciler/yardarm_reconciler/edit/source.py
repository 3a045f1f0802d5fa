"""A file of specs as the text that a person wrote: its documents, and where in the text each value of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.load.text import BYTE_ORDER_MARK, decode
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found, Place

Splice: TypeAlias = tuple[int, int, str]
"""From one index of the text to another, what is to stand there."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that can be read without an error.

    ``text`` is without the byte order mark that ``data`` may have, with the line ends that it has; ``documents`` are those
    that are not empty.
    """

    path: str
    data: bytes
    text: str
    documents: tuple[Node, ...]

    def index(self, line: int, column: int) -> int:
        """Where in the text a line and column are, both from 1."""
        start = 0
        for _ in range(line - 1):
            start = self.text.index("\n", start) + 1
        return start + column - 1

    def span(self, place: Place) -> tuple[int, int]:
        """First index of a value, and the one past its last."""
        return self.index(place.line, place.column), self.index(place.end_line, place.end_column)

    def place(self, start: int, end: int) -> Place:
        """Where in the file a part of its text is: what :meth:`span` was given."""
        return Place(self.path, *self._position(start), *self._position(end))

    def _position(self, index: int) -> tuple[int, int]:
        begin = self.text.rfind("\n", 0, index) + 1
        return self.text.count("\n", 0, index) + 1, index - begin + 1

    def spliced(self, *splices: Splice) -> bytes:
        """The bytes with other text in places that do not overlap, and all else as it was."""
        mark = BYTE_ORDER_MARK if self.data.startswith(BYTE_ORDER_MARK.encode()) else ""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = f"{text[:start]}{new}{text[end:]}"
        return f"{mark}{text}".encode()


def read(path: str, data: bytes) -> Found[SourceFile | None]:
    """Read a file; None with its errors where it has any: what is broken cannot be edited safely."""
    text, _ = decode(path, data)
    composed = compose(path, data)
    errors = tuple(each for each in composed.diagnostics if each.is_error)
    return Found(None, errors) if errors else Found(SourceFile(path, data, text, composed.value))
