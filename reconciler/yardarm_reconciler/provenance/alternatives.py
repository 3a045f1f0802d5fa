"""Another value of the same kind: what a person might have written instead. Whether it is valid is tried, not known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from yardarm_reconciler.model.node import Scalar

MOST = 12
"""Characters of a text that are tried, from its end."""

UNSET: tuple[Scalar, ...] = (2, 0, True, "2m", "2Gi", "a")
"""What might stand in a field of which nothing is known: one of each kind."""

NAMED = "a"
"""What might stand instead of true: ``grpc: true`` asks for the server as a whole, a name for one service."""

_WORDS = re.compile(r"'([^']+)'")
"""What a diagnostic lists as allowed."""


def alternatives(value: Scalar) -> Iterator[Scalar]:
    """Values that differ in one respect: a number by one, a text by one character."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        if value > 0:
            yield value - 1
    elif isinstance(value, str):
        places = [index for index in reversed(range(len(value))) if value[index].isalnum()][:MOST]
        for index in places:
            yield value[:index] + _next(value[index]) + value[index + 1 :]
        for index in places[:3]:
            yield value[:index] + _previous(value[index]) + value[index + 1 :]
        yield f"{value}x"
        yield f"{value}:2"  # of a short form that says how many


def hinted(value: Scalar, message: str) -> Iterator[Scalar]:
    """What a diagnostic says is allowed instead."""
    if isinstance(value, str):
        yield from (word for word in _WORDS.findall(message) if word != value)


def _next(character: str) -> str:
    """The next digit, or the next letter; hexadecimal digits stay hexadecimal."""
    return {"9": "8", "z": "y", "Z": "Y", "f": "e", "F": "E"}.get(character, chr(ord(character) + 1))


def _previous(character: str) -> str:
    return {"0": "1", "a": "b", "A": "B"}.get(character, chr(ord(character) - 1))
