"""YAML's syntax, as events from libyaml; from PyYAML's own parser where its C extension was not built.

The two differ on tabs between tokens and on escapes that are no characters; both are refused here, so that
a repository means the same on every machine. Why events and not a loader: the loaders recurse, and die of
a hundred thousand brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import yaml
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.events import ScalarEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

from yardarm_reconciler.load.codes import DIRECTIVE, ENCODING, SYNTAX, TAB, TAG
from yardarm_reconciler.load.text import SURROGATE_FIX, place_of
from yardarm_reconciler.model.origin import Diagnostic

_LIBYAML: Callable[[bytes], Any] | None = getattr(getattr(yaml, "cyaml", None), "CParser", None)
"""PyYAML's binding to libyaml; None where it was built without."""

NextEvent: TypeAlias = Callable[[], Any]
"""Gives the next event, None after the last; raises YAMLError."""


class Located(Protocol):
    """What every event has that we ask; where the parsers' own types promise less than they keep."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None  # of values
    tag: str | None  # of values
    value: str  # of scalars
    style: str | None  # of scalars; empty or None: no quotes


class _PurePython(Reader, Scanner, Parser):
    """PyYAML's parser without a loader."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def pure_python(text: str) -> NextEvent:
    """Parse with PyYAML's own parser: about fifty times slower than libyaml."""
    parser: Any = _PurePython(text)  # its methods have no types

    def next_event() -> Any:  # noqa: ANN401 - PyYAML's events have no common type with what we read of them
        try:
            return parser.get_event()
        except (ValueError, OverflowError):  # chr() of an escape beyond U+10FFFF
            raise ScannerError(
                None, None, "invalid Unicode character escape code", parser.get_mark()
            ) from None

    return next_event


def libyaml(text: str) -> NextEvent:
    """Parse with libyaml."""
    next_event = _events(text)
    if "\t" in text and (tab := _stray_tab(text)) is not None:
        return _stopping_at(next_event, tab)
    return next_event


def _events(text: str) -> NextEvent:
    if _LIBYAML is None:
        raise ModuleNotFoundError("PyYAML was built without libyaml")
    next_event: NextEvent = _LIBYAML(text.encode()).get_event
    return next_event


_TOUCHING_COMMENT = re.compile(r"[|>][-+0-9]*#")
_TAB_FIRST = re.compile(r"[|>][-+]? *(?:#.*)?\r?\n(?: *\r?\n)* *\t")  # and no digit that says the indentation

parse = libyaml if _LIBYAML else pure_python


def _stopping_at(next_event: NextEvent, tab: int) -> NextEvent:
    """Fail as PyYAML's own parser does when a tab between tokens is reached."""

    def guarded() -> Any:  # noqa: ANN401 - as above
        event = next_event()
        if event is not None and event.end_mark.index > tab:
            raise _error_at(tab, "found character '\\t' that cannot start any token")
        return event

    return guarded


def _stray_tab(text: str) -> int | None:
    """The first tab that is in no quoted scalar, no block scalar and no comment."""
    next_event = _events(text)
    end = 0
    try:
        while (event := next_event()) is not None:
            kind = type(event)
            if kind is not ScalarEvent:
                continue
            start, gap_start, end = event.start_mark.index, end, event.end_mark.index
            tab = _tab_outside_comments(text, gap_start, start)
            if tab is None and event.style in ("|", ">"):
                tab = _tab_outside_comments(text, start, _line_end(text, start))
            elif tab is None and event.implicit[0] and "\t" in text[start:end]:
                tab = text.index("\t", start)
            if tab is not None:
                return tab
    except YAMLError:
        return None  # the caller meets the same error
    return _tab_outside_comments(text, end, len(text))


def check_block(block: str, start: int) -> None:
    """Refuse the block scalars that only one of the parsers accepts.

    Raises:
        ScannerError: it is one; ``start`` is the index of the scalar.
    """
    if touching := _TOUCHING_COMMENT.match(block):
        raise _error_at(start + touching.end() - 1, "expected a space before the comment")
    if tab := _TAB_FIRST.match(block):
        raise _error_at(start + tab.end() - 1, "found a tab where the indentation is decided")


def _error_at(index: int, problem: str) -> ScannerError:
    return ScannerError(None, None, problem, Mark("", index, 0, 0, None, 0))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _tab_outside_comments(text: str, start: int, end: int) -> int | None:
    while (tab := text.find("\t", start, end)) >= 0:
        line = text.rfind("\n", start, tab) + 1 or start
        if "#" not in text[line:tab]:
            return tab
        start = _line_end(text, tab)
    return None


# Words of both parsers' messages, and what the reader is told instead. First match wins.
_EXPLANATIONS = (
    ("invalid Unicode character escape", ENCODING, "This escape is no character.", SURROGATE_FIX),
    ("directive", DIRECTIVE, "", "remove it"),
    ("incompatible YAML document", DIRECTIVE, "", "remove it"),
    ("tag handle", TAG, "", "remove it"),
    (
        "mapping values are not allowed",
        SYNTAX,
        'A ": " is not expected here.',
        "quote the value, or check the indentation",
    ),
    ("unexpected end of stream", SYNTAX, "This quote is never closed.", "close it"),
    (
        "found unexpected document indicator",
        SYNTAX,
        "This quote is not closed before the next document.",
        "close it",
    ),
    (
        "unknown escape character",
        SYNTAX,
        "This escape is unknown.",
        "use single quotes, or write \\\\ for a backslash",
    ),
    ("could not find expected ':'", SYNTAX, 'This line has no ": ".', "write `key: value`"),
    ("expected ',' or ']'", SYNTAX, "This list is not closed, or a comma is missing.", "close it with ]"),
    ("expected ',' or '}'", SYNTAX, "This map is not closed, or a comma is missing.", "close it with }"),
    ("expected key", SYNTAX, "The indentation does not fit the lines above.", "align it with its siblings"),
    ("<block end>", SYNTAX, "The indentation does not fit the lines above.", "align it with its siblings"),
    ("'-' indicator", SYNTAX, "The indentation does not fit the lines above.", "align it with its siblings"),
    ("<document start>", SYNTAX, "A document starts with `---`.", "put `---` on its own line"),
    ("cannot start any token", SYNTAX, "A value cannot start with this character.", "quote the value"),
    (
        "block sequence entries are not allowed",
        SYNTAX,
        "A list is not expected here.",
        "put it on the next line",
    ),
    ("node content", SYNTAX, "A value is missing here.", ""),
)
_AT_START = ("unexpected end of stream", "unexpected document indicator", "could not find expected ':'")


def explain(path: str, text: str, error: YAMLError) -> Diagnostic:
    """Say in our words, and at the same place, what either parser has found."""
    if not isinstance(error, MarkedYAMLError):
        return SYNTAX.at(place_of(path, text, 0, 0))
    problem, context = error.problem or "", error.context or ""
    mark: Any = error.problem_mark or error.context_mark
    if error.context_mark and (any(words in problem for words in _AT_START) or "directive" in context):
        mark = error.context_mark
    index = min(mark.index, len(text)) if mark is not None else 0
    if "escape" in problem:
        index = max(text.rfind("\\", 0, index + 1), 0)
    place = place_of(path, text, index, index + (index < len(text)))
    if text.startswith("\t", index):
        return TAB.at(place, fix="use spaces")
    for words, code, message, fix in _EXPLANATIONS:
        if words in problem or words in context:
            return code.at(place, message, fix=fix)
    return SYNTAX.at(place)
