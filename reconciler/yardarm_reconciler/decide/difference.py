"""What separates live from wanted, object by object, with the cause told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from yardarm_reconciler.decide.effective import Effective, Wanted
from yardarm_reconciler.decide.order import stage
from yardarm_reconciler.decide.runs import RunDecision, decide_runs, run_keys
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Entry, EntryState, Inventory, Record, Run
from yardarm_reconciler.inventory.recovery import Standing, standing
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.workload import Workload
from yardarm_reconciler.ports import Picture

KEEPS_DATA = frozenset({"Namespace", "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition"})
"""Kinds whose deletion destroys data: they stay behind until a person confirms just that."""


def difference(
    wanted: Effective,
    picture: Picture,
    inventory: Inventory,
    renderer: str,
    now: datetime,
    waiting_runs: frozenset[str] = frozenset(),
    *,
    rebuilds: bool = False,
) -> tuple[Todo, ...]:
    """Give the steps of every workload, wanted or removed, sorted by id.

    Args:
        wanted: what shall run.
        picture: what lives.
        inventory: what we know to be ours.
        renderer: version of this program, to tell an upgrade from a commit.
        now: the time at which ends of runs are first seen.
        waiting_runs: names of runs that must not start before a person confirms them.
        rebuilds: whether the inventory was lost: what is ours by its managed fields is taken for written ahead.
    """
    listed = {key: entry for record in inventory.records.values() for key, entry in record.entries.items()}
    if rebuilds:
        ours = (key for key, seen in picture.live.items() if seen.ours)
        listed = {key: Entry(key, EntryState.PENDING) for key in ours} | listed
    claimed = _claims(wanted.wanted, inventory)
    again = frozenset(inventory.parent.reruns) if inventory.parent else frozenset()
    todos = []
    for each in wanted.wanted:
        record = inventory.records.get(each.workload.id)
        todos.append(_wanted(each, record, listed, claimed, picture, renderer, now, waiting_runs, again))
    todos += [_removed(record, claimed, picture) for record in wanted.removed]
    return tuple(sorted(todos, key=lambda todo: todo.id))


def _claims(wanted: Iterable[Wanted], inventory: Inventory) -> Mapping[Key, str]:
    """By key, the one workload that may have it: who has it already before who would like to.

    Two can want one key where the last good state of the one is kept, and the other is new.
    """
    claimed: dict[Key, str] = {}
    for each in wanted:
        record = inventory.records.get(each.workload.id)
        for made in each.workload.manifests:
            if made.key not in claimed or (record is not None and made.key in record.entries):
                claimed[made.key] = each.workload.id
    return claimed


def _wanted(
    each: Wanted,
    record: Record | None,
    listed: Mapping[Key, Entry],
    claimed: Mapping[Key, str],
    picture: Picture,
    renderer: str,
    now: datetime,
    waiting_runs: frozenset[str],
    again: frozenset[str],
) -> Todo:
    workload = each.workload
    runs = _runs(workload, record.runs if record else (), picture, now, waiting_runs, again)
    executed = run_keys(workload) | {run.key for run in runs.runs}
    steps = list(runs.steps)
    for manifest in workload.manifests:
        if manifest.key not in executed:
            entry = listed.get(manifest.key)
            steps.append(
                _object(manifest, entry, picture, _git_or_upgrade(workload.input_hash, record, renderer))
            )
    if record and (workload.manifests or not each.held):
        used = _used(runs.runs, picture)
        steps += (
            Step(Verb.KEEP, step.key, entry=step.entry, seen=step.seen, reason="a run still uses it")
            if step.verb is Verb.DELETE and used(step.key)
            else step
            for step in _superfluous(record, workload.id, claimed, picture)
        )
    return Todo(
        id=workload.id,
        wanted=each,
        record=_with_runs(record, workload.id, runs.runs),
        steps=_in_stages(steps),
        blocked=_blocked(workload, claimed, picture),
    )


def _used(runs: Iterable[Run], picture: Picture) -> Callable[[Key], bool]:
    """Whether an object is named by one that is a run: its files, its addresses, what it is made from.

    Such names carry a hash or are the workload's own; to keep one for too long costs nothing, and it goes with the run.
    """
    bodies = [seen.body for run in runs if (seen := picture.live.get(run.key)) is not None]
    return lambda key: any(f'"{key.name}"'.encode() in body for body in bodies)


def _runs(
    workload: Workload,
    ledger: tuple[Run, ...],
    picture: Picture,
    now: datetime,
    waiting: frozenset[str],
    again: frozenset[str],
) -> RunDecision:
    """What is decided of runs; while the cluster does not serve their kind nothing is known of them."""
    if all(run.state.over or run.key.group_kind in picture.served for run in ledger):
        return decide_runs(workload, ledger, picture.live, now, waiting, again)
    return RunDecision((), ledger)


def _blocked(workload: Workload, claimed: Mapping[Key, str], picture: Picture) -> str:
    """Why nothing of a workload can be written, or an empty text."""
    missing = sorted({str(m.key.group_kind) for m in workload.manifests} - {str(k) for k in picture.served})
    if missing:
        return f"kind missing: the cluster does not serve {', '.join(missing)}"
    going = sorted({m.key.namespace for m in workload.manifests if _terminates(m.key.namespace, picture)})
    if going:
        return f"namespace {', '.join(going)} is being deleted"
    taken = next((m.key for m in workload.manifests if claimed[m.key] != workload.id), None)
    return f"waits for {claimed[taken]}, which still has {taken.kind} {taken.name}" if taken else ""


def _terminates(namespace: str, picture: Picture) -> bool:
    seen = picture.live.get(Key("", "Namespace", "", namespace))
    return seen is not None and seen.deleting


def _with_runs(record: Record | None, id_: str, runs: tuple[Run, ...]) -> Record | None:
    if record is None and not runs:
        return None
    return replace(record or Record(id_), runs=runs)


def _git_or_upgrade(input_hash: str, record: Record | None, renderer: str) -> Cause:
    """Other bytes from equal input mean that Yardarm itself changed."""
    same_input = record is not None and record.input_hash == input_hash
    return Cause.UPGRADE if same_input and record is not None and record.renderer != renderer else Cause.GIT


def _object(manifest: Manifest, entry: Entry | None, picture: Picture, changed: Cause) -> Step:
    """One wanted object against its entry and what lives: the restart table, row by row."""
    key, seen = manifest.key, picture.live.get(manifest.key)
    match standing(entry, seen):
        case Standing.ABSENT:
            drifted = entry is not None and entry.uid and entry.desired == manifest.digest
            cause = Cause.DRIFT if drifted else changed
            return Step(Verb.CREATE, key, manifest, entry, cause=cause)
        case Standing.FOREIGN:
            return Step(
                Verb.CONFLICT, key, manifest, entry, seen, reason="an object of that name is not ours"
            )
        case Standing.OURS if seen is not None and entry is not None:
            if seen.deleting:
                return Step(Verb.WAIT, key, manifest, entry, seen, reason="it is terminating")
            if entry.desired != manifest.digest:
                return Step(Verb.UPDATE, key, manifest, entry, seen, cause=changed)
            as_applied = (
                seen.resource_version == entry.resource_version or seen.projection == entry.projection
            )
            if as_applied and not seen.foreign:
                return Step(Verb.KEEP, key, manifest, entry, seen)
            return Step(Verb.UPDATE, key, manifest, entry, seen, cause=Cause.DRIFT)
        case _:
            # Learned or reidentified: only the server can say whether it is as we want it.
            return Step(Verb.UPDATE, key, manifest, entry, seen, cause=changed)


def _superfluous(record: Record, id_: str, claimed: Mapping[Key, str], picture: Picture) -> Iterator[Step]:
    """Objects that the workload had and no longer wants."""
    for key, entry in record.entries.items():
        owner = claimed.get(key)
        if owner is None and key.kind == "Namespace" and any(each.namespace == key.name for each in claimed):
            # Somebody else looks after it from now on: to delete it would delete all that lies in it.
            yield Step(Verb.FORGET, key, entry=entry, reason="what is wanted lies in it")
        elif owner is None:
            yield _leave(key, entry, picture, delete_data=False)
        elif owner != id_:
            yield Step(Verb.FORGET, key, entry=entry, reason=f"{owner} has it now")


def _leave(key: Key, entry: Entry, picture: Picture, *, delete_data: bool) -> Step:
    seen = picture.live.get(key)
    if key.group_kind not in picture.served:
        return Step(Verb.WAIT, key, entry=entry, reason="the cluster does not serve its kind")
    if entry.state is EntryState.RETAINED and not delete_data:
        return Step(Verb.RETAIN if seen else Verb.FORGET, key, entry=entry, seen=seen, reason="it holds data")
    match standing(entry, seen):
        case Standing.ABSENT if key.kind in KEEPS_DATA or entry.state is EntryState.DELETING or not entry.uid:
            return Step(Verb.FORGET, key, entry=entry, reason="it is gone")
        case Standing.ABSENT:
            # Gone, or without our label: the delete itself, which names the uid, tells the two apart.
            return Step(Verb.DELETE, key, entry=entry, cause=Cause.GIT)
        case Standing.OURS | Standing.LEARNED if seen is not None and seen.ours:
            if seen.deleting:
                return Step(Verb.WAIT, key, entry=entry, seen=seen, reason="it is terminating")
            if key.kind in KEEPS_DATA and not delete_data:
                return Step(Verb.RETAIN, key, entry=entry, seen=seen, reason="it holds data")
            return Step(Verb.DELETE, key, entry=replace(entry, uid=seen.uid), seen=seen, cause=Cause.GIT)
        case Standing.REIDENTIFIED:
            return Step(
                Verb.WAIT, key, entry=entry, seen=seen, reason="restored under another uid: not pruned"
            )
        case _:
            return Step(Verb.FORGET, key, entry=entry, seen=seen, reason="it is not ours any more")


def _removed(record: Record, claimed: Mapping[Key, str], picture: Picture) -> Todo:
    """All that a workload leaves behind that git no longer has."""
    steps = list(_superfluous(record, record.id, claimed, picture))
    for run in record.runs:
        seen = picture.live.get(run.key)
        if run.key.group_kind not in picture.served:
            steps.append(Step(Verb.WAIT, run.key, run=run, reason="the cluster does not serve its kind"))
        elif seen is None or not seen.ours or (run.uid and run.uid != seen.uid):
            steps.append(Step(Verb.FORGET, run.key, run=run))
        elif seen.deleting:
            steps.append(Step(Verb.WAIT, run.key, seen=seen, run=run, reason="it is terminating"))
        else:
            steps.append(
                Step(Verb.DELETE, run.key, seen=seen, cause=Cause.GIT, run=replace(run, uid=seen.uid))
            )
    return Todo(record.id, None, record, tuple(reversed(_in_stages(steps))))


def _in_stages(steps: list[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: (stage(step.key), step.key)))
