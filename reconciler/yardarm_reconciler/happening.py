"""What happened to workloads lately: events of their objects and of what was made of them, repeated ones folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from yardarm_reconciler.family import Families
from yardarm_reconciler.health.subject import last_seen, mapping, moment, number, text
from yardarm_reconciler.model.manifest import Key, Object
from yardarm_reconciler.model.redaction import without_secrets
from yardarm_reconciler.report.events import Happening

Known = Mapping[str, tuple[str, Key]]
"""By the uid of an object its workload and name."""


def happenings(found: Families, said: Sequence[Object], since: datetime | None) -> list[Happening]:
    """Events about the objects of some families, the newest last.

    They are matched by uid: what has the name of an object of ours may be another one. In the same words to several
    objects of a kind is one thing that happened.
    """
    known = {
        member.uid: (id_, member.key)
        for id_, members in found.members.items()
        for top in members
        for member in top.all()
        if member.uid
    }
    alike: dict[tuple[str, ...], list[Object]] = defaultdict(list)
    for event in said:
        uid = text(mapping(event.get("involvedObject")).get("uid"))
        if uid in known and (since is None or last_seen(event) >= since):
            id_, key = known[uid]
            words = (text(event.get(each)) for each in ("type", "reason", "message"))
            alike[(id_, str(key.group_kind), *words)].append(event)
    folded = [_folded(several, known) for several in alike.values()]
    return sorted(folded, key=lambda each: (each.last, each.first, each.workload, each.objects))


def _folded(alike: Sequence[Object], known: Known) -> Happening:
    newest, *_ = ordered = sorted(alike, key=last_seen, reverse=True)
    about = [known[text(mapping(event.get("involvedObject")).get("uid"))] for event in ordered]
    return Happening(
        about[0][0],
        text(newest.get("type")),
        text(newest.get("reason")),
        without_secrets(text(newest.get("message"))),
        tuple(dict.fromkeys(key for _, key in about)),
        sum(map(_count, alike)),
        min(map(_first_seen, alike)),
        last_seen(newest),
    )


def _count(event: Object) -> int:
    """How often it happened; recorders fill one of two fields, or none where it was once."""
    return max(number(mapping(event.get("series")).get("count")), number(event.get("count")), 1)


def _first_seen(event: Object) -> datetime:
    times = filter(None, (moment(event.get(each)) for each in ("firstTimestamp", "eventTime")))
    return min(times, default=last_seen(event))
