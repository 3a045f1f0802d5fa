"""One value of one document set to another, and proof that nothing else of the file has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import orjson

from yardarm_reconciler.edit import codes
from yardarm_reconciler.edit.scalars import Value, written
from yardarm_reconciler.edit.source import SourceFile, Splice, read
from yardarm_reconciler.model.node import Entry, Node, descend, plain
from yardarm_reconciler.model.origin import Diagnostic, Found, Place

Path: TypeAlias = tuple[str, ...]
"""Keys from the root of a document to a value."""


def put(file: SourceFile, document: int, path: Path, value: Value) -> Found[SourceFile | None]:
    """Set the value at a path of the n-th document; keys that are missing are added, the last of their map.

    None with the reason where that cannot be done exactly. The answer was read again, and says what was asked for.
    """
    splices = _splices(file, file.documents[document], path, value)
    if isinstance(splices, Diagnostic):
        return Found(None, (splices,))
    for splice in splices:
        found = read(file.path, file.spliced(splice))
        if found.value is not None and _says(file, found.value, document, path, value):
            return found
    return Found(None, (codes.UNPROVEN.at(_near(file, document, path), field=".".join(path)),))


def _near(file: SourceFile, document: int, path: Path) -> Place:
    """The value at a path, or the key of the last thing on the way to it."""
    node, entry, steps = descend(file.documents[document], path)
    return entry.place if entry is not None and steps < len(path) else node.place


# Splices -----------------------------------------------------------------------------------------


def _splices(file: SourceFile, root: Node, path: Path, value: Value) -> tuple[Splice, ...] | Diagnostic:
    """The ways to write a value, the best first."""
    node, entry, steps = descend(root, path)
    field = ".".join(path)
    if steps == len(path):
        splice = _replacement(file, node, value, field)
        return splice if isinstance(splice, Diagnostic) else (splice,)
    if not isinstance(node.value, dict):
        place = entry.place if entry is not None else node.place
        return codes.NO_PLACE.at(place, fix="write {} there first", field=field)
    for key in reversed(path[steps + 1 :]):
        value = {key: value}
    return _insertions(file, node.place, [*node.value.values()], f"{written(path[steps])}: {written(value)}")


def _replacement(file: SourceFile, node: Node, value: Value, field: str) -> Splice | Diagnostic:
    start, end = file.span(node.place)
    literal = file.text[start:end]
    # A block of text that is empty is one line too: its header.
    if isinstance(node.value, dict | tuple) or "\n" in literal or literal[:1] in {"|", ">"}:
        return codes.SPREAD.at(node.place, fix="write it on one line first, or edit it by hand", field=field)
    if not literal:  # nothing is written there, and its place is before the colon
        after_colon = file.text.index(":", start) + 1
        return after_colon, after_colon, f" {written(value)}"
    return start, end, written(value, like=literal)


def _insertions(file: SourceFile, place: Place, entries: Sequence[Entry], added: str) -> tuple[Splice, ...]:
    """A new entry of a map: its last, or where the last one is a text that would then end otherwise, the one before."""
    start, end = file.span(place)
    if not entries:
        inside = file.text[start + 1 : end - 1]
        return ((start + 1, start + 1, added + (inside if inside.isspace() else "")),)
    last = file.span(entries[-1].node.place)[1]
    if file.text[start] == "{":
        return ((last, last, f", {added}"),)
    indent = " " * (place.column - 1)
    after, ending = _end_of_line(file.text, last)
    before = file.span(entries[-1].place)[0]
    return (after, after, f"{ending}{indent}{added}"), (before, before, f"{added}{ending}{indent}")


def _end_of_line(text: str, index: int) -> tuple[int, str]:
    """Where the line ends, and what a line is ended with there; in the last line, with what the one before has."""
    end = text.find("\n", index)
    ended = end if end >= 0 else text.rfind("\n")
    ending = "\r\n" if ended > 0 and text[ended - 1] == "\r" else "\n"
    if end < 0:
        return len(text), ending
    return end - (len(ending) - 1), ending


# Proof -------------------------------------------------------------------------------------------


def _says(before: SourceFile, after: SourceFile, document: int, path: Path, value: Value) -> bool:
    """Whether the new documents are the old ones, but for the value at the path."""
    wanted = [plain(node) for node in before.documents]
    wanted[document] = _with(wanted[document], path, value)
    return _same(wanted, [plain(node) for node in after.documents])


def _with(tree: object, path: Path, value: Value) -> object:
    if not path:
        return value
    entries = tree if isinstance(tree, Mapping) else {}
    return {**entries, path[0]: _with(entries.get(path[0]), path[1:], value)}


def same_documents(one: SourceFile, other: SourceFile) -> bool:
    """Whether two files say the same."""
    return _same([plain(node) for node in one.documents], [plain(node) for node in other.documents])


def _same(wanted: Sequence[object], found: Sequence[object]) -> bool:
    """Whether two trees are equal in types too: 1, 1.0 and true are three values."""
    return orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        found, option=orjson.OPT_SORT_KEYS
    )
