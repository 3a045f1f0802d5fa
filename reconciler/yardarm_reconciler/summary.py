"""The report of a pass: for every workload its sync state, its health, and why."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
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
from yardarm_reconciler.model.workload import Workload
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
class Verdict:
    """The health of a workload that was well, with all that it was found from."""

    workload: Workload | None
    runs: tuple[Run, ...]
    live: Mapping[Key, Seen]
    health: Health


@dataclass(frozen=True, slots=True)
class Pass:
    """The facts of one pass; ``applied`` is what it did, or would do without ``write``.

    ``verdicts`` are of former passes, by id, and are brought up to date.
    """

    unit: Unit
    revision: str
    todos: tuple[Todo, ...]
    applied: Mapping[str, Applied]
    inventory: Inventory
    guards: tuple[Guard, ...]
    diagnostics: tuple[Diagnostic, ...]
    verdicts: MutableMapping[str, Verdict]
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
        return tuple(_workload(todo, facts, UNSEEN) for todo in told), ""
    try:
        live.around()
    except TransientError as error:
        unknown = Health(State.UNKNOWN, str(error))
        return tuple(_workload(todo, facts, unknown) for todo in told), str(error)
    health = {todo.id: _bare(todo, facts, now) for todo in told}
    unwell = [todo for todo in told if health[todo.id].state not in WELL]
    for gone in facts.verdicts.keys() - health.keys():
        del facts.verdicts[gone]
    said, unheard = _warnings(unwell, live)
    health |= {todo.id: _explained(todo, facts, live, said, now) for todo in unwell}
    return tuple(_workload(todo, facts, health[todo.id]) for todo in told), unheard


def _bare(todo: Todo, facts: Pass, now: datetime) -> Health:
    """Health by a workload's own objects; while these are the same and well, what was found before.

    Only what is not well gets well, or worse, with time alone.
    """
    live = _live(todo, facts)
    workload, runs = todo.wanted.workload if todo.wanted else None, todo.record.runs if todo.record else ()
    known = facts.verdicts.get(todo.id)
    if known is not None and known.workload is workload and (known.runs, known.live) == (runs, live):
        return known.health
    health = _health(todo, _parsed(live), Surroundings(), now)
    if health.state in WELL:
        facts.verdicts[todo.id] = Verdict(workload, runs, live, health)
    else:
        facts.verdicts.pop(todo.id, None)
    return health


def _warnings(unwell: Sequence[Todo], live: Live) -> tuple[Mapping[str, list[Object]], str]:
    """Events of the namespaces where something is not well: only these say why no pod is made."""
    try:
        return live.events({step.key.namespace for todo in unwell for step in todo.steps} - {""}), ""
    except TransientError as error:
        return {}, str(error)


def _explained(
    todo: Todo, facts: Pass, live: Live, said: Mapping[str, list[Object]], now: datetime
) -> Health:
    """Health of what is not well, with what its pods and the events say."""
    namespaces = sorted({step.key.namespace for step in todo.steps})
    events = [event for namespace in namespaces for event in said.get(namespace, ())]
    pods, replica_sets = live.beside(todo.id)
    return _health(todo, _parsed(_live(todo, facts)), Surroundings(pods, replica_sets, events), now)


def not_ready(
    needed: str, todos: Mapping[str, Todo], picture: Picture, cluster: Cluster, now: datetime
) -> str:
    """Why what depends on a workload has to wait, or an empty text.

    A team's own objects need only be there; anything else must be healthy as this revision wants it.
    """
    if needed.startswith("Team/"):
        return ""
    todo = todos.get(needed)
    if todo is None or todo.wanted is None:
        return "it is not in this environment"
    if not cluster.reports_health:
        return ""
    if todo.writes:
        return "it changes in this very pass"
    live = {step.key: picture.live[step.key] for step in todo.steps if step.key in picture.live}
    health = _health(todo, _parsed(live), Surroundings(), now)
    return "" if health.state in {State.HEALTHY, State.SUCCEEDED} else f"it is {health.state}"


def _workload(todo: Todo, facts: Pass, health: Health) -> WorkloadReport:
    applied = facts.applied[todo.id]
    wanted = todo.wanted
    record = todo.record or facts.inventory.records.get(todo.id)
    parent = facts.inventory.parent
    return WorkloadReport(
        id=todo.id,
        sync=_sync(todo, applied, write=facts.write),
        health=health,
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


def _live(todo: Todo, facts: Pass) -> dict[Key, Seen]:
    """A workload's objects as the pass left them."""
    seen = facts.applied[todo.id].seen
    found = {step.key: seen.get(step.key) or step.seen for step in todo.steps}
    return {key: each for key, each in found.items() if each is not None}


def _parsed(live: Mapping[Key, Seen]) -> dict[Key, Object]:
    return {key: orjson.loads(seen.body) for key, seen in live.items()}


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
