"""Points in time that come again: what may be written, and when the next one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from yardarm_schema.cron import Cron, CronTimes, TimeZone

BERLIN = ZoneInfo("Europe/Berlin")


def points(text: str, start: str, count: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """The next points after a local time, each as the clocks there show it."""
    moment: datetime | None = datetime.fromisoformat(start).replace(tzinfo=zone)
    found = []
    for _ in range(count):
        moment = CronTimes(text).after(moment, zone)  # type: ignore[arg-type] # the test knows that there is one
        found.append(moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"))  # type: ignore[union-attr] # as above
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 22 * * *", ["2026-11-25 22:00", "2026-11-26 22:00"]),
        ("30 6 * * MON-FRI", ["2026-11-26 06:30", "2026-11-27 06:30", "2026-11-30 06:30"]),
        ("0 0 * * 7", ["2026-11-29 00:00", "2026-12-06 00:00"]),
        ("0 0 * * FRI-MON", ["2026-11-27 00:00", "2026-11-28 00:00", "2026-11-29 00:00", "2026-11-30 00:00"]),
        ("0 23-1 * * *", ["2026-11-25 23:00", "2026-11-26 00:00", "2026-11-26 01:00", "2026-11-26 23:00"]),
        ("*/20 12 * * *", ["2026-11-25 12:20", "2026-11-25 12:40", "2026-11-26 12:00"]),
        ("50/5 12 * * *", ["2026-11-25 12:50", "2026-11-25 12:55", "2026-11-26 12:50"]),
        ("0 0 1 JAN,JUL *", ["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("0 0 13 * FRI", ["2026-11-27 00:00", "2026-12-04 00:00", "2026-12-11 00:00", "2026-12-13 00:00"]),
        ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
    ],
)
def test_points_are_those_of_cron(text, expected):
    """Names, ranges that go round the end, steps, lists; either of two restricted days is enough."""
    assert points(text, "2026-11-25T12:00", len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("*/15 0-6 1,15 JAN-MAR MON", "*/15 0-6 1,15 JAN-MAR MON"),
        ("0 22-1 * * 7", "0 22,23,0,1 * * 0"),
        ("0 0 * NOV-FEB FRI-MON/2", "0 0 * 11,12,1,2 5,0"),
        ("50/5 * * * 5-7", "50/5 * * * 5,6,0"),
    ],
)
def test_a_range_round_the_end_is_written_out_for_readers_that_lack_it(text, plain):
    """The points stay the same; what such readers know is left as it is."""
    assert CronTimes(text).plain() == plain
    assert points(plain, "2026-11-25T12:00", 9) == points(text, "2026-11-25T12:00", 9)


def test_a_skipped_time_counts_as_if_clocks_had_not_been_set_forward():
    """On 28 March 2027 Berlin has no half past two: what begins then begins at half past three."""
    found = points("30 2 * * *", "2027-03-27T03:00", 2)
    assert found == ["2027-03-28 03:30", "2027-03-29 02:30"]


def test_a_time_that_comes_twice_counts_once():
    """On 25 October 2026 Berlin has two half past twos."""
    first = CronTimes("30 2 * * *").after(datetime(2026, 10, 24, 12, tzinfo=BERLIN), BERLIN)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert CronTimes("30 2 * * *").after(first, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_midnight_that_is_skipped_is_not_lost():
    """In Beirut clocks go forward at midnight: the day begins at one."""
    zone = ZoneInfo("Asia/Beirut")
    assert points("0 0 * * *", "2027-03-27T12:00", 2, zone) == ["2027-03-28 01:00", "2027-03-29 00:00"]


def test_a_day_that_no_calendar_has_never_comes():
    """31 February is no error of form, and no endless search."""
    assert CronTimes("0 0 31 2 *").after(datetime(2026, 1, 1, tzinfo=UTC), UTC) is None


@settings(max_examples=50, deadline=None)
@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_the_next_point_is_the_first_that_the_clock_shows(minutes, hour, minute):
    """Counted minute by minute on a real clock there is no earlier one; but a skipped time is an hour late."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = CronTimes(f"{minute} {hour} * * *").after(start, BERLIN)
    assert found is not None
    assert start < found <= start + timedelta(hours=26)
    shown = found.astimezone(BERLIN)
    skipped = shown.dst() != (shown - timedelta(hours=2)).dst() and (shown.hour, shown.minute) == (
        hour + 1,
        minute,
    )
    assert (shown.hour, shown.minute) == (hour, minute) or skipped


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "@daily", "*/0 * * * *",
     "0  22 * * *", "0 22 * * mon", "1- * * * *", "* * * FOO *"],
)  # fmt: skip
def test_what_cron_does_not_mean_is_refused(text):
    """Five fields, each in its range, one blank between."""
    with pytest.raises(ValidationError):
        TypeAdapter(Cron).validate_python(text)


@pytest.mark.parametrize("text", ["Europe/Berlni", "CET", "../etc/passwd", "Europe", "Europe/../UTC"])
def test_a_time_zone_is_one_of_the_database(text):
    """A typing error is found before the night in which it matters."""
    with pytest.raises(ValidationError):
        TypeAdapter(TimeZone).validate_python(text)
