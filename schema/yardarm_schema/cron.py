"""Points in time that come again: five fields as cron knows them, in a time zone that changes its clocks.

Fields: minute, hour, day of the month, month, day of the week. ``*``, ``5``, ``1-5``, ``22-4`` (over midnight),
``*/15``, ``10/5`` (from 10 on), lists of these, and the names of months and days. Where both days are
restricted either is enough: https://man7.org/linux/man-pages/man5/crontab.5.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated, Self, TypeAlias
from zoneinfo import ZoneInfo

from yardarm_schema.text import Text

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

_HORIZON = 8 * 366 + 2
"""Days: 29 February comes again within eight years, whatever century."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five: its numbers from ``first`` to ``last``, as a pattern, and their names."""

    first: int
    last: int
    pattern: str
    names: tuple[str, ...] = ()

    @property
    def full(self) -> str:
        """The pattern of the whole field, which every value that matches is right by."""
        value = f"(?:{'|'.join((self.pattern, *self.names))})"
        step = "/[1-9][0-9]?"
        item = rf"(?:\*(?:{step})?|{value}(?:-{value})?(?:{step})?)"
        return f"{item}(?:,{item}){{0,59}}"

    def numbers(self, text: str) -> frozenset[int]:
        """All numbers that a text which matches the pattern means."""
        return frozenset(number for item in text.split(",") for number in self._item(item))

    def plain(self, text: str) -> str:
        """The same numbers, in the forms that every reader knows: no range round the end, and no 7 for Sunday."""
        return ",".join(self._plain_item(item) for item in text.split(","))

    def _plain_item(self, text: str) -> str:
        span, _, _ = text.partition("/")
        ends = [self._number(end) for end in span.split("-") if end != "*"]
        if ends == sorted(ends) and not (self.names is _DAYS and "7" in span):
            return text
        return ",".join(str(number) for number in self._item(text))

    def _item(self, text: str) -> Iterator[int]:
        span, _, step = text.partition("/")
        start, dash, end = span.partition("-")
        first = self.first if start == "*" else self._number(start)
        open_end = start == "*" or (step and not dash)
        last = self.last if open_end else self._number(end or start)
        if last < first:
            last += self.last - self.first + 1  # round the end: FRI-MON
        for number in range(first, last + 1, int(step or 1)):
            yield self.first + (number - self.first) % (self.last - self.first + 1)

    def _number(self, text: str) -> int:
        if text in self.names:
            return self.names.index(text) + self.first
        # Sunday is 0, and 7 too.
        return self.first if self.names is _DAYS and text == "7" else int(text)


_SIXTY = "[1-5]?[0-9]"
_FIELDS = (
    _Field(0, 59, _SIXTY),
    _Field(0, 23, "2[0-3]|1?[0-9]"),
    _Field(1, 31, "3[01]|[12][0-9]|[1-9]"),
    _Field(1, 12, "1[0-2]|[1-9]", _MONTHS),
    _Field(0, 6, "[0-7]", _DAYS),
)


class CronTimes(str):
    """Points in time as written (``0 22 * * MON-FRI``); :meth:`after` gives the next one."""

    __slots__ = ("_any_day", "_days", "_hours", "_minutes", "_months", "_weekdays")

    _minutes: tuple[int, ...]
    _hours: tuple[int, ...]
    _days: frozenset[int]
    _months: frozenset[int]
    _weekdays: frozenset[int]
    _any_day: bool

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        written = text.split(" ")
        minutes, hours, days, months, weekdays = (
            field.numbers(part) for field, part in zip(_FIELDS, written, strict=True)
        )
        made._minutes, made._hours = tuple(sorted(minutes)), tuple(sorted(hours))
        made._days, made._months, made._weekdays = days, months, weekdays
        # As crontab(5): a star in one of the two leaves the decision to the other.
        made._any_day = not (written[2].startswith("*") or written[4].startswith("*"))
        return made

    def plain(self) -> str:
        """The same points as readers know them that have no range round the end and no 7, such as Kubernetes'.

        https://pkg.go.dev/github.com/robfig/cron/v3#hdr-CRON_Expression_Format
        """
        return " ".join(field.plain(part) for field, part in zip(_FIELDS, self.split(" "), strict=True))

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first such point after an aware moment, in UTC; None where there is none.

        Where clocks are set forward, a time that is skipped counts as if they had not been; where they are
        set back, a time that comes twice counts the first time only.
        """
        day = (
            moment.astimezone(zone) - timedelta(days=1)
        ).date()  # a skipped midnight belongs to the day before
        for _ in range(_HORIZON):
            if self._on(day.month, day.day, day.isoweekday() % 7):
                found = self._first(datetime(day.year, day.month, day.day, tzinfo=zone), moment)
                if found is not None:
                    return found
            day += timedelta(days=1)
        return None

    def _first(self, midnight: datetime, moment: datetime) -> datetime | None:
        """The first point of a day after a moment."""
        local = moment.astimezone(midnight.tzinfo)
        in_order = midnight.utcoffset() == (midnight + timedelta(days=1)).utcoffset()
        if in_order and midnight.date() < local.date():
            return None
        passed = local.hour if in_order and local.date() == midnight.date() else 0
        points = (
            midnight.replace(hour=hour, minute=minute).astimezone(UTC)
            for hour in self._hours
            if hour >= passed
            for minute in self._minutes
        )
        later = (point for point in points if point > moment)
        # Where the clocks change on this day a point that is skipped comes after some that are written later.
        return next(later, None) if in_order else min(later, default=None)

    def _on(self, month: int, day: int, weekday: int) -> bool:
        if month not in self._months:
            return False
        in_month, in_week = day in self._days, weekday in self._weekdays
        return in_month or in_week if self._any_day else in_month and in_week


def _known_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, OSError) as error:  # ZoneInfoNotFoundError is a KeyError; a directory cannot be read
        raise ValueError("no such time zone") from error
    return text


Cron: TypeAlias = Annotated[
    CronTimes,
    Text(
        "cron",
        " ".join(field.full for field in _FIELDS),
        'five fields, minute hour day month weekday, such as "0 22 * * MON-FRI"',
        256,
        "0 22 * * MON-FRI",
        CronTimes,
    ),
]
"""When something begins."""

_AREAS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific"

TimeZone: TypeAlias = Annotated[
    str,
    Text(
        "timezone",
        rf"UTC|(?:{_AREAS})(?:/[A-Za-z0-9_+-]+){{1,2}}",
        "a time zone of the IANA database, such as Europe/Berlin or UTC",
        64,
        "Europe/Berlin",
        _known_zone,
    ),
]
"""The clock on the wall that a point in time is told by."""
