"""How the workloads of a pass are: by their own objects, by the pods behind them, and by what somebody made of them."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from yardarm_reconciler.apply import Applied
from yardarm_reconciler.decide.handing import HANDED_OVER
from yardarm_reconciler.decide.opening import behind, unopened
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.exceeding import exceeding
from yardarm_reconciler.health import Surroundings, in_queue, rollup, worst
from yardarm_reconciler.inventory.records import Inventory, Run, RunState
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.change import Guard, Health, State
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.manifest import Key, Object
from yardarm_reconciler.model.origin import Diagnostic, TransientError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.workload import Workload
from yardarm_reconciler.ports import Cluster, Picture, Seen

WELL = frozenset({State.HEALTHY, State.SUCCEEDED, State.SUSPENDED})
"""States that need no further reason, unless a queue holds something: an event says what it waits for."""

UNSEEN = Health(State.UNKNOWN)
"""Of a directory: nothing runs in it."""

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

    ``accounting`` is the environment's word on kinds that nobody else knows. ``verdicts`` are of former passes, by id,
    and are brought up to date.
    """

    unit: Unit
    revision: str
    todos: tuple[Todo, ...]
    applied: Mapping[str, Applied]
    inventory: Inventory
    guards: tuple[Guard, ...]
    diagnostics: tuple[Diagnostic, ...]
    accounting: Declared
    verdicts: MutableMapping[str, Verdict]
    write: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Health by workload, what their objects have beyond what was applied, and why not all could be read."""

    health: Mapping[str, Health]
    exceeding: Mapping[str, str] = field(default_factory=dict)
    unheard: str = ""


def judge(told: Sequence[Todo], facts: Pass, live: Live, now: datetime) -> Judgement:
    """Say how workloads are; what could not be read makes them Unknown, or less explained."""
    if not live.cluster.reports_health:
        return Judgement({todo.id: UNSEEN for todo in told})
    try:
        live.around()
    except TransientError as error:
        unknown = Health(State.UNKNOWN, str(error))
        return Judgement({todo.id: unknown for todo in told}, unheard=str(error))
    health = {todo.id: _bare(todo, facts, now) for todo in told}
    unwell = [todo for todo in told if _unexplained(todo, health[todo.id].state, facts)]
    for gone in facts.verdicts.keys() - health.keys():
        del facts.verdicts[gone]
    said, unheard = _warnings(unwell, live)
    health |= {todo.id: _explained(todo, facts, live, said, now) for todo in unwell}
    found = {todo.id: _exceeding(todo, _parsed(_live(todo, facts)), facts.accounting) for todo in unwell}
    for id_, reason in found.items():
        if reason:
            health[id_] = worst([Health(State.DEGRADED, reason), health[id_]])
    return Judgement(health, {id_: reason for id_, reason in found.items() if reason}, unheard)


def _unexplained(todo: Todo, state: State, facts: Pass) -> bool:
    """Whether pods and events may know more of a workload than its own objects."""
    if state is State.SUSPENDED:
        return any(map(in_queue, _parsed(_live(todo, facts)).values()))
    return state not in WELL


def _exceeding(todo: Todo, live: Mapping[Key, Object], declared: Declared) -> str:
    """What the objects of a workload have beyond what was applied, the first that has; empty for nothing."""
    wanted = todo.wanted.workload.manifests if todo.wanted else ()
    both = ((made, live[made.key]) for made in wanted if made.key in live)
    return next(filter(None, (exceeding(made, body, declared) for made, body in both)), "")


def _bare(todo: Todo, facts: Pass, now: datetime) -> Health:
    """Health by a workload's own objects; while these are the same and well, what was found before.

    Only what is not well gets well, or worse, with time alone.
    """
    live = _live(todo, facts)
    workload, runs = todo.wanted.workload if todo.wanted else None, todo.record.runs if todo.record else ()
    known = facts.verdicts.get(todo.id)
    if known is not None and known.workload is workload and (known.runs, known.live) == (runs, live):
        return known.health
    bodies = _parsed(live)
    health = _health(todo, bodies, Surroundings(), now)
    if reason := _exceeding(todo, bodies, facts.accounting):
        health = worst([Health(State.DEGRADED, reason), health])
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
    shut = bool(unopened(todo))
    expected = [
        key for key in manifests if key not in runs and not (shut and key not in live and behind(key))
    ]
    expected += [run.key for run in current if run.key in live or not run.state.over]
    health = [rollup(live, expected, around, now)] if expected else []
    health += [RUN_ENDS[run.state] for run in current if run.key not in live and run.state in RUN_ENDS]
    begun = {run.step for run in current}
    if begun or shut:
        health += [
            Health(State.PROGRESSING, f"{each.step} has not begun")
            for each in intents
            if each.step not in begun
        ]
    elsewhere = any(each.code is HANDED_OVER for each in todo.wanted.held)
    nothing = "another unit looks after it" if elsewhere else "it never ran"
    return worst(health) if health else Health(State.UNKNOWN, nothing)


def _current_runs(todo: Todo) -> tuple[Run, ...]:
    """The runs that speak for a workload, one a step: the one that the spec asks for, else the newest of its step.

    One that is over and no step's any more says nothing, nor does one that has opened the way: from then on it is what
    serves that speaks.
    """
    runs = todo.record.runs if todo.record else ()
    intents = todo.wanted.workload.runs if todo.wanted else ()
    asked, steps = {each.id for each in intents}, {each.step for each in intents}
    held = todo.wanted is None or bool(todo.wanted.held)
    opened = {each.id for each in intents if each.opens} - {each.id for each in unopened(todo)}
    current: dict[str, Run] = {}
    for run in runs:
        if run.id in opened or not (held or run.step in steps or not run.state.over):
            continue
        before = current.get(run.step)
        if before is None or before.id not in asked:
            current[run.step] = run
    return tuple(current.values())
