"""One environment: what a pass would decide about the head where all that the base wants was applied before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from yardarm_reconciler.decide.choice import Choice, choose
from yardarm_reconciler.decide.difference import difference
from yardarm_reconciler.decide.guards import Confirmed, guard_data
from yardarm_reconciler.decide.runs import run_keys
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.decide.upgrading import Engine
from yardarm_reconciler.inventory.records import Entry, EntryState, Inventory, Record, Run, RunState
from yardarm_reconciler.model.budget import Limit, Limits
from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.workload import Workload
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.ports import Picture, Seen

BASE = "base"
"""Uid and version of every object that the base would have left."""

NOTHING = b"[]"
"""Manifests of a last good state that nobody looks into."""

NOBODY = Inventory(None, {})


@dataclass(frozen=True, slots=True)
class Upon:
    """What was decided. ``before`` and ``after`` are the workloads of both sides as they would be applied, by id.

    ``todos`` are those of a pass without budgets, so that what does not fit is shown too; ``over`` says what does not
    fit. ``same`` are the ids of workloads that are the very same on both sides: nothing is to be done for them.
    """

    todos: tuple[Todo, ...]
    guards: tuple[Guard, ...]
    before: Mapping[str, Workload]
    after: Mapping[str, Workload]
    over: Mapping[str, tuple[Diagnostic, ...]]
    same: frozenset[str]
    problems: tuple[Diagnostic, ...]


def upon(base: Desired, head: Desired, machinery: Machinery) -> Upon:
    """Decide as a pass would."""
    name = head.resolution.environment_name
    unit = Unit(name, name, confirm_runs=False)
    same = _same(base, head)
    confirmed = _confirmed(head)
    first = _choice(unit, base, same, NOBODY, Confirmed(), machinery, limited=False)
    before = {each.workload.id: each.workload for each in first.effective.wanted if not each.held}
    inventory = _inventory(base, before, machinery.renderer)
    choice = _choice(unit, head, same, inventory, confirmed, machinery, limited=False)
    after = {each.workload.id: each.workload for each in choice.effective.wanted if not each.held}
    picture = _picture(before, after)
    todos = difference(choice.effective, picture, inventory, machinery.renderer, machinery.clock.now())
    data = guard_data(todos, name, confirmed)
    limited = _choice(unit, head, same, inventory, confirmed, machinery, limited=True)
    over = {each.workload.id: each.held for each in limited.effective.wanted if each.workload.id in after}
    return Upon(
        data.todos,
        (*choice.held, *data.held),
        before,
        after,
        {id_: why for id_, why in over.items() if why},
        same,
        limited.diagnostics,
    )


def _same(base: Desired, head: Desired) -> frozenset[str]:
    known = {id(each) for each in base.workloads}
    return frozenset(each.id for each in head.workloads if id(each) in known)


def _confirmed(desired: Desired) -> Confirmed:
    """The confirmations that lie in git: a cluster may know others."""
    environment = desired.resolution.environment
    return Confirmed(frozenset(environment.sync.confirm) if environment else frozenset())


def _choice(
    unit: Unit,
    desired: Desired,
    same: frozenset[str],
    inventory: Inventory,
    confirmed: Confirmed,
    machinery: Machinery,
    *,
    limited: bool,
) -> Choice:
    """What shall run; of what is the same on both sides only that it is there, and what it takes."""
    resolution = desired.resolution
    if not limited:
        free = Limits(Limit(resolution.environment_name), Limit("one workload"))
        resolution = replace(resolution, limits=free)
    workloads = [
        replace(each, manifests=(), runs=()) if each.id in same else each for each in desired.workloads
    ]
    return choose(
        unit,
        resolution,
        workloads,
        desired.broken,
        desired.diagnostics,
        inventory,
        confirmed,
        desired.specs.loaded.revision,
        {},
        Engine(machinery.renderer, machinery.clock.now(), lambda _: True),
    )


def _inventory(base: Desired, before: Mapping[str, Workload], renderer: str) -> Inventory:
    """What a cluster would know after the base; of workloads that it could not render only that they are there."""
    unknown = {id_: Record(id_, last_good=NOTHING) for id_ in base.resolution.present - before.keys()}
    revision = base.specs.loaded.revision
    return Inventory(None, unknown | {id_: _record(each, revision, renderer) for id_, each in before.items()})


def _record(workload: Workload, revision: str, renderer: str) -> Record:
    runs = run_keys(workload)
    owned = (
        Entry(made.key, EntryState.OWNED, BASE, BASE, made.digest, BASE)
        for made in workload.manifests
        if made.key not in runs
    )
    ended = (Run(each.id, each.key, RunState.SUCCEEDED, BASE, step=each.step) for each in workload.runs)
    return Record(
        workload.id,
        revision,
        renderer,
        workload.input_hash,
        workload.origin,
        {each.key: each for each in owned},
        tuple(ended),
        NOTHING,
        workload.peak,
        workload.depends_on,
    )


def _picture(before: Mapping[str, Workload], after: Mapping[str, Workload]) -> Picture:
    """A cluster as the base would have left it, that serves every kind."""
    live = {made.key: _seen(made.key) for each in before.values() for made in each.manifests}
    wanted = {made.key.group_kind for each in after.values() for made in each.manifests}
    return Picture(live, frozenset({*wanted, *(key.group_kind for key in live)}))


def _seen(key: Key) -> Seen:
    return Seen(key, BASE, BASE, ours=True, projection=BASE, deleting=False, body=b"{}")
