"""What happened to a workload: events that are about it, in words that may be shown, told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.given import Given, looked_at, made, record
from yardarm_reconciler.happening import happenings
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.report.events import Happening

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEPLOYMENT = made("Deployment", "api", version="apps/v1", spec={"replicas": 2})
NEW = made("ReplicaSet", "api-2", "api", "apps/v1", spec={"replicas": 2})
PODS = [made("Pod", f"api-2-{name}", "api-2", spec={"containers": []}) for name in "xy"]


def event(uid: str, message: str, minutes: int, **rest: Any) -> Object:
    """An event about the object of that uid, so many minutes ago."""
    at = (NOW - timedelta(minutes=minutes)).isoformat()
    about = {"uid": uid, "name": uid, "namespace": "dev"}
    told = {"type": "Warning", "reason": "Failed", "message": message, "lastTimestamp": at}
    return made("Event", f"e{minutes}", involvedObject=about, **(told | rest))


def happened(*events: Object, since: datetime | None = None) -> list[Happening]:
    """What is told of a Deployment with two pods."""
    found, said = looked_at(Given([DEPLOYMENT, NEW, *PODS, *events]), record(DEPLOYMENT))
    return happenings(found, said, since)


def test_the_newest_comes_last_and_others_are_left_out():
    """By when it happened last; an object of the same name with another uid is somebody else's."""
    theirs = event("api-2-z", "not ours", 1)

    told = happened(
        event("api", "second", 2), event("api-2-x", "third", 1), event("api-2", "first", 3), theirs
    )

    assert [each.message for each in told] == ["first", "second", "third"]
    assert [each.objects[0].kind for each in told] == ["ReplicaSet", "Deployment", "Pod"]


def test_the_same_words_are_told_once():
    """Repeated by the server, by a newer recorder, or of several objects of a kind."""
    (once,) = happened(
        event("api-2-x", "no", 9, count=3, firstTimestamp="2026-11-23T11:00:00Z"),
        event("api-2-y", "no", 4, series={"count": 5}, lastTimestamp=None, eventTime="2026-11-23T11:55:00Z"),
    )

    assert once.count == 8
    assert [key.name for key in once.objects] == ["api-2-y", "api-2-x"]
    assert (once.first.hour, once.last.minute) == (11, 55)


def test_what_may_be_secret_is_not_told():
    """Events quote arguments, addresses and whatever a program said last."""
    (told,) = happened(event("api-2-x", "exec --password=hunter2 postgres://u:pw@db/x hf_abcdefghij", 1))

    assert not any(word in told.message for word in ("hunter2", "u:pw", "abcdefghij"))
    assert "exec" in told.message


def test_only_what_happened_since_then_is_told():
    """By when it happened last: what goes on is told, however old it is."""
    told = happened(
        event("api", "old", 31),
        event("api", "goes on", 1, firstTimestamp="2026-11-22T11:00:00Z"),
        since=NOW - timedelta(minutes=30),
    )

    assert [each.message for each in told] == ["goes on"]
