"""The screen of events: what happened to a workload's objects and to what was made of them, the newest last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.report.names import object_name
from yardarm_reconciler.report.output import document
from yardarm_reconciler.report.table import table
from yardarm_reconciler.report.text import Look, screen, short_age

HEADER = ("LAST", "TYPE", "TIMES", "OBJECT", "EVENT")

WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened, to one object or in the same words to several of a kind.

    Attributes:
        workload: id of the workload that they are of.
        type: ``Normal`` or ``Warning``.
        reason: a word.
        message: a sentence, without what may be secret.
        objects: to which it happened, the latest first.
        count: how often.
        first: when it happened first.
        last: and last.
    """

    workload: str
    type: str
    reason: str
    message: str
    objects: tuple[Key, ...]
    count: int
    first: datetime
    last: datetime


def human(environment: str, happened: Sequence[Happening], now: datetime, look: Look) -> str:
    """A row a thing that happened."""
    if not happened:
        none = f"{environment}: no events; a cluster forgets them, most after an hour"
        return screen(look.fold(look.say(none), look.columns))
    return screen(table(HEADER, [_row(each, now, look) for each in happened], look))


def concise(environment: str, happened: Sequence[Happening], look: Look) -> str:
    """One line each: time, environment, workload, object, type, how often, what."""
    return screen(
        [
            look.say(
                f"{_time(each.last)} {environment} {each.workload} {_named(each)} {each.type} {each.count}"
                f" {_said(each)}"
            )
            for each in happened
        ]
    )


def json(environment: str, happened: Sequence[Happening], unread: Sequence[str], version: str) -> str:
    """The same for programs, with what could not be read."""
    found = {
        "name": environment,
        "summary": {"events": len(happened), "warnings": sum(each.type == WARNING for each in happened)},
        "workloads": [],
        "events": [
            {
                "workload": each.workload,
                "type": each.type,
                "reason": each.reason,
                "message": each.message,
                "objects": [str(key) for key in each.objects],
                "count": each.count,
                "first": _time(each.first),
                "last": _time(each.last),
            }
            for each in happened
        ],
        "unread": list(unread),
    }
    return document("Events", version, "", [found], (), 0)


def _row(each: Happening, now: datetime, look: Look) -> tuple[str, ...]:
    warns = each.type == WARNING
    return (
        short_age(now - each.last),
        look.paint("yellow", look.say(each.type)) if warns else "",
        look.say(f"{each.count}×") if each.count > 1 else "",  # noqa: RUF001 - as people write it
        look.say(_named(each)),
        look.say(_said(each)),
    )


def _named(each: Happening) -> str:
    """``Pod/api-7c9d-x2x4l`` and how many more of the kind."""
    first, *others = each.objects
    return f"{object_name(first)} and {len(others)} more" if others else object_name(first)


def _said(each: Happening) -> str:
    return f"{each.reason}: {each.message}" if each.message else each.reason


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
