"""Problems: place, code, one sentence, the source with a caret, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from yardarm_reconciler.model.origin import Diagnostic, Place, in_order
from yardarm_reconciler.report.text import Look, screen, width

Lines: TypeAlias = Callable[[str], Sequence[str]]
"""The lines of a file of the revision by path; none where it cannot be read."""

TAB = "    "
BEFORE_CARET = 20
"""Columns of a long line that are kept before the caret."""


INLINE = "security/secret-inline"
"""The problem whose line of source is the very thing that must not be shown."""


def human(diagnostics: Iterable[Diagnostic], lines: Lines, look: Look) -> str:
    """All problems in order of place, each with its line of source, but for lines that hold a secret."""
    ordered = in_order(diagnostics)
    hidden = {line for each in ordered if each.code.name == INLINE for line in _covered(each.place)}

    def shown(path: str) -> Sequence[str]:
        return ["" if (path, number) in hidden else line for number, line in enumerate(lines(path), start=1)]

    return screen([line for each in ordered for line in _explained(each, shown, look)])


def _covered(place: Place) -> set[tuple[str, int]]:
    return {(place.path, line) for line in range(place.line, max(place.line, place.end_line) + 1)}


def concise(diagnostics: Iterable[Diagnostic], look: Look) -> str:
    """One line a problem: ``path:line:col: severity[code] message``."""
    return screen([look.say(str(each)) for each in in_order(diagnostics)])


def _explained(diagnostic: Diagnostic, lines: Lines, look: Look) -> list[str]:
    place = diagnostic.place
    colour = "red" if diagnostic.is_error else "yellow"
    where = look.say(f"{place}: ") if place.path else ""
    label = look.paint(colour, look.say(f"{diagnostic.severity}[{diagnostic.code.name}]"))
    head = [f"{where}{label} {look.say(diagnostic.message)}"]
    source = _line(place, lines)
    gutter = max(3, len(str(place.line)) + 2)
    if source is None:
        return [*head, *_facts((diagnostic.fix, diagnostic.note), gutter, look)]
    return [
        *head,
        *_source(place, source, diagnostic.fix, colour, look),
        *_facts((diagnostic.note,), gutter, look),
    ]


def _facts(facts: Iterable[str], gutter: int, look: Look) -> list[str]:
    """Each on a line of its own under the source, folded where the screen is narrow."""
    first = " " * gutter + " = "
    return [line for fact in facts if fact for line in look.indented(look.say(fact), gutter + 3, first)]


def _line(place: Place, lines: Lines) -> str | None:
    """The line to show, or None where there is none: no file, the file as a whole, a file that changed."""
    if not place.path or not place.line:
        return None
    source = lines(place.path)
    return (source[place.line - 1] or None) if place.line <= len(source) else None


def _source(place: Place, source: str, fix: str, colour: str, look: Look) -> list[str]:
    """The line with its number, and a caret under exactly what is meant."""
    number = f"{place.line:>3} "
    bar = look.say("│ ")
    room = look.columns - width(number) - width(bar)
    before, token, after = (look.say(part.replace("\t", TAB)) for part in _parts(place, source))
    if width(before + token + after) > room:
        before, token, after = _window(before, token, after, room, look)
    marks = "^" * max(1, width(token))
    under = f"{' ' * width(number)}{bar}{' ' * width(before)}{look.paint(colour, marks)}"
    indent = width(number) + width(bar) + width(before) + len(marks) + 1
    shown = f"{number}{bar}{before}{token}{after}"
    if not fix:
        return [shown, under]
    said = look.say(fix)
    if indent + width(said) <= look.columns:
        return [shown, f"{under} {said}"]
    return [shown, under, *_facts((fix,), width(number) - 1, look)]


def _parts(place: Place, source: str) -> tuple[str, str, str]:
    """What is before the range, in it, and after it; a range of several lines ends with the first."""
    start = max(0, place.column - 1)
    one_line = place.end_line in {0, place.line}
    end = place.end_column - 1 if one_line and place.end_column else len(source)
    if not place.column:
        start, end = len(source) - len(source.lstrip()), len(source.rstrip())
    token = source[start:end].rstrip() or source[start:end]
    return source[:start], token, source[start + len(token) :]


def _window(before: str, token: str, after: str, room: int, look: Look) -> tuple[str, str, str]:
    """The part of a long line around the caret."""
    if width(before) > BEFORE_CARET:
        before = look.say("…") + _last_columns(before, BEFORE_CARET - 3)
    token = look.clip(token, max(1, room - width(before)))
    left = room - width(before) - width(token)
    return before, token, look.clip(after, left) if left > len(look.say("…")) else ""


def _last_columns(said: str, columns: int) -> str:
    kept = said[-columns:]
    while width(kept) > columns:
        kept = kept[1:]
    return kept
