"""What a rule of health looks at: one object, the events about it, and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from yardarm_reconciler.model.manifest import Object

RECENT = timedelta(minutes=20)
"""An event older than this tells of the past. What still fails is tried again, and told again, at least
every 1000 s: https://github.com/kubernetes/client-go/blob/master/util/workqueue/default_rate_limiters.go.
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """An object to judge. ``events`` are core/v1 Events, of any object: those of this one are picked out."""

    live: Object
    now: datetime
    events: Sequence[Object] = ()

    @property
    def metadata(self) -> Object:
        """``metadata``, empty where there is none."""
        return mapping(self.live.get("metadata"))

    @property
    def spec(self) -> Object:
        """``spec``, empty where there is none."""
        return mapping(self.live.get("spec"))

    @property
    def status(self) -> Object:
        """``status``, empty where no controller has written one."""
        return mapping(self.live.get("status"))

    def condition(self, kind: str) -> Object:
        """The condition of that type, empty where there is none."""
        return condition(self.status, kind)

    def warning(self, *reasons: str, about: Callable[[Object], bool] | None = None) -> str:
        """The message of the newest recent event with one of these reasons, or nothing.

        Args:
            reasons: why it was sent.
            about: which ``involvedObject`` it is about, if not this object itself.
        """
        meant = about or self._is_itself
        about_it = [
            event
            for event in self.events
            if event.get("reason") in reasons and meant(mapping(event.get("involvedObject")))
        ]
        newest = max(about_it, key=last_seen, default={})
        return text(newest.get("message")) if newest and self.now - last_seen(newest) <= RECENT else ""

    def _is_itself(self, involved: Object) -> bool:
        uid = self.metadata.get("uid")
        return bool(uid) and involved.get("uid") == uid


def condition(status: Object, kind: str) -> Object:
    """The condition of that type in a status, empty where there is none."""
    return next((item for item in mappings(status.get("conditions")) if item.get("type") == kind), {})


def says(found: Object) -> str:
    """What a condition says to a person: its message, else its reason."""
    return text(found.get("message")) or text(found.get("reason"))


def mapping(value: object) -> Object:
    """The value if it is a map, else an empty one: a custom resource's status can hold anything."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> Iterable[Object]:
    """The maps in a list, nothing where it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def number(value: object) -> int:
    """A count in a status; absent means 0, as in the API's ``omitempty``."""
    return value if isinstance(value, int) else 0


def text(value: object) -> str:
    """A string in a status, else nothing."""
    return value if isinstance(value, str) else ""


def moment(value: object) -> datetime | None:
    """An RFC 3339 time of the API, or None where it is absent or unreadable."""
    try:
        parsed = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def last_seen(event: Object) -> datetime:
    """When an event happened last; recorders fill one of three fields.

    https://github.com/kubernetes/api/blob/master/core/v1/types.go (Event).
    """
    times = (
        mapping(event.get("series")).get("lastObservedTime"),
        event.get("lastTimestamp"),
        event.get("eventTime"),
    )
    return max((t for t in map(moment, times) if t), default=datetime.min.replace(tzinfo=UTC))
