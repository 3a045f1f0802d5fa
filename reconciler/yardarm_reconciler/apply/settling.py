"""Results into the inventory: entries, runs and last good bytes after a pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from yardarm_reconciler.apply.results import Result
from yardarm_reconciler.decide.steps import Todo, Verb
from yardarm_reconciler.inventory.records import Entry, EntryState, Record, Run, RunState
from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.change import Action
from yardarm_reconciler.model.origin import NOWHERE, Place


def ahead(todo: Todo, before: Record | None) -> Record:
    """The record of a workload with all that is about to be created, deleted or taken over from another."""
    record = todo.record or before or Record(todo.id)
    entries = dict(record.entries)
    for step in todo.steps:
        if step.run is not None:
            continue
        if step.verb in {Verb.CREATE, Verb.REPLACE}:
            # With an old uid in it where a new incarnation is coming: its answer may be lost.
            entries[step.key] = replace(
                step.entry or Entry(step.key, EntryState.PENDING), state=EntryState.PENDING
            )
        elif step.verb is Verb.DELETE and step.entry is not None:
            entries[step.key] = replace(step.entry, state=EntryState.DELETING)
        elif step.verb is Verb.RETAIN and step.entry is not None:
            entries[step.key] = replace(step.entry, state=EntryState.RETAINED)
        elif step.manifest is not None and step.entry is not None:
            # The other workload's record may be settled, in another shard, before this one is.
            entries.setdefault(step.key, step.entry)
    origin = record.origin if record.origin.path or todo.wanted is None else spot(todo.wanted.workload.origin)
    if todo.wanted is None:
        # What is being removed has no last good state any more: a crash must not bring it back.
        return replace(record, entries=entries, origin=origin, last_good=b"")
    # Its devices count from now on, also where a crash hides that it was made.
    peak = record.peak if todo.wanted.held else _larger(record.peak, todo.wanted.workload.peak)
    return replace(record, entries=entries, origin=origin, peak=peak)


def settle(
    todo: Todo,
    before: Record | None,
    results: Sequence[Result],
    revision: str,
    renderer: str,
    now: str,
    *,
    complete: bool,
) -> Record | None:
    """The workload's record after this pass; None where nothing is left to remember.

    Args:
        todo: what was to be done.
        before: the record as it was written ahead.
        results: what became of the steps.
        revision: of the candidate.
        renderer: version of this program.
        now: ISO time for what started or ended in this pass.
        complete: whether all of it is done: only then do its manifests become the last good.
    """
    base = before or todo.record or Record(todo.id)
    runs = {run.id: run for run in (todo.record.runs if todo.record else base.runs)}
    entries = dict(base.entries)
    for result in results:
        if result.step.run is not None:
            runs = _run_after(runs, result, now)
        else:
            entry = _entry_after(result)
            entries.pop(result.step.key, None)
            if entry is not None:
                entries[result.step.key] = entry
    after = replace(base, entries=entries, runs=tuple(runs.values()))
    if todo.wanted is None:
        return _leaving(todo, after, results)
    if todo.wanted.held:
        return after if entries or after.runs else None
    workload = todo.wanted.workload
    larger = _larger(base.peak, workload.peak)
    after = replace(after, origin=spot(workload.origin), depends_on=workload.depends_on, peak=larger)
    if complete:
        after = replace(
            after,
            renderer=renderer,
            input_hash=workload.input_hash,
            last_good=workload.last_good,
            # An older run holds its devices until it ends.
            peak=larger if _older_run_lives(todo, results) else replace(workload.peak, origin=NOWHERE),
            revision=revision
            if base.input_hash != workload.input_hash or not base.revision
            else base.revision,
        )
    return after


def _leaving(todo: Todo, after: Record, results: Sequence[Result]) -> Record | None:
    """The record of a workload that git no longer has, until nothing of it is there any more."""
    if todo.record and not any(result.step.verb is Verb.DELETE for result in results):
        # Its removal has not begun: should git take it back, or a guard hold it, it is repaired from these.
        after = replace(after, last_good=todo.record.last_good)
    running = any(not run.state.over for run in after.runs) or any(
        result.step.run and result.step.verb in {Verb.DELETE, Verb.WAIT} and not result.finished
        for result in results
    )
    if not running and all(entry.state is EntryState.RETAINED for entry in after.entries.values()):
        after = replace(after, peak=Peak())
    return after if after.entries or running else None


def spot(place: Place) -> Place:
    """A place as the inventory keeps it: where it starts."""
    return Place(place.path, place.line, place.column)


def _older_run_lives(todo: Todo, results: Sequence[Result]) -> bool:
    """Whether a run other than the one that is asked for has not ended, or is still being cancelled."""
    asked = {intent.id for intent in todo.wanted.workload.runs} if todo.wanted else set()
    others = (r for r in results if r.step.run and r.step.run.id not in asked)
    ended = {RunState.SUCCEEDED, RunState.FAILED}
    return any(
        r.step.seen and not r.finished and r.step.run and r.step.run.state not in ended for r in others
    )


def _larger(one: Peak, other: Peak) -> Peak:
    """While a change is half done, both may be held: the larger of each counts."""
    devices = {name: max(one.amount(name), other.amount(name)) for name in {**one.devices, **other.devices}}
    # What only one of the two counts twice is not counted twice in the larger of them: less is on the safe side.
    alternatives = min(one.alternatives, other.alternatives)
    cost = max(one.cost_per_hour, other.cost_per_hour)
    return Peak(devices, cost, other.arithmetic, alternatives=alternatives)


def _is_known(entry: Entry, result: Result) -> bool:
    """Whether an object that was tried out is just as the inventory says."""
    seen, made = result.seen, result.step.manifest
    if result.action is not Action.UNCHANGED or seen is None or made is None:
        return False
    return (entry.uid, entry.desired, entry.projection) == (seen.uid, made.digest, seen.projection)


def _entry_after(result: Result) -> Entry | None:
    """The entry of one object after its step."""
    step = result.step
    match result.action:
        case Action.CREATED | Action.CONFIGURED | Action.REPLACED | Action.ADOPTED | Action.UNCHANGED if (
            result.seen and step.manifest
        ):
            if step.entry is not None and (step.verb is Verb.KEEP or _is_known(step.entry, result)):
                return replace(step.entry, state=EntryState.OWNED)
            return Entry(
                step.key,
                EntryState.OWNED,
                result.seen.uid,
                result.seen.resource_version,
                step.manifest.digest,
                result.seen.projection,
            )
        case Action.DELETED if result.finished:
            return None
        case Action.DELETED:
            return replace(step.entry, state=EntryState.DELETING) if step.entry else None
        case Action.SKIPPED if result.finished:
            return None
    if step.verb is Verb.FORGET:
        return None
    if step.verb is Verb.RETAIN and step.entry is not None:
        return replace(step.entry, state=EntryState.RETAINED)
    if step.verb is Verb.CONFLICT or result.action is Action.CONFLICT:
        return step.entry if step.entry is not None and step.entry.uid else None
    if step.verb is Verb.CREATE:
        return step.entry or Entry(step.key, EntryState.PENDING)
    return step.entry


def _run_after(runs: Mapping[str, Run], result: Result, now: str) -> dict[str, Run]:
    """The ledger after one step for one run."""
    run = result.step.run
    assert run is not None  # noqa: S101 - the caller looked
    after = dict(runs)
    if (
        result.action in {Action.CREATED, Action.UNCHANGED}
        and result.step.verb is Verb.CREATE
        and result.seen
    ):
        after[run.id] = replace(run, state=RunState.STARTED, uid=result.seen.uid, started=now)
    elif result.action is Action.DELETED and run.state is RunState.STARTED:
        after[run.id] = replace(run, state=RunState.CANCELLED, ended=now)
    elif result.step.verb is Verb.FORGET or result.action is Action.CONFLICT:
        after.pop(run.id, None)
    return after
