"""One layout for all files of specs, in which every value, every comment and every blank line between them stays.

Indentation by two, line ends alike, no space behind lines, one newline at the end, no byte order mark. What is within a text
of several lines is part of it. A rule that would change what a file says is not applied to that file.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.edit.values import same_documents
from yardarm_reconciler.model.node import Entry, Node

STEP = 2
"""Spaces for each level."""

MODELINE = "# yaml-language-server: $schema="
"""How a file tells editors its schema. https://github.com/redhat-developer/yaml-language-server#using-inlined-schema"""


def canonical(file: SourceFile) -> SourceFile:
    """The same file as it is laid out here; laying it out again changes nothing."""
    for rule in (_indented, _trimmed, _ended):
        found = read(file.path, rule(file).encode()).value
        if found is not None and same_documents(file, found):
            file = found
    return file


def with_schema(file: SourceFile, schema: str) -> SourceFile:
    """The same file with a first line that names a schema to editors, where no line names one."""
    if MODELINE.rstrip("=") in file.text or not file.documents:
        return file
    ending = _ending(file.text)
    found = read(file.path, file.spliced((0, 0, f"{MODELINE}{schema}{ending}"))).value
    return found if found is not None and same_documents(file, found) else file


# Space behind lines, and at the ends ---------------------------------------------------------------


def _trimmed(file: SourceFile) -> str:
    """Without space behind lines, which end alike; lines of texts are left as they are."""
    texts = {line for first, last in _texts(file.documents) for line in range(first, last)}
    lines = file.text.split("\n")
    bare = [
        line.removesuffix("\r") if number in texts else line.rstrip()
        for number, line in enumerate(lines, start=1)
    ]
    return _ending(file.text).join(bare)


def _ended(file: SourceFile) -> str:
    """With one newline at the end, and none at the beginning."""
    body = file.text.strip("\r\n")
    return f"{body}{_ending(file.text)}" if body else ""


def _ending(text: str) -> str:
    """What most lines end with."""
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def _texts(nodes: Iterable[Node]) -> Iterator[tuple[int, int]]:
    """First and last line of every value of several lines that is neither a list nor a map."""
    for node in nodes:
        if isinstance(node.value, dict):
            yield from _texts(entry.node for entry in node.value.values())
        elif isinstance(node.value, tuple):
            yield from _texts(node.value)
        elif node.place.line != node.place.end_line:
            yield node.place.line, node.place.end_line + 1


# Indentation ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Start:
    """A key or an item that begins a line: its column from 0, and the one where it belongs."""

    column: int
    wanted: int


def _indented(file: SourceFile) -> str:
    """With every block list and map as deep as it is nested."""
    lines = file.text.split("\n")
    starts: dict[int, _Start] = {}
    for document in file.documents:
        _place(lines, document, 0, starts)
    texts = {line for first, last in _texts(file.documents) for line in range(first + 1, last)}
    return "\n".join(_moved(lines, starts, texts))


def _place(lines: list[str], node: Node, wanted: int, starts: dict[int, _Start]) -> None:
    """Note where each entry of a block list or map begins a line, and where it belongs."""
    place, start = node.place, _Start(node.place.column - 1, wanted)
    if not node.value or lines[place.line - 1][start.column] in "{[":
        return
    if isinstance(node.value, dict):
        for entry in node.value.values():
            starts.setdefault(entry.place.line, start)
            _place(lines, entry.node, wanted + _deeper(node, entry), starts)
    elif isinstance(node.value, tuple):
        for item in node.value:
            dash = _dash(lines, node, item)
            starts.setdefault(dash, start)
            inner = item.place.column - place.column if item.place.line == dash else STEP
            _place(lines, item, wanted + inner, starts)


def _deeper(node: Node, entry: Entry) -> int:
    """How much deeper a value belongs than its key; a list whose items stand below the key itself stays there."""
    value = entry.node
    return 0 if isinstance(value.value, tuple) and value.place.column == node.place.column else STEP


def _dash(lines: list[str], node: Node, item: Node) -> int:
    """The line of an item's dash: the nearest at or above it that has one where the list begins."""
    column = node.place.column
    above = range(item.place.line, node.place.line, -1)
    return next((line for line in above if lines[line - 1][column - 1 : column] == "-"), node.place.line)


def _moved(lines: list[str], starts: Mapping[int, _Start], texts: set[int]) -> Iterator[str]:
    """Lines moved with what they belong to.

    A comment belongs to what follows it where it stands as deep as that, else to what it follows.
    """
    by, known = 0, sorted(starts)
    for number, line in enumerate(lines, start=1):
        if number in starts:
            by = starts[number].wanted - starts[number].column
        bare = line.lstrip(" ")
        column = len(line) - len(bare)
        after = bisect.bisect(known, number)
        follows = starts[known[after]] if after < len(known) else None
        if number not in texts and (not bare.strip() or _is_marker(line)):
            yield line
        elif number not in texts and bare.startswith("#") and follows and follows.column == column:
            yield " " * follows.wanted + bare
        else:
            yield " " * max(0, column + by) + bare


def _is_marker(line: str) -> bool:
    """Whether a line begins or ends a document, or is said to the parser."""
    return line.startswith(("---", "...", "%"))
