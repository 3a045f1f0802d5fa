"""What diagnostics are certain of, written into a file: words for words, and not a byte else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Diagnostic, Edit, Repair, Replace

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
"""What may be written in the place of another word, with or without quotes, and stays one text."""

_BARE = re.compile(r"[A-Za-z0-9_.+-]+")
_NUMBER = re.compile(r"""(?P<quote>["'])(?P<number>0|[1-9][0-9]*)(?P=quote)""")


@dataclass(frozen=True, slots=True)
class Repaired:
    """A file with what could be repaired, the problems that were, and what was written for each."""

    file: SourceFile
    problems: tuple[Diagnostic, ...]
    edits: Mapping[Diagnostic, Edit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Change:
    """From one index of the text to another, what is to stand there, and why."""

    start: int
    end: int
    new: str
    repair: Repair

    def overlaps(self, other: _Change) -> bool:
        return self.start < other.end and other.start < self.end


def repaired(file: SourceFile, problems: Sequence[Diagnostic]) -> Repaired | None:
    """Make every certain repair of a file at one time; None where there is none that can be made exactly.

    Problems that want different things at one place leave it as it is. What came out was read again: it says what it said
    before, but for the words that were replaced.
    """
    wanted: dict[_Change, list[Diagnostic]] = {}
    for problem in problems:
        change = _change(file, problem) if problem.place.end_line else None
        if change is not None:
            wanted.setdefault(change, []).append(problem)
    certain = [each for each in wanted if not any(each.overlaps(other) for other in wanted if other != each)]
    data = file.spliced(*((each.start, each.end, each.new) for each in certain))
    after = read(file.path, data).value if certain else None
    if after is None or not _says(file, after, certain):
        return None
    pairs = [(problem, each) for each in certain for problem in wanted[each]]
    edits = {problem: Edit(file.place(each.start, each.end), each.new) for problem, each in pairs}
    return Repaired(after, tuple(problem for problem, _ in pairs), edits)


def _change(file: SourceFile, problem: Diagnostic) -> _Change | None:
    """The characters to replace; None where what is underlined is not what the repair is for."""
    start, end = file.span(problem.place)
    text = file.text[start:end]
    repair = problem.repair
    if isinstance(repair, Replace):
        found = list(_whole(repair.old).finditer(text))
        if len(found) != 1 or not _WORD.fullmatch(repair.new):
            return None
        return _Change(start + found[0].start(), start + found[0].end(), repair.new, repair)
    if repair is None:
        return None
    if repair.quotes:
        return _Change(start, end, f'"{text}"', repair) if _BARE.fullmatch(text) else None
    number = _NUMBER.fullmatch(text)
    return _Change(start, end, number["number"], repair) if number else None


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])")


# Proof -------------------------------------------------------------------------------------------


def _says(before: SourceFile, after: SourceFile, changes: Sequence[_Change]) -> bool:
    """Whether the new documents are the old ones, but for each change, and that is what was wanted."""
    old = [each for node in before.documents for each in _words(node)]
    new = [each for node in after.documents for each in _words(node)]
    if len(old) != len(new):
        return False
    left = list(changes)
    for (was, node), (now, _) in zip(old, new, strict=True):
        if was == now:
            continue
        start, end = before.span(node.place)
        change = next((each for each in left if start <= each.start and each.end <= end), None)
        if change is None or now != _wanted(was, change):
            return False
        left.remove(change)
    return not left


def _wanted(was: tuple[str, object], change: _Change) -> tuple[str, object]:
    """What a reader of the file must find in the place of a key or scalar."""
    repair = change.repair
    if isinstance(repair, Replace):
        return was[0], _whole(repair.old).sub(repair.new, str(was[1]))
    return ("str", change.new[1:-1]) if repair.quotes else ("int", int(change.new))


def _words(root: Node) -> Iterator[tuple[tuple[str, object], Node]]:
    """Every key and every scalar in the order that they are written in, with the kind of value that it is."""
    value = root.value
    if isinstance(value, dict):
        yield ("map", len(value)), root
        for key, entry in value.items():
            yield ("key", key), Node(key, entry.place)
            yield from _words(entry.node)
    elif isinstance(value, tuple):
        yield ("list", len(value)), root
        for item in value:
            yield from _words(item)
    else:
        yield (type(value).__name__, value), root
