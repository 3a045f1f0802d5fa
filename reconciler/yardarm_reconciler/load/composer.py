"""From YAML to nodes that know where they were written.

Iterative, so that depth costs no stack; capped, so that no file costs more than a second; strict, so that
a file means one thing. A document with any error is left out as a whole: half of one could pass for a smaller one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from yaml.error import Mark, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from yardarm_reconciler.load import codes, parsing
from yardarm_reconciler.load.scalars import UnrepresentableError, is_ambiguous, is_special, resolve
from yardarm_reconciler.load.text import decode, place_of, refuse_escape
from yardarm_reconciler.model.node import Entry, Node, Scalar
from yardarm_reconciler.model.origin import Diagnostic, Found, Place, Severity
from yardarm_reconciler.model.typed import shown

MAX_DEPTH = 64
"""Levels of lists and maps in a document; the deepest real manifests have about twenty."""

MAX_NODES = 50_000
"""Keys and values in one file."""

MAX_DOCUMENTS = 1_000
"""Documents in one file."""

MAX_PROBLEMS = 100
"""Errors in one file after which the rest is not read, and warnings after which no more are given."""

_Frame: TypeAlias = tuple[list[Node] | dict[str, Entry] | None, str | None, Place, bool, Mark]

_place = partial(tuple.__new__, Place)  # Place(...) without its argument handling, half of the cost
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?:#.*)?\r?")


def compose(
    path: str, data: bytes, parse: Callable[[str], parsing.NextEvent] = parsing.parse
) -> Found[tuple[Node, ...]]:
    """Give one node per document of a file; an empty document is skipped.

    A document with an error gives no node, a syntax error ends the file. Cost is bounded for any bytes
    as long as their number is.

    Args:
        path: the file, for places.
        data: its bytes.
        parse: the parser; both give the same answer.
    """
    text, problems = decode(path, data)
    if problems:
        return Found((), problems)
    composition = _Composition(path, text)
    composition.run(parse(text))
    return Found(tuple(composition.documents), tuple(composition.problems))


class _Composition:
    """One run over the events of a file."""

    __slots__ = (
        "container", "count", "documents", "errors", "failed", "key", "key_place", "last", "path",
        "problems", "problems_before", "root", "stack", "stopped", "text", "wants_key", "warnings",
    )  # fmt: skip

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.documents: list[Node] = []
        self.problems: list[Diagnostic] = []
        self.errors = self.warnings = self.count = 0
        self.stopped = False
        # The document:
        self.failed = False
        self.problems_before = 0
        self.root: Node | None = None
        self.last = Place(path)  # of what was read last
        # The list or map that is open; the stack keeps the same of those around it.
        self.stack: list[_Frame] = []
        self.container: list[Node] | dict[str, Entry] | None = None
        self.key: str | None = None  # None where the key was refused: its value is dropped
        self.key_place = self.last
        self.wants_key = False

    def run(self, next_event: parsing.NextEvent) -> None:
        """Compose until the end, a syntax error or a cap."""
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.start_map,
            MappingEndEvent: self.end,
            SequenceStartEvent: self.start_list,
            SequenceEndEvent: self.end,
            AliasEvent: self.alias,
            DocumentStartEvent: self.start_document,
            StreamEndEvent: self.finish_document,
        }
        try:
            while not self.stopped and (event := next_event()) is not None:
                if handle := handlers.get(type(event)):
                    handle(event)
        except YAMLError as error:
            # How much the parsers read ahead differs, so a syntax error stands for its whole document.
            del self.problems[self.problems_before :]
            self.problems.append(parsing.explain(self.path, self.text, error))

    # Events ----------------------------------------------------------------------------------

    def start_document(self, event: parsing.Located) -> None:
        self.finish_document(event)
        start, end = event.start_mark.index, event.end_mark.index
        for directive in re.finditer(r"^%.*", self.text[start:end], re.MULTILINE):
            if not _YAML_1_2.fullmatch(directive.group()):
                place = place_of(self.path, self.text, start + directive.start(), start + directive.end())
                self.report(codes.DIRECTIVE.at(place, fix="remove it"))
                return

    def finish_document(self, _next: parsing.Located) -> None:
        """Take the document that was read, now that what follows it is known to be in order."""
        root, failed = self.root, self.failed
        self.root, self.failed, self.problems_before = None, False, len(self.problems)
        if root is None or failed or _is_nothing(root):
            return
        if len(self.documents) == MAX_DOCUMENTS:
            self.stop(codes.TOO_LARGE.at(root.place, f"A file holds at most {MAX_DOCUMENTS} documents."))
        else:
            self.documents.append(root)

    def scalar(self, event: parsing.Located) -> None:
        start, end = event.start_mark, event.end_mark
        place = _place((self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1))
        text: str = event.value
        style = event.style
        if event.tag is not None or event.anchor is not None:
            self.refuse_properties(event, place)
        elif style == "|" or style == ">":  # noqa: PLR1714 - twice as fast as `in`, a million times a load
            place = self.without_blank_lines(place, start.index, end.index)
        elif style == '"' and not text.isprintable():
            self.check_escapes(start.index, end.index)
        if self.wants_key:
            self.start_entry(text, place, plain=not style)
        elif style or not is_special(text):
            self.put(text, place)
        else:
            self.put_plain(text, place)

    def start_map(self, event: parsing.Located) -> None:
        self.open({}, event)
        self.wants_key = True

    def start_list(self, event: parsing.Located) -> None:
        self.open([], event)
        self.wants_key = False

    def open(self, container: list[Node] | dict[str, Entry], event: parsing.Located) -> None:
        if event.tag is not None or event.anchor is not None:
            self.refuse_properties(event, self.place(event))
        if self.wants_key:
            self.report(codes.KEY.at(self.place(event), "A list or a map cannot be a key."), self.field())
        self.stack.append((self.container, self.key, self.key_place, self.wants_key, event.start_mark))
        self.container = container
        if len(self.stack) > MAX_DEPTH:
            place = self.place(event)
            self.stop(codes.TOO_DEEP.at(place, f"There are more than {MAX_DEPTH} levels of lists and maps."))

    def end(self, event: parsing.Located) -> None:
        closed = self.container
        self.container, self.key, self.key_place, was_key, opened = self.stack.pop()
        start, end = event.start_mark, event.end_mark
        if start.index != end.index:  # a closing bracket
            place = _place((self.path, opened.line + 1, opened.column + 1, end.line + 1, end.column + 1))
        else:
            last = self.last
            place = _place((self.path, opened.line + 1, opened.column + 1, last.end_line, last.end_column))
        if was_key:
            self.key, self.key_place, self.wants_key = None, place, False
        else:
            self.wants_key = False
            self.put(tuple(closed) if type(closed) is list else closed, place)

    def alias(self, event: parsing.Located) -> None:
        place = self.place(event)
        self.report(codes.ALIAS.at(place, fix="write the value itself"), self.field())
        if self.wants_key:
            self.key, self.key_place, self.wants_key = None, place, False
        else:
            self.put(None, place)

    # Keys and values -------------------------------------------------------------------------

    def start_entry(self, key: str, place: Place, *, plain: bool) -> None:
        """Take a scalar as the key of the next value."""
        self.count += 1
        self.wants_key = False
        self.key, self.key_place, self.last = None, place, place
        entries = self.container
        if plain and key == "<<":
            self.report(codes.MERGE_KEY.at(place, fix="write the values here"), self.field())
        elif plain and is_special(key) and not _is_text(key):
            message = (
                f"Without quotes, `{shown(key)}` is not text."
                if key
                else "There is no key before this colon."
            )
            self.report(codes.KEY.at(place, message, fix=f'"{shown(key)}"' if key else ""), self.field())
        elif type(entries) is dict and key in entries:
            first = entries[key].place
            message = f"`{shown(key)}` is written in line {first.line} and again in line {place.line}."
            self.report(
                codes.DUPLICATE_KEY.at(place, message, note=f"first written at {first}"), self.field(key)
            )
        else:
            self.key = key

    def put(self, value: Any, place: Place) -> None:  # noqa: ANN401 - whatever a Node holds
        """Add a complete value to what is open."""
        self.count += 1
        if self.count > MAX_NODES:
            self.stop(
                codes.TOO_LARGE.at(place, f"There are more than {MAX_NODES} keys and values in one file.")
            )
        self.last = place
        container = self.container
        if type(container) is dict:
            if self.key is not None:
                container[self.key] = Entry(self.key_place, Node(value, place))
            self.wants_key = True
        elif type(container) is list:
            container.append(Node(value, place))
        else:
            self.root = Node(value, place)

    def put_plain(self, text: str, place: Place) -> None:
        """Add a value without quotes that may be something else than text."""
        value: Scalar = None
        if text:
            try:
                value = resolve(text)
            except UnrepresentableError as reason:
                self.report(
                    codes.NUMBER.at(place, str(reason), fix=f'if it is text: "{text[:40]}"'), self.field()
                )
            else:
                if is_ambiguous(text):
                    message = f"Other tools may not read `{text}` as {_described(value)}."
                    self.report(
                        codes.AMBIGUOUS.at(place, message, fix=f'if it is text: "{text}"'), self.field()
                    )
        elif type(self.container) is dict:
            # The parsers differ on where nothing is; it is right after the key.
            line, column = self.key_place.end_line, self.key_place.end_column
            place = Place(self.path, line, column, line, column)
        self.put(value, place)

    def without_blank_lines(self, place: Place, start: int, end: int) -> Place:
        """End a block scalar after its last character: the parsers end it where the next thing starts."""
        body = self.text[start:end].rstrip()
        parsing.check_block(body, start)
        lines = body.count("\n")
        column = len(body) - body.rfind("\n") if lines else place.column + len(body)
        return Place(self.path, place.line, place.column, place.line + lines, column)

    def place(self, event: parsing.Located) -> Place:
        """The range of one event."""
        start, end = event.start_mark, event.end_mark
        return Place(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    # Problems --------------------------------------------------------------------------------

    def check_escapes(self, start: int, end: int) -> None:
        if problem := refuse_escape(self.path, self.text, start, end):
            self.report(problem, self.field())

    def refuse_properties(self, event: parsing.Located, place: Place) -> None:
        if event.anchor is not None:
            fix = "remove it, and write the value again where it is used"
            self.report(
                codes.ALIAS.at(place, f"Anchors are not supported: &{shown(event.anchor)}.", fix=fix),
                self.field(),
            )
        if event.tag is not None:
            self.report(
                codes.TAG.at(place, f"Tags are not supported: {shown(event.tag)}.", fix="remove it"),
                self.field(),
            )

    def field(self, key: str | None = None) -> str:
        """Give the dotted path of what is being read."""
        parents = [(container, name) for container, name, *_ in self.stack[1:]]
        path = ""
        for container, name in (*parents, (self.container, key or (None if self.wants_key else self.key))):
            if type(container) is list:
                path += f"[{len(container)}]"
            elif name is not None:
                path += f".{shown(name)}"
        return path.lstrip(".")

    def report(self, problem: Diagnostic, field: str = "") -> None:
        """Note a problem; after too many, stop."""
        if problem.severity is Severity.WARNING:
            self.warnings += 1
            if self.warnings <= MAX_PROBLEMS:
                self.problems.append(replace(problem, field=field))
            return
        self.failed = True
        self.errors += 1
        self.problems.append(replace(problem, field=field))
        if self.errors == MAX_PROBLEMS:
            self.stop(codes.TOO_MANY_PROBLEMS.at(problem.place))

    def stop(self, problem: Diagnostic) -> None:
        """Give up on the rest of the file."""
        self.problems.append(problem)
        self.stopped = True


def _is_text(key: str) -> bool:
    try:
        return isinstance(resolve(key), str)
    except UnrepresentableError:
        return False


def _is_nothing(root: Node) -> bool:
    """Whether there is nothing between two document markers."""
    place = root.place
    return root.value is None and (place.line, place.column) == (place.end_line, place.end_column)


def _described(value: Scalar) -> str:
    return "text" if isinstance(value, str) else f"the number {value}"
