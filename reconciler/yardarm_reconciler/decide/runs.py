"""Runs: started once, never repeated, never as drift.

The ledger says what became of every run: intended -> started -> succeeded | failed | cancelled | lost. Once a run
has ended, or was started and is gone, no reconcile starts it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from yardarm_reconciler.decide.ends import end
from yardarm_reconciler.decide.steps import Step, Verb
from yardarm_reconciler.inventory.records import Entry, EntryState, Run, RunState
from yardarm_reconciler.inventory.recovery import Standing, standing
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.workload import RunIntent, Workload
from yardarm_reconciler.ports import Seen

REMEMBERED = 200
"""Ended runs of a workload that the ledger keeps at least; a line of it takes some 70 bytes in the inventory."""


@dataclass(frozen=True, slots=True)
class RunDecision:
    """The steps for all runs of a workload, and the ledger as it is now known to be."""

    steps: tuple[Step, ...]
    runs: tuple[Run, ...]


def run_name(workload: Workload, intent: RunIntent) -> str:
    """What names a run among those of all workloads: two that compute the same have equal run ids."""
    return f"{workload.id}@{intent.id}"


def run_keys(workload: Workload) -> frozenset[Key]:
    """The objects of a workload that are runs: none of them is ever repaired or created as drift."""
    return frozenset(intent.key for intent in workload.runs)


def decide_runs(
    workload: Workload,
    ledger: Iterable[Run],
    live: Mapping[Key, Seen],
    now: datetime,
    waiting: frozenset[str] = frozenset(),
    again: frozenset[str] = frozenset(),
) -> RunDecision:
    """Decide about the runs that a workload asks for and about those that were, each step by itself.

    Args:
        workload: what shall run; a held one asks for no run, so nothing starts.
        ledger: all runs that are remembered, oldest first.
        live: what lives.
        now: for the ends that are first seen now.
        waiting: names of the runs that wait for a confirmation (no inventory yet: they may have run before).
        again: uids of the runs that a person wants once more.
    """
    # What a canary fetched is the base's own once it is promoted: the same run, under the step that asks for it now.
    steps_now = {intent.id: intent.step for intent in workload.runs}
    seen = [
        replace(observe(run, live.get(run.key), now), step=steps_now.get(run.id, run.step)) for run in ledger
    ]
    again |= _undone(workload.runs, seen, live)
    wanted = run_keys(workload) if workload.manifests else frozenset()
    runs = [_renewed(run, live) if run.uid in again and run.key in wanted else run for run in seen]
    left = {
        run.key: run
        for run in runs
        if run.uid in again and run.state.over and run.key in wanted & live.keys()
    }
    manifests = {made.key: made for made in workload.manifests}
    by_step = {intent.step: intent for intent in workload.runs}
    asked = {intent.id for intent in workload.runs}
    steps: list[Step] = []
    known: list[Run] = []
    for name in sorted({*by_step, *(run.step for run in runs)}):
        own, intent = [run for run in runs if run.step == name], by_step.get(name)
        unmet = _unmet(intent, by_step, runs) if intent else ""
        allowed = intent is None or run_name(workload, intent) not in waiting
        made = manifests.get(intent.key) if intent else None
        # What a step wants to read or write may still be in the hands of a run that nobody asks for any more.
        others = () if intent is not None and intent.repeatable else runs
        older = [run for run in others if run.step != name and run.id not in asked]
        decided = _decide(intent, made, own, older, live, unmet, allowed=allowed)
        steps += decided.steps
        known += decided.runs
    cleared = (_cleared(left[step.key], step, live) if step.key in left else step for step in steps)
    return RunDecision(tuple(cleared), tuple(known))


def _undone(intents: Iterable[RunIntent], runs: Iterable[Run], live: Mapping[Key, Seen]) -> frozenset[str]:
    """The uids of runs that are over and whose work is not there, where it does no harm to do it again.

    One that failed is not among them: it would fail for ever.
    """
    known = {intent.id: intent for intent in intents}
    return frozenset(
        run.uid
        for run in runs
        if run.state.over and run.id in known and run.uid and _is_undone(known[run.id], run, live)
    )


def _is_undone(intent: RunIntent, run: Run, live: Mapping[Key, Seen]) -> bool:
    claim = live.get(intent.fills) if intent.fills is not None else None
    if intent.fills is not None and (claim is None or claim.deleting):
        # A claim that was deleted stays for as long as any pod names it, also one of a Job that is over.
        return True
    return intent.repeatable and run.state in {RunState.LOST, RunState.CANCELLED}


def _renewed(run: Run, live: Mapping[Key, Seen]) -> Run:
    """A run that is over, as if it had never begun: once its object, whose name it needs, is gone."""
    if not run.state.over or run.key in live:
        return run
    return replace(run, state=RunState.INTENDED, uid="", started="", ended="")


def _cleared(run: Run, step: Step, live: Mapping[Key, Seen]) -> Step:
    """Make room for a run that is wanted once more."""
    if live[run.key].uid != run.uid:
        return step
    if live[run.key].deleting:
        return Step(Verb.WAIT, run.key, seen=live[run.key], reason="it is terminating", run=run)
    return Step(Verb.DELETE, run.key, seen=live[run.key], cause=Cause.GIT, reason="to run again", run=run)


def _unmet(intent: RunIntent, by_step: Mapping[str, RunIntent], runs: Iterable[Run]) -> str:
    """What a run waits for that must have succeeded before, or an empty text."""
    succeeded = {run.id for run in runs if run.state is RunState.SUCCEEDED}
    missing = sorted(other.step for other in by_step.values() if other.id in set(intent.needs) - succeeded)
    return f"waits for {', '.join(missing)}" if missing else ""


def _decide(
    intent: RunIntent | None,
    manifest: Manifest | None,
    runs: list[Run],
    older: list[Run],
    live: Mapping[Key, Seen],
    unmet: str,
    *,
    allowed: bool,
) -> RunDecision:
    """Decide about one step: the run that is asked for, and those of it that were.

    ``older`` are runs of other steps that were asked for before: they have to end first.
    """
    steps = [_past(run, live) for run in runs if intent is None or run.id != intent.id]
    if intent is not None and manifest is not None:
        known = next((run for run in runs if run.id == intent.id), None)
        others = [run for run in runs if run.id != intent.id]
        begun = known is not None and (known.state is not RunState.INTENDED or known.key in live)
        if known is not None and begun:
            steps.append(_known(known, manifest, live))
        elif intent.rerun == "never" and any(run.state is not RunState.INTENDED for run in others):
            steps.append(Step(Verb.KEEP, intent.key, manifest, reason="rerun: never"))
        else:
            new = known or Run(intent.id, intent.key, RunState.INTENDED, step=intent.step)
            if intent.overlap == "cancel" and allowed:
                steps = [_cancel(step) for step in steps]
            if unmet:
                steps.append(Step(Verb.KEEP, intent.key, manifest, reason=unmet))
            elif blocked := _blocked([*others, *older], live, allowed=allowed):
                steps.append(Step(Verb.WAIT, intent.key, manifest, cause=Cause.GIT, reason=blocked))
            else:
                runs = [*runs, new] if known is None else runs
                steps.append(Step(Verb.CREATE, intent.key, manifest, cause=Cause.GIT, run=new))
        steps, runs = _forget_old(steps, runs, intent)
    return RunDecision(tuple(steps), tuple(runs))


def observe(run: Run, seen: Seen | None, now: datetime) -> Run:
    """The run as the cluster shows it: its uid learned, its end seen, or lost where it is gone unseen."""
    if run.state.over:
        return run
    entry = Entry(run.key, EntryState.PENDING if not run.uid else EntryState.OWNED, run.uid)
    case = standing(entry, seen)
    if case in {Standing.ABSENT, Standing.FOREIGN} or seen is None:
        # Also where somebody else's object has its name now: the one that was started is gone.
        lost = run.state is RunState.STARTED
        return replace(run, state=RunState.LOST, ended=now.isoformat()) if lost else run
    started = replace(run, uid=seen.uid, state=RunState.STARTED, started=run.started or now.isoformat())
    ended = end(seen)
    return replace(started, state=ended, ended=now.isoformat()) if ended else started


def _blocked(others: Iterable[Run], live: Mapping[Key, Seen], *, allowed: bool) -> str:
    """Why a new run may not start yet, or an empty text."""
    if not allowed:
        return "this cluster has no inventory yet: the run waits for a confirmation"
    active = next((other for other in others if _holds_devices(other, live)), None)
    return f"waits for the end of run {active.id}" if active else ""


def _holds_devices(run: Run, live: Mapping[Key, Seen]) -> bool:
    """Whether it still runs; one that was cancelled does until its object, which its pods outlive never, is gone."""
    seen = live.get(run.key)
    terminating = run.state is RunState.CANCELLED and seen is not None and seen.uid == run.uid
    return run.state is RunState.STARTED or terminating


def _known(run: Run, manifest: Manifest, live: Mapping[Key, Seen]) -> Step:
    """The run that is asked for is in the ledger already, and more than meant."""
    seen = live.get(run.key)
    if run.state is RunState.INTENDED:
        return Step(
            Verb.CONFLICT, run.key, manifest, seen=seen, reason="an object of that name is not ours", run=run
        )
    if run.state is RunState.LOST:
        return Step(
            Verb.KEEP, run.key, manifest, reason=f"run {run.id} is lost: it is never started again by itself"
        )
    return Step(Verb.KEEP, run.key, manifest, seen=seen, run=run)


def _past(run: Run, live: Mapping[Key, Seen]) -> Step:
    return Step(Verb.KEEP, run.key, seen=live.get(run.key), run=run)


def _cancel(step: Step) -> Step:
    if step.run is None or step.run.state is not RunState.STARTED:
        return step
    return replace(step, verb=Verb.DELETE, cause=Cause.GIT, reason="cancelled by a newer run")


def _forget_old(steps: list[Step], runs: list[Run], intent: RunIntent) -> tuple[list[Step], list[Run]]:
    """Keep the newest ``history`` ended runs besides the one that is asked for; the objects of older ones go.

    The ledger remembers them for longer: a spec that goes back to what it was starts nothing again.
    """
    ended = [run for run in runs if run.state.over and run.id != intent.id]
    old = {run.id for run in ended[: max(0, len(ended) - intent.history)]}
    kept = []
    for step in steps:
        if step.run is None or step.run.id not in old:
            kept.append(step)
        elif step.seen is not None and step.seen.uid == step.run.uid:
            kept.append(replace(step, verb=Verb.DELETE, cause=Cause.GIT, reason="older than history keeps"))
    forgotten = {run.id for run in ended[:-REMEMBERED]} - {step.run.id for step in kept if step.run}
    return kept, [run for run in runs if run.id not in forgotten]
