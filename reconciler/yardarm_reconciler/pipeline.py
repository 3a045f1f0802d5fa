"""One reconcile, from a tree to a report: the only module that knows the order of the stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from yardarm_reconciler.apply import Applied, Applier
from yardarm_reconciler.decide.authorize import admitted, deny, namespaces
from yardarm_reconciler.decide.choice import SUSPENDED, Choice, choose, ours
from yardarm_reconciler.decide.closing import Begun, Left, after_pass, before_writes
from yardarm_reconciler.decide.decision import decide
from yardarm_reconciler.decide.effective import effective
from yardarm_reconciler.decide.fights import Fight, after_repairs, calm
from yardarm_reconciler.decide.gates import Way, keep_removed, leave_alone, report_drift_only
from yardarm_reconciler.decide.guards import (
    ANY_RUN,
    Confirmed,
    adoptable,
    current,
    guard_adoption,
    some,
)
from yardarm_reconciler.decide.handing import not_ours, set_aside
from yardarm_reconciler.decide.opening import until_open
from yardarm_reconciler.decide.recovering import past_of
from yardarm_reconciler.decide.rounds import Rounds, kept, tried_out
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.decide.upgrading import Engine
from yardarm_reconciler.expand import expand
from yardarm_reconciler.expand.again import Memory
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import Inventory, Parent, RunState
from yardarm_reconciler.judging import Pass, Verdict, not_ready
from yardarm_reconciler.live import Live
from yardarm_reconciler.load import load
from yardarm_reconciler.model.budget import Usage
from yardarm_reconciler.model.change import Action, Cause, Report
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Loaded, Specs
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Found, in_order
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.workload import RUN_KINDS, Resolution
from yardarm_reconciler.ports import Clock, Picture, Tree
from yardarm_reconciler.resolve import resolve
from yardarm_reconciler.summary import summarise
from yardarm_reconciler.validate import validate
from yardarm_reconciler.validate.again import Readings
from yardarm_schema.sync import Sync

FREE = Way("")
"""Of a pass at a revision that no gate was asked about."""


@dataclass(frozen=True, slots=True)
class Machinery:
    """What a pass needs besides its values: time, threads, and the program's version.

    For as long as the process lives ``parsed`` remembers parsed files, ``fights`` the repairs of a unit, and ``verdicts``
    the health of its workloads that are well; ``rounds`` which of its objects are still to be tried out, and ``memory``
    what its workloads were expanded to, ``readings`` what their documents said.
    """

    clock: Clock
    pool: Executor
    renderer: str
    parsed: MutableMapping[Any, Any] = field(default_factory=dict)
    fights: MutableMapping[Key, Fight] = field(default_factory=dict)
    verdicts: MutableMapping[str, Verdict] = field(default_factory=dict)
    rounds: Rounds = field(default_factory=Rounds)
    memory: Memory = field(default_factory=Memory)
    readings: Readings = field(default_factory=Readings)


def specs_of(tree: Tree, machinery: Machinery, platform: tuple[str, ...] | None = None) -> Found[Specs]:
    """Everything that a tree says, validated: the same for all environments.

    Raises:
        TransientError: the tree cannot be read completely; nothing is known of this revision.
    """
    return specs_in(load(tree, platform=platform, cache=machinery.parsed), machinery.readings)


def specs_in(loaded: Found[Loaded], before: Readings | None = None) -> Found[Specs]:
    """Loaded documents, validated; what was read ``before`` of those that are the same is used again."""
    specs = validate(loaded.value, before)
    return Found(specs.value, (*loaded.diagnostics, *specs.diagnostics))


def desired_in(specs: Found[Specs], environment: str, memory: Memory | None = None) -> Desired:
    """What validated specs want in one environment; ``memory`` of it saves expanding what has not changed."""
    resolution = resolve(specs.value, environment)
    expanded = expand(resolution.value, memory.under(specs.value.platform) if memory else None)
    found = in_order((*specs.diagnostics, *resolution.diagnostics, *expanded.diagnostics))
    return Desired(specs.value, resolution.value, expanded.value, found)


def desired_for(specs: Found[Specs], unit: Unit, memory: Memory) -> Desired:
    """What validated specs want in a unit's environment, as this unit applies it: what has not changed is the same."""
    desired = desired_in(specs, unit.environment, memory)
    return replace(desired, workloads=memory.own(desired.workloads, unit, ours))


def under(rules: Sync | None, desired: Desired) -> Desired:
    """What is desired, with the environment's ``sync`` block taken from another revision."""
    environment = desired.resolution.environment
    if rules is None or environment is None or environment.sync == rules:
        return desired
    changed = environment.model_copy(update={"sync": rules})
    return replace(desired, resolution=replace(desired.resolution, environment=changed))


def present_in(specs: Specs, environments: Iterable[str]) -> dict[str, frozenset[str]]:
    """The ids of what a revision wants, by environment; those are left out that cannot be read."""
    resolved = ((name, resolve(specs, name).value) for name in environments)
    return {name: each.present for name, each in resolved if each.environment is not None}


def affordable(desired: Desired) -> tuple[Diagnostic, ...]:
    """What the budgets say of one environment by itself, with nothing running yet."""
    nobody = Inventory(None, {})
    revision = desired.specs.loaded.revision
    return effective(desired.workloads, {}, {}, nobody, desired.resolution.limits, revision).diagnostics


def usage(desired: Desired) -> Usage:
    """What one environment holds at the peaks of all that can be resolved, with the prices of its devices."""
    resolution = desired.resolution
    peaks = {each.id: each.peak for each in desired.workloads}
    bound = resolution.environment.accelerators if resolution.environment else {}
    prices = {name: each.price_per_hour for name, each in bound.items() if each.price_per_hour is not None}
    uncounted = tuple(sorted(id_ for id_ in resolution.present if id_ not in peaks))
    return Usage(resolution.environment_name, resolution.limits, peaks, prices, uncounted)


def reconcile(
    unit: Unit,
    desired: Desired,
    live: Live,
    journal: Journal,
    machinery: Machinery,
    *,
    write: bool = True,
    way: Way = FREE,
) -> Report:
    """Bring one environment to what a revision wants there; say what happened to every workload.

    With ``write`` False nothing is written: the report says what would happen. ``way`` is what the gates say meanwhile.

    Raises:
        TransientError: the cluster did not answer; nothing was pruned.
        UserError: the inventory is not what it should be; nothing was written.
        FencedError: another process writes to this unit.
    """
    started, now = machinery.clock.monotonic(), machinery.clock.now()
    revision = desired.revision
    inventory = journal.read()
    confirmed = confirmed_in(_rules(desired.resolution), inventory.parent, now)
    ids = {*inventory.records, *(each.id for each in desired.workloads)}
    aside = not_ours(inventory.parent, ids)
    alone = {id_: SUSPENDED.at(NOWHERE, why) for id_, why in way.left_alone.items()} | aside
    choice = _choice(unit, desired, inventory, confirmed, alone, _engine(machinery, live, now))
    picture = live.look(_kinds(choice, inventory), _running(inventory))
    past = past_of(picture, inventory, now)
    if write and past.news:
        # Durable before anything else is: another process would not notice.
        journal.update_parent(past.on)
        live.restoration_is_noted()
    decided = decide(unit, desired, choice, picture, inventory, past, confirmed, machinery.renderer, now)
    mode = _mode(desired.resolution, inventory)
    if write and mode == "plan" and inventory.parent:
        # Nothing else is written: but should the Environment become unreadable, this is still its last word.
        journal.update_parent(lambda parent: replace(parent, mode=mode))
    write = write and mode != "plan" and not way.frozen
    todos = set_aside(_open(decided.todos, live), aside)
    todos = _allowed(todos, mode, way)
    todos = calm(_in_turn(todos, picture, machinery) if write else todos, machinery.fights, started)
    begins = any(todo.writes for todo in todos) or decided.waiting - {ANY_RUN}
    if write:
        begun = Begun(revision, way.order, decided.waiting, decided.granted, choice.turn)
        _begin(journal, begun, now, begins=bool(begins))
    adopted = adoptable(confirmed)
    applied = _applied(
        todos, desired, live, journal, machinery, picture, inventory, adopted, now, write=write
    )
    held_adoption, granted_adoption = guard_adoption(_conflicts(applied), unit.environment, confirmed)
    if write and (journal.parent or begins):
        new = (*decided.news, *some(granted_adoption))
        left = Left(revision, machinery.renderer, mode, decided.waiting, new, choice, way.order)
        journal.update_parent(lambda parent: after_pass(parent, left, now))
    diagnostics = in_order((*desired.diagnostics, *choice.diagnostics))
    facts = Pass(
        unit,
        revision,
        todos,
        applied,
        inventory,
        (*decided.held, *some(held_adoption)),
        diagnostics,
        desired.resolution.accounting,
        machinery.verdicts,
        write=write,
    )
    return summarise(facts, desired.resolution.limits, live, machinery.clock, started)


def _open(todos: tuple[Todo, ...], live: Live) -> tuple[Todo, ...]:
    """What need not wait for what it serves."""
    # In a directory no run is ever seen to end: there pods try again until what they serve is there.
    return until_open(todos) if live.cluster.reports_health else todos


def _allowed(todos: tuple[Todo, ...], mode: str, way: Way) -> tuple[Todo, ...]:
    """What the environment's mode and the gates let through."""
    told = report_drift_only(todos) if mode == "apply" else todos
    return leave_alone(keep_removed(told, way.unpruned), way.left_alone)


def _applied(
    todos: tuple[Todo, ...],
    desired: Desired,
    live: Live,
    journal: Journal,
    machinery: Machinery,
    picture: Picture,
    inventory: Inventory,
    adopted: frozenset[str],
    now: datetime,
    *,
    write: bool,
) -> Mapping[str, Applied]:
    """Do what is to be done, and remember what was written and repaired; with ``write`` False only try it out."""
    own, by_id = namespaces(desired.workloads, inventory), {todo.id: todo for todo in todos}
    beyond = admitted(desired.resolution)
    applier = Applier(
        live.cluster,
        journal,
        machinery.pool,
        machinery.clock,
        desired.revision,
        machinery.renderer,
        blocked=lambda needed: not_ready(needed, by_id, picture, live.cluster, now),
        authorize=lambda todo, key: deny(todo, key, own, beyond),
        adopted=adopted,
        write=write,
    )
    try:
        applied = applier.run(todos)
    finally:
        live.learn(applier.wrote)
    if write:
        _remember(machinery, _repaired(applied))
    return applied


def _begin(journal: Journal, begun: Begun, now: datetime, *, begins: bool) -> None:
    """Note what must be known before the first write.

    What a crash interrupts goes on under the same yes, or waits for the same no, and goes on towards this revision
    though a window shuts meanwhile. Nor are there more restarts at a time because of it.
    """
    parent = journal.parent
    advances = parent is None or parent.revision != begun.revision
    turns = parent is not None and parent.turn != begun.turn
    if begun.granted or turns or (begins and advances):
        amend = journal.update_parent if parent else journal.begin
        amend(lambda parent: before_writes(parent, begun, now))


def _in_turn(todos: tuple[Todo, ...], picture: Picture, machinery: Machinery) -> tuple[Todo, ...]:
    """The to-dos with what is to be tried out in this pass."""
    now = machinery.clock.monotonic()
    return tried_out(todos, machinery.rounds.take(picture.signature, lambda: kept(todos), now))


def _engine(machinery: Machinery, live: Live, now: datetime) -> Engine:
    """Who decides: where the cluster does not say how its objects are, to be there is to be well."""
    judged, verdicts = live.cluster.reports_health, machinery.verdicts
    return Engine(machinery.renderer, now, lambda id_: not judged or id_ in verdicts)


def _choice(
    unit: Unit,
    desired: Desired,
    inventory: Inventory,
    confirmed: Confirmed,
    alone: Mapping[str, Diagnostic],
    engine: Engine,
) -> Choice:
    return choose(
        unit,
        desired.resolution,
        desired.workloads,
        desired.broken,
        desired.diagnostics,
        inventory,
        confirmed,
        desired.revision,
        alone,
        engine,
    )


def _conflicts(applied: Mapping[str, Applied]) -> frozenset[str]:
    """Keys of the objects of others that are in the way; a run is never adopted."""
    changes = [change for each in applied.values() for change in each.changes]
    return frozenset(
        str(each.key)
        for each in changes
        if each.action is Action.CONFLICT and each.key.group_kind not in RUN_KINDS
    )


def _repaired(applied: Mapping[str, Applied]) -> Iterable[Key]:
    """What was put back as it should be."""
    done = (change for each in applied.values() for change in each.changes if change.cause is Cause.DRIFT)
    return [change.key for change in done if change.action in {Action.CREATED, Action.CONFIGURED}]


def _remember(machinery: Machinery, repaired: Iterable[Key]) -> None:
    after = after_repairs(machinery.fights, repaired, machinery.clock.monotonic())
    machinery.fights.clear()
    machinery.fights.update(after)


def _kinds(choice: Choice, inventory: Inventory) -> frozenset[GroupKind]:
    """Every kind that we have or want here: only these are listed."""
    wanted = {m.key.group_kind for each in choice.effective.wanted for m in each.workload.manifests}
    return frozenset(wanted | inventory.kinds)


def _running(inventory: Inventory) -> Iterable[Key]:
    """Objects of the runs whose end was not seen yet."""
    runs = (run for record in inventory.records.values() for run in record.runs)
    return (run.key for run in runs if run.state is RunState.STARTED)


def _rules(resolution: Resolution) -> Sync | None:
    return resolution.environment.sync if resolution.environment else None


def confirmed_in(rules: Sync | None, parent: Parent | None, now: datetime) -> Confirmed:
    """What people said yes to, in git and in the inventory."""
    digests = frozenset(rules.confirm) if rules else frozenset()
    return Confirmed(digests, current(parent.confirmations, now) if parent else ())


def _mode(resolution: Resolution, inventory: Inventory) -> str:
    """The environment's ``sync.mode``; while the Environment cannot be read the last that could."""
    if resolution.environment is not None:
        return resolution.environment.sync.mode
    return inventory.parent.mode if inventory.parent else "enforce"
