"""What the address of a page asks for, and the part of a long table that it gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, urlencode

from yardarm_reconciler.report.page.words import LONGEST

ROWS = 100
"""Rows of a table: what a browser shows at once, and a person reads through."""

FIELDS = 8
"""Fields of a query that are read; more than there are."""

DIGITS = 6
"""Of the number of a page."""

UNSETTLED = "unsettled"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which team (or all), whether without what is settled, which part of the teams and of the other table."""

    team: str = ""
    unsettled: bool = False
    teams: int = 1
    part: int = 1

    @classmethod
    def of(cls, query: str) -> Asked:
        """Read a query; what cannot be meant is as if it was not asked."""
        try:
            given = dict(parse_qsl(query, max_num_fields=FIELDS))
        except ValueError:
            return cls()
        return cls(
            given.get("team", "")[:LONGEST],
            given.get("show") == UNSETTLED,
            _number(given.get("teams", "")),
            _number(given.get("page", "")),
        )

    @property
    def query(self) -> str:
        """The same as an address has it: ``?team=nlp&page=2``; at least the mark, so that it may stand alone in a link."""
        fields = {
            "team": self.team[:LONGEST],
            "show": UNSETTLED if self.unsettled else "",
            "teams": str(self.teams) if self.teams > 1 else "",
            "page": str(self.part) if self.part > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in fields.items() if value}, errors="replace")


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """Some of many rows: from which to which of how many, and the queries of the parts around it."""

    rows: Sequence[T]
    first: int
    total: int
    before: str = ""
    after: str = ""

    @property
    def last(self) -> int:
        """The number of the last row."""
        return self.first + len(self.rows) - 1


def part(rows: Sequence[T], asked: Asked, *, of_teams: bool = False, size: int = ROWS) -> Part[T]:
    """The part that was asked for, or the last where there are not so many."""
    pages = max(1, -(-len(rows) // size))
    number = min(asked.teams if of_teams else asked.part, pages)
    start = (number - 1) * size

    def query(other: int) -> str:
        return (replace(asked, teams=other) if of_teams else replace(asked, part=other)).query

    return Part(
        rows[start : start + size],
        start + 1 if rows else 0,
        len(rows),
        query(number - 1) if number > 1 else "",
        query(number + 1) if number < pages else "",
    )


def _number(text: str) -> int:
    digits = text.isascii() and text.isdecimal() and len(text) <= DIGITS
    return max(1, int(text)) if digits else 1
