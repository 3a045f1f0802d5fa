"""Whether an environment may follow git at a moment, and when that changes: windows that allow or deny."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from yardarm_schema.sync import AllowWindow, Window

_LONGEST = timedelta(days=366)
"""A window that is longer is taken to be as long as this."""

_CHANGES = 500
"""So many openings and endings are looked at for the next moment that is open: some months of daily windows."""


@dataclass(frozen=True, slots=True)
class Shut:
    """No window lets a revision in now. ``opens`` is when one does, in the time zone of that window; None: never."""

    opens: datetime | None
    denied: bool


def shut(windows: Sequence[Window], now: datetime) -> Shut | None:
    """Why no new revision may come now, or None where one may.

    One that denies wins over all that allow; where none allows, all that is not denied is allowed.
    """
    if _open(windows, now):
        return None
    denied = any(_active(window, now) for window in windows if not isinstance(window, AllowWindow))
    moment, zone = now, ZoneInfo("UTC")
    for _ in range(_CHANGES):
        changes = [change for window in windows for change in _changes(window, moment)]
        if not changes:
            return Shut(None, denied)
        moment, name = min(changes)
        zone = ZoneInfo(name)
        if _open(windows, moment):
            return Shut(moment.astimezone(zone), denied)
    return Shut(None, denied)


def _open(windows: Sequence[Window], now: datetime) -> bool:
    allowing = [window for window in windows if isinstance(window, AllowWindow)]
    denying = [window for window in windows if not isinstance(window, AllowWindow)]
    allowed = not allowing or any(_active(window, now) for window in allowing)
    return allowed and not any(_active(window, now) for window in denying)


def _active(window: Window, now: datetime) -> bool:
    start = _start(window, now - _length(window))
    return start is not None and start <= now


def _changes(window: Window, moment: datetime) -> Iterator[tuple[datetime, str]]:
    """The next beginning of a window after a moment, and the next end of one that is under way."""
    length = _length(window)
    for start in (_start(window, moment), _start(window, moment - length)):
        if start is not None:
            yield (start if start > moment else start + length), window.time_zone


def _length(window: Window) -> timedelta:
    return min(timedelta(seconds=window.lasts.seconds), _LONGEST)


def _start(window: Window, after: datetime) -> datetime | None:
    points = window.allow if isinstance(window, AllowWindow) else window.deny
    return points.after(after.astimezone(UTC), ZoneInfo(window.time_zone))
