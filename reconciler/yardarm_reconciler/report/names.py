"""How things are called on every screen: workloads, objects, revisions, and in which order they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from yardarm_reconciler.model.change import Action, Report, WorkloadReport
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.report.text import ago, count

SHORT_REVISION = 7
"""Characters of a commit id that are shown, as git does."""

HEX = frozenset("0123456789abcdef")

SUM_ORDER = (
    Action.CREATED,
    Action.CONFIGURED,
    Action.REPLACED,
    Action.DELETED,
    Action.ADOPTED,
    Action.UNCHANGED,
    Action.SKIPPED,
    Action.HELD,
    Action.CONFLICT,
    Action.FAILED,
)

TEAM = "Team/"
"""A team's own objects (its namespace, quota and the like) are a workload of this kind."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What people know a revision by."""

    subject: str
    author: str
    age: timedelta


def workload_name(workload_id: str) -> str:
    """``nlp/qwen3-32b`` for ``Service/nlp/qwen3-32b``; ``team nlp`` for ``Team/nlp``."""
    kind, _, name = workload_id.partition("/")
    return f"team {name}" if f"{kind}/" == TEAM else name


def object_name(key: Key) -> str:
    """``Deployment/qwen3-32b``: the workload's name above it says which namespace."""
    return f"{key.kind}/{key.name}"


def short(revision: str) -> str:
    """The first characters of a commit id; anything else (``working-tree``) whole."""
    return revision[:SHORT_REVISION] if set(revision) <= HEX else revision


def line_of(place: Place) -> str:
    """``path:line``."""
    return f"{place.path}:{place.line}" if place.line else place.path


def heading(report: Report, commit: Commit | None) -> str:
    """``dev @ 4f2c9e1 "Serve qwen3 on L4" (Ana, 3 min ago)``."""
    start = f"{report.environment} @ {short(report.revision)}" if report.revision else report.environment
    return f'{start} "{commit.subject}" ({commit.author}, {ago(commit.age)} ago)' if commit else start


def in_order(report: Report) -> list[WorkloadReport]:
    """Teams first, as they are applied, then workloads by team and name."""
    return sorted(report.workloads, key=lambda each: (not each.id.startswith(TEAM), workload_name(each.id)))


def counted(report: Report) -> list[str]:
    """``12 created``, ``597 unchanged``: what happened to objects; first what changed, last what went wrong."""
    numbers = ((action, report.count(action)) for action in SUM_ORDER)
    return [
        f"{count(number, 'object')} held" if action is Action.HELD else f"{number} {action}"
        for action, number in numbers
        if number
    ]
