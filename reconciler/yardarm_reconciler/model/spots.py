"""A field as an API server names it, in the words that we name fields in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from yardarm_reconciler.model.fields import item_name, readable
from yardarm_reconciler.model.manifest import Object

_BRACKET = re.compile(r"\[(?P<inside>\"(?:[^\"\\]|\\.)*\"|(?:[^\]\"]|\"(?:[^\"\\]|\\.)*\")*)\]")
_PAIR = re.compile(r"(?P<key>[\w.-]+)=(?P<value>\"(?:[^\"\\]|\\.)*\"|[^,]*)(?:,|$)")


def spot(body: Object, path: str) -> str:
    """What leads to the same field among those of :func:`fields`; empty where the object has no such field.

    Servers name items by position (``containers[0]``) or by key (``containers[name="main"]``), entries of maps in brackets
    or behind a dot, however many dots are in their own names.
    """
    try:
        return readable(tuple(_steps(body, path.lstrip("."), "")))
    except LookupError:
        return ""


def _steps(value: object, rest: str, within: str) -> Iterator[str]:
    """The names on the way. Raises LookupError where it leads nowhere."""
    if not rest:
        return
    if isinstance(value, Mapping):
        name, left = _entry(value, rest)
        yield name
        yield from _steps(value[name], left.removeprefix("."), name)
        return
    items = value if isinstance(value, list | tuple) else ()
    bracket = _BRACKET.match(rest)
    if bracket is None:
        raise LookupError(rest)
    position = _position(items, bracket["inside"])
    yield item_name(items, position, within)
    yield from _steps(items[position], rest[bracket.end() :].removeprefix("."), "")


def _entry(value: Mapping[str, object], rest: str) -> tuple[str, str]:
    """The key of a map that a path begins with, the longest of several, and the rest of the path."""
    bracket = _BRACKET.match(rest)
    if bracket:
        name = bracket["inside"].strip('"')
        if name in value:
            return name, rest[bracket.end() :]
        raise LookupError(rest)
    for name in sorted(value, key=len, reverse=True):
        if rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", ".", "["}:
            return name, rest[len(name) :]
    raise LookupError(rest)


def _position(items: Sequence[object], inside: str) -> int:
    """Where an item is, by its position, its keys or its value."""
    if inside.isdigit():
        if int(inside) < len(items):
            return int(inside)
        raise LookupError(inside)
    wanted = {each["key"]: each["value"].strip('"') for each in _PAIR.finditer(inside)}
    for position, item in enumerate(items):
        if wanted and isinstance(item, Mapping):
            if all(str(item.get(key)) == value for key, value in wanted.items()):
                return position
        elif str(item) == inside.strip('"'):
            return position
    raise LookupError(inside)
