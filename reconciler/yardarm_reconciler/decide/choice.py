"""From what git says to what shall run: freezes, holds, budgets and the guard on mass removal, in that order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from yardarm_reconciler.decide.effective import Effective, Wanted, effective, hold_removed
from yardarm_reconciler.decide.guards import (
    PRUNE_HELD,
    PRUNE_INCOMPLETE,
    SHORT_DIGEST,
    Confirmed,
    PruneLimit,
    guard_prune,
    some,
)
from yardarm_reconciler.decide.upgrading import Engine, upgrade
from yardarm_reconciler.inventory.records import PART_OF, EntryState, Inventory, Turn, part_of
from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.model.manifest import labelled, pack
from yardarm_reconciler.model.origin import NOWHERE, Code, Diagnostic, Place, Severity, by_path
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.model.workload import Resolution, Workload

Reasons: TypeAlias = tuple[Diagnostic, ...]
"""Why a workload is held, or a file cannot be read."""

CLUSTER_MISMATCH = Code(
    "environment/cluster-mismatch",
    title="The settings bind this environment to another cluster",
    why="A pull request must not be able to redirect an environment: the operator's settings and it must agree.",
    bad="spec.cluster: prod-us where the settings bind production to prod-eu",
    good="spec.cluster: prod-eu",
)
NOT_EXPANDED = Code(
    "document/held",
    title="It is held with something that it needs",
    why="A workload whose team, classes or names cannot be used is kept at its last good state until they can.",
    bad="a workload of a Team that is invalid",
    good="the Team mended",
)
SUSPENDED = Code(
    "apply/suspended",
    title="It is suspended",
    why="A person has told Yardarm to leave it alone: it is looked at and reported, and nothing of it is written.",
    bad="yardarm suspend -e production nlp/api",
    good="yardarm resume -e production nlp/api",
    severity=Severity.WARNING,
)
ENVIRONMENT_GONE = Code(
    "environment/missing",
    title="There is no Environment of this name",
    why="Without its Environment nothing can be resolved. What runs is kept, unless its removal is confirmed.",
    bad="settings that bind the environment prod where the repository has production",
    good="environment: production",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The effective set, and what the guards on mass removal and on restarts by an upgrade said of it.

    ``turn`` is which of them restart without a yes, and since when.
    """

    effective: Effective
    held: tuple[Guard, ...]
    granted: tuple[Guard, ...]
    diagnostics: tuple[Diagnostic, ...]
    turn: Turn | None = None


def choose(
    unit: Unit,
    resolution: Resolution,
    workloads: Iterable[Workload],
    broken: Mapping[str, tuple[Diagnostic, ...]],
    problems: Collection[Diagnostic],
    inventory: Inventory,
    confirmed: Confirmed,
    revision: str,
    suspended: Mapping[str, Diagnostic],
    engine: Engine,
) -> Choice:
    """Choose what shall run.

    Args:
        unit: whose environment it is.
        resolution: the environment's specs.
        workloads: the candidates, as this unit applies them.
        problems: everything that was found, to say why a workload is no candidate.
        broken: diagnostics by path, of the files that could not be read whole.
        inventory: what runs.
        confirmed: what people said yes to.
        revision: of the candidates.
        suspended: workloads that are left alone, each with the reason: what runs of them is what counts.
        engine: this version of the program, to tell an upgrade from a commit.
    """
    records = inventory.records
    frozen, notes = _frozen(unit, resolution, broken)
    if frozen:
        candidates, held = list[Workload](), dict.fromkeys(records, frozen)
    else:
        candidates, held = _candidates(resolution, workloads, problems, records, suspended)
    upgrading = upgrade(candidates, resolution, inventory, unit, confirmed, engine)
    candidates = [each for each in candidates if each.id not in upgrading.waiting]
    held |= upgrading.waiting

    def chosen(but: Mapping[str, Reasons]) -> Effective:
        kept = [each for each in candidates if each.id not in but]
        return effective(kept, {**held, **but}, broken, inventory, resolution.limits, revision)

    first = chosen({})
    notes = (*notes, *first.diagnostics)
    choice = Choice(first, some(upgrading.guard), some(upgrading.granted), notes, upgrading.turn)
    return _without_removals(choice, chosen, unit, broken, inventory, _limit(resolution), confirmed)


def _candidates(
    resolution: Resolution,
    workloads: Iterable[Workload],
    problems: Iterable[Diagnostic],
    records: Collection[str],
    suspended: Mapping[str, Diagnostic],
) -> tuple[list[Workload], dict[str, Reasons]]:
    """What may be chosen, and what is held as it runs, with the reasons."""
    candidates = {each.id: each for each in workloads}
    held = dict(resolution.held)
    missing = resolution.present - candidates.keys()
    held = {id_: held.get(id_) or why for id_, why in _why_not(missing, resolution, problems).items()}
    held |= _suspended(suspended, records, candidates.keys())
    return [each for each in candidates.values() if each.id not in suspended], held


def _without_removals(
    choice: Choice,
    chosen: Callable[[Mapping[str, Reasons]], Effective],
    unit: Unit,
    broken: Mapping[str, Reasons],
    inventory: Inventory,
    limit: PruneLimit,
    confirmed: Confirmed,
) -> Choice:
    """The choice without the removals and moves that nobody may make yet; ``chosen`` chooses anew, holding some."""
    kept, notes, records = choice.effective, choice.diagnostics, inventory.records
    staying = [record.id for record in kept.removed if not record.leaving]
    moved = _moved(kept.wanted, inventory)
    if not staying and not moved:
        return choice
    if staying and broken:
        why = PRUNE_INCOMPLETE.at(
            Place(min(broken)), f"nothing is deleted while {min(broken)} cannot be read"
        )
        kept, staying, notes = hold_removed(kept, why), [], (*notes, why)
    recorded = sum(not record.leaving for record in records.values())
    guard, grant = guard_prune((*staying, *moved.values()), unit.environment, recorded, limit, confirmed)
    if guard is None:
        granted = (*choice.granted, *some(grant))
        return replace(choice, effective=kept, granted=granted, diagnostics=notes)
    short = guard.digest[:SHORT_DIGEST]
    why = PRUNE_HELD.at(NOWHERE, guard.reason, fix=f"yardarm confirm {short} -e {unit.environment}")
    if moved:
        # Chosen anew: where they stay they hold devices that others were given.
        kept = chosen(dict.fromkeys(moved, (why,)))
    held = (*choice.held, guard)
    return replace(choice, effective=hold_removed(kept, why), held=held, diagnostics=(*notes, why))


def _suspended(
    suspended: Mapping[str, Diagnostic], records: Collection[str], wanted: Collection[str]
) -> dict[str, tuple[Diagnostic, ...]]:
    """Why suspended workloads stay as they are, and with them the objects of their teams, which hold them."""
    held: dict[str, tuple[Diagnostic, ...]] = {}
    for id_, reason in suspended.items():
        if id_ in records or id_ in wanted:
            held[id_] = (reason,)
        team = f"Team/{id_.split('/')[1]}"
        if id_ in records and team in records and team not in wanted:
            held.setdefault(team, (SUSPENDED.at(NOWHERE, f"{id_} of it is {reason.message}"),))
    return held


def _moved(wanted: Iterable[Wanted], inventory: Inventory) -> dict[str, str]:
    """By id, in words, the workloads of which nothing would stay where it is: a move deletes all that they had."""
    moved = {}
    for each in wanted:
        record = inventory.records.get(each.workload.id)
        if record is None or each.held:
            continue
        had = {key for key, entry in record.entries.items() if entry.state is EntryState.OWNED}
        if had and not had & {manifest.key for manifest in each.workload.manifests}:
            places = sorted({key.namespace or key.name for key in had})
            moved[record.id] = f"{record.id} out of {', '.join(places)}"
    return moved


def _frozen(
    unit: Unit, resolution: Resolution, broken: Mapping[str, tuple[Diagnostic, ...]]
) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Why the whole unit must stay as it is, and what to report of it that is not reported yet."""
    if "yardarm.yaml" in broken:
        return broken["yardarm.yaml"], ()
    if resolution.frozen:
        return resolution.frozen, ()
    environment = resolution.environment
    if environment is None:
        return (), (ENVIRONMENT_GONE.at(NOWHERE, f"there is no Environment {unit.environment!r}"),)
    if unit.cluster and environment.cluster != unit.cluster:
        message = f"{unit.environment} names cluster {environment.cluster!r}, the settings bind it to {unit.cluster!r}"
        mismatch = (CLUSTER_MISMATCH.at(NOWHERE, message, fix="ask whoever owns the settings"),)
        return mismatch, mismatch
    return (), ()


def ours(workload: Workload, unit: Unit) -> Workload:
    """The workload as this unit applies it: its label on every object, and what to keep of it."""
    label, runs = part_of(unit.id), {intent.key for intent in workload.runs}
    manifests = tuple(labelled(each, PART_OF, label) for each in workload.manifests)
    return replace(
        workload, manifests=manifests, last_good=pack(each for each in manifests if each.key not in runs)
    )


def _why_not(
    missing: Collection[str], resolution: Resolution, problems: Iterable[Diagnostic]
) -> dict[str, tuple[Diagnostic, ...]]:
    """Why workloads that git has are no candidates: what is wrong in their files, or that they share another's fate."""
    errors = by_path(each for each in problems if each.is_error and each.place.path)
    places = {each.id: each.origin() for each in resolution.workloads} if missing else {}
    found = {}
    for id_ in sorted(missing):
        place = places.get(id_, NOWHERE)
        found[id_] = errors.get(place.path) or (NOT_EXPANDED.at(place),)
    return found


def _limit(resolution: Resolution) -> PruneLimit:
    if resolution.environment is None:
        return PruneLimit()
    prune = resolution.environment.sync.prune
    return PruneLimit(prune.workloads, prune.percent)
