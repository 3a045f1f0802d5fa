"""The report of a pass: for every workload its sync state, its health, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yardarm_reconciler.apply import Applied
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.judging import Judgement, Pass, judge
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.change import Action, Change, Report, Sync, WorkloadReport
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.ports import Clock

CHANGES = frozenset({Action.CREATED, Action.CONFIGURED, Action.REPLACED, Action.DELETED, Action.ADOPTED})


def summarise(facts: Pass, limits: Limits, live: Live, clock: Clock, started: float) -> Report:
    """Put the facts of a pass, and what the pods say, into one report.

    What was done is told in any case: where pods or events cannot be read, health is Unknown and the report says why.
    """
    told = [todo for todo in facts.todos if facts.applied[todo.id].changes or todo.wanted is not None]
    judgement = judge(told, facts, live, clock.now())
    return Report(
        environment=facts.unit.environment,
        unit=facts.unit.id,
        revision=facts.revision,
        workloads=tuple(_workload(todo, facts, judgement) for todo in told),
        diagnostics=facts.diagnostics,
        guards=facts.guards,
        limits=limits,
        error=judgement.unheard,
        seconds=clock.monotonic() - started,
    )


def _workload(todo: Todo, facts: Pass, judgement: Judgement) -> WorkloadReport:
    applied = facts.applied[todo.id]
    wanted = todo.wanted
    record = todo.record or facts.inventory.records.get(todo.id)
    parent = facts.inventory.parent
    return WorkloadReport(
        id=todo.id,
        sync=_sync(todo, applied, exceeds=todo.id in judgement.exceeding, write=facts.write),
        health=judgement.health[todo.id],
        reason=_reason(todo, applied.changes, parent.held.get(todo.id, "") if parent else ""),
        revision=wanted.revision if wanted and wanted.held else facts.revision,
        origin=wanted.workload.origin if wanted else record.origin if record else NOWHERE,
        since=_since(todo, parent),
        peak=wanted.workload.peak if wanted else record.peak if record else Peak(),
        changes=applied.changes,
    )


def _since(todo: Todo, parent: Parent | None) -> datetime | None:
    """When the revision came that this workload has been held since, as far as the history goes back."""
    if parent is None or todo.wanted is None or not todo.wanted.held:
        return None
    since = parent.held.get(todo.id)
    return next(
        (datetime.fromisoformat(each["at"]) for each in parent.history if each["revision"] == since), None
    )


def _sync(todo: Todo, applied: Applied, *, exceeds: bool, write: bool) -> Sync:
    """Synced only where live is known to equal desired, and to be no more: what could not be asked is Unknown."""
    if not applied.heard:
        return Sync.UNKNOWN
    if todo.wanted is not None and todo.wanted.held:
        return Sync.HELD
    if not applied.complete or exceeds:
        return Sync.OUT_OF_SYNC
    changed = any(change.action in CHANGES for change in applied.changes)
    waits = any(change.action is Action.HELD for change in applied.changes)
    return Sync.OUT_OF_SYNC if waits or (changed and not write) else Sync.SYNCED


def _reason(todo: Todo, changes: Sequence[Change], since: str) -> str:
    """The one thing that a person needs to know, first that it is held and why."""
    if todo.wanted is not None and todo.wanted.held:
        first = todo.wanted.held[0]
        running = f"; running {todo.wanted.revision[:7]}" if todo.wanted.revision else ""
        seen = f" since {since[:7]}" if since else ""
        place = f"{first.place} " if first.place.path else ""
        return f"{first.code.name}{seen}: {place}{first.message}{running}"
    bad = [c for c in changes if c.action in {Action.FAILED, Action.CONFLICT, Action.SKIPPED, Action.HELD}]
    return next(
        (f"{change.key.kind}/{change.key.name}: {change.reason}" for change in bad if change.reason), ""
    )
