"""Which versions of the program may read a repository."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

_Release: TypeAlias = tuple[int, ...]

_CLAUSE = re.compile(r"(>=|<=|==|!=|<|>|~=)([0-9.]+)")
_RELEASE = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_PARTS = 3


def satisfies(version: str, wanted: str) -> bool:
    """Tell whether ``version`` is in the range ``wanted``, such as ``>=0.1,<0.2``.

    As PEP 440 orders releases; what follows the numbers (``.dev3``, ``rc1``) does not count.
    """
    release = _RELEASE.match(version)
    have = _padded(release.group()) if release else ()
    clauses = [_CLAUSE.fullmatch(clause.strip()) for clause in wanted.split(",")]
    return all(clause is not None and _holds(have, clause[1], clause[2]) for clause in clauses)


def _holds(have: _Release, comparison: str, bound: str) -> bool:
    if comparison == "~=":  # at least this, and alike but for the last number
        alike = bound.count(".")
        return have >= _padded(bound) and have[:alike] == _padded(bound)[:alike]
    return _COMPARISONS[comparison](have, _padded(bound))


def _padded(version: str) -> _Release:
    numbers = tuple(int(number) for number in version.split("."))
    return numbers + (0,) * (_PARTS - len(numbers))


_COMPARISONS: Mapping[str, Callable[[_Release, _Release], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
