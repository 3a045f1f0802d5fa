"""The report of a pass: for every workload its sync state, its health, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from yardarm_reconciler.apply import Applied
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.health import Surroundings, rollup, worst
from yardarm_reconciler.inventory.records import Inventory, Parent, Run, RunState
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.change import Action, Change, Guard, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.manifest import Key, Object
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, TransientError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Clock, Cluster, Picture, Seen

WELL = frozenset({State.HEALTHY, State.SUCCEEDED, State.SUSPENDED})
"""States that need no further reason."""

UNSEEN = Health(State.UNKNOWN)
"""Of a directory: nothing runs in it."""

CHANGES = frozenset({Action.CREATED, Action.CONFIGURED, Action.REPLACED, Action.DELETED, Action.ADOPTED})

RUN_ENDS = {
    RunState.SUCCEEDED: Health(State.SUCCEEDED),
    RunState.FAILED: Health(State.FAILED, "the run failed"),
    RunState.CANCELLED: Health(State.SUCCEEDED, "the run was cancelled by a newer one"),
    RunState.LOST: Health(
        State.UNKNOWN, "the run is gone and its end was not seen; it is not started again by itself"
    ),
}
"""What a ledger says of a run whose object is gone."""


@dataclass(frozen=True, slots=True)
class Pass:
    """The facts of one pass; ``applied`` is what it did, or would do without ``write``."""

    unit: Unit
    revision: str
    todos: tuple[Todo, ...]
    applied: Mapping[str, Applied]
    inventory: Inventory
    guards: tuple[Guard, ...]
    diagnostics: tuple[Diagnostic, ...]
    write: bool


def summarise(facts: Pass, limits: Limits, live: Live, clock: Clock, started: float) -> Report:
    """Put the facts of a pass, and what the pods say, into one report.

    What was done is told in any case: where pods or events cannot be read, health is Unknown and the report says why.
    """
    told = [todo for todo in facts.todos if facts.applied[todo.id].changes or todo.wanted is not None]
    workloads, error = _judged(told, facts, live, clock.now())
    return Report(
        environment=facts.unit.environment,
        unit=facts.unit.id,
        revision=facts.revision,
        workloads=workloads,
        diagnostics=facts.diagnostics,
        guards=facts.guards,
        limits=limits,
        error=error,
        seconds=clock.monotonic() - started,
    )


def _judged(
    told: Sequence[Todo], facts: Pass, live: Live, now: datetime
) -> tuple[tuple[WorkloadReport, ...], str]:
    """Every workload with its health, and what could not be read for it."""
    if not live.cluster.reports_health:
        return tuple(_workload(todo, facts, None, now) for todo in told), ""
    try:
        around = _surroundings(live)
    except TransientError as error:
        unknown = Health(State.UNKNOWN, str(error))
        unseen = (_workload(todo, facts, None, now) for todo in told)
        return tuple(replace(each, health=unknown) for each in unseen), str(error)
    workloads = tuple(_workload(todo, facts, around.get(todo.id, Surroundings()), now) for todo in told)
    try:
        return _with_events(told, workloads, facts, around, live, now), ""
    except TransientError as error:
        return workloads, str(error)


def not_ready(needed: str, todos: Sequence[Todo], picture: Picture, cluster: Cluster, now: datetime) -> str:
    """Why what depends on a workload has to wait, or an empty text.

    A team's own objects need only be there; anything else must be healthy as this revision wants it.
    """
    todo = next((each for each in todos if each.id == needed), None)
    if needed.startswith("Team/"):
        return ""
    if todo is None or todo.wanted is None:
        return "it is not in this environment"
    if not cluster.reports_health:
        return ""
    if todo.writes:
        return "it changes in this very pass"
    health = _health(todo, _bodies(todo, picture.live), Surroundings(), now)
    return "" if health.state in {State.HEALTHY, State.SUCCEEDED} else f"it is {health.state}"


def _surroundings(live: Live) -> Mapping[str, Surroundings]:
    pods, replica_sets = live.around()
    ids = pods.keys() | replica_sets.keys()
    return {id_: Surroundings(pods.get(id_, ()), replica_sets.get(id_, ())) for id_ in ids}


def _with_events(
    todos: Sequence[Todo],
    workloads: tuple[WorkloadReport, ...],
    facts: Pass,
    around: Mapping[str, Surroundings],
    live: Live,
    now: datetime,
) -> tuple[WorkloadReport, ...]:
    """Judge again, with the events of their namespaces, those that are not well: only events say why no pod is made."""
    unwell = {each.id for each in workloads if each.health.state not in WELL}
    namespaces = {step.key.namespace for todo in todos if todo.id in unwell for step in todo.steps} - {""}
    events = live.events(namespaces)
    again = []
    for todo, each in zip(todos, workloads, strict=True):
        if each.id in unwell and todo.steps:
            own = sorted({step.key.namespace for step in todo.steps})
            said = [event for namespace in own for event in events.get(namespace, ())]
            before = around.get(todo.id, Surroundings())
            again.append(_workload(todo, facts, replace(before, events=said), now))
        else:
            again.append(each)
    return tuple(again)


def _workload(todo: Todo, facts: Pass, around: Surroundings | None, now: datetime) -> WorkloadReport:
    applied = facts.applied[todo.id]
    wanted = todo.wanted
    record = todo.record or facts.inventory.records.get(todo.id)
    parent = facts.inventory.parent
    live = _bodies(todo, {**{s.key: s.seen for s in todo.steps if s.seen}, **applied.seen})
    return WorkloadReport(
        id=todo.id,
        sync=_sync(todo, applied, write=facts.write),
        health=UNSEEN if around is None else _health(todo, live, around, now),
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


def _sync(todo: Todo, applied: Applied, *, write: bool) -> Sync:
    """Synced only where live is known to equal desired: what could not be asked is Unknown."""
    if not applied.heard:
        return Sync.UNKNOWN
    if todo.wanted is not None and todo.wanted.held:
        return Sync.HELD
    if not applied.complete:
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


def _bodies(todo: Todo, live: Mapping[Key, Seen]) -> dict[Key, Object]:
    keys = [step.key for step in todo.steps]
    return {key: orjson.loads(live[key].body) for key in keys if key in live}


def _health(todo: Todo, live: Mapping[Key, Object], around: Surroundings, now: datetime) -> Health:
    """Health of what is wanted; a run that is gone is judged by the ledger."""
    if todo.wanted is None:
        return Health(State.TERMINATING, "git no longer has it")
    manifests = [manifest.key for manifest in todo.wanted.workload.manifests]
    current, intents = _current_runs(todo), todo.wanted.workload.runs
    runs = {*(run.key for run in current), *(intent.key for intent in intents)}
    expected = [key for key in manifests if key not in runs]
    expected += [run.key for run in current if run.key in live or not run.state.over]
    health = [rollup(live, expected, around, now)] if expected else []
    health += [RUN_ENDS[run.state] for run in current if run.key not in live and run.state in RUN_ENDS]
    begun = {run.step for run in current}
    if begun:
        health += [
            Health(State.PROGRESSING, f"{each.step} has not begun")
            for each in intents
            if each.step not in begun
        ]
    return worst(health) if health else Health(State.UNKNOWN, "it never ran")


def _current_runs(todo: Todo) -> tuple[Run, ...]:
    """The runs that speak for a workload, one a step: the one that the spec asks for, else the newest of its step."""
    runs = todo.record.runs if todo.record else ()
    asked = {each.id for each in todo.wanted.workload.runs} if todo.wanted else set()
    current: dict[str, Run] = {}
    for run in runs:
        before = current.get(run.step)
        if before is None or before.id not in asked:
            current[run.step] = run
    return tuple(current.values())
