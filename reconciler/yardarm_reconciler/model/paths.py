"""Patterns of repository paths, as ``yardarm.yaml`` and Team specs write them.

``*`` stands for any characters within one name, ``?`` for one, a name of ``**`` for any number of
directories, none included; everything else stands for itself, dots at the start of a name too. A pattern
begins at the root of the repository, and one that matches a directory matches all that is below it: ``a``,
``a/`` and ``a/**`` mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """Tell whether one of the patterns matches a path."""
    return any(matches(pattern, path) for pattern in patterns)


def matches(pattern: str, path: str) -> bool:
    """Tell whether a pattern matches a path or a directory above it. Time is bounded by the product of lengths."""
    fixed = pattern[: min((i for i in map(pattern.find, "*?") if i >= 0), default=len(pattern))]
    if not path.startswith(fixed.rstrip("/")):
        return False
    names = [name for name in pattern.split("/") if name]
    return _matches([*names, "**"], path.split("/"), "**", _name_matches)


def _name_matches(pattern: str, name: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return pattern == name
    return _matches(pattern, name, "*", lambda wanted, character: wanted in ("?", character))


def _matches(pattern: Sequence[T], items: Sequence[T], star: T, same: Callable[[T, T], bool]) -> bool:
    """Match with one kind of wildcard for any run of items: the last wildcard takes more only where it must.

    Trying again at earlier wildcards can never help, so this is not exponential, as a regular expression is.
    """
    p = i = 0
    after_star, taken_to = -1, 0
    while i < len(items):
        if p < len(pattern) and pattern[p] == star:
            p += 1
            after_star, taken_to = p, i
        elif p < len(pattern) and same(pattern[p], items[i]):
            p += 1
            i += 1
        elif after_star >= 0:
            taken_to += 1
            p, i = after_star, taken_to
        else:
            return False
    return all(rest == star for rest in pattern[p:])
