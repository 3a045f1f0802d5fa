"""The only writer: gate by dry-run, write ahead, fan out in stages, settle. It decides nothing.

The order of one pass: every change of an existing object is dry-run first, and a workload of which one is refused
writes nothing; all creates and deletes are written ahead in the inventory, in one batch; workloads go out in layers of
what they depend on, each through its stages; deletes come last; what came back is settled in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import orjson

from yardarm_reconciler.apply.asking import Asking
from yardarm_reconciler.apply.belonging import is_anothers, label_of
from yardarm_reconciler.apply.gating import gate, refused, replacing, try_out
from yardarm_reconciler.apply.results import Gate, Result, Silence, failed, idle, refuse
from yardarm_reconciler.apply.settling import ahead, settle
from yardarm_reconciler.apply.turns import fixes_replicas, in_turn, stops_scaling
from yardarm_reconciler.decide.order import layers, stage
from yardarm_reconciler.decide.steps import WRITES, Step, Todo, Verb
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import Record
from yardarm_reconciler.model.change import Action, Change
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.ports import Clock, Cluster, Exists, Gone, OtherIncarnation, Refused, Seen, Written

SETTLE_EVERY = 2.0
"""Seconds between batches of settling: what a crash makes us learn again, against writes of the inventory."""

SETTLE_REST = 10
"""So many times as long as a batch took none is settled after it: of large inventories a batch takes a second."""

UNTRIABLE = frozenset({"NamespaceMissing", "KindMissing"})
"""Refusals of a dry-run create that only say that something else of this very pass comes first."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one workload: its changes in the order of stages, and whether all of it is done.

    ``seen`` are its objects as this pass left them, where it wrote or looked.
    """

    id: str
    changes: tuple[Change, ...]
    complete: bool
    seen: Mapping[Key, Seen] = field(default_factory=dict)
    heard: bool = True
    """False where the cluster did not answer about one of its objects."""


Settled: TypeAlias = tuple[Todo, Applied, Record | None]
"""A workload that is through: what was to be done, what became of it, and what is known of it now."""


@dataclass(slots=True)
class Applier:
    """Everything that one pass needs to write.

    ``blocked`` says for a dependency why it is not ready, or gives an empty text. ``authorize`` is asked
    immediately before each write and says why it may not be, or gives an empty text. ``adopted`` are objects that
    a person has confirmed to become ours. ``write`` False makes it a dry-run: nothing is changed or recorded.
    ``wrote`` are the objects as our writes returned them; one that a deletion removed at once has no body.
    """

    cluster: Cluster
    journal: Journal
    pool: Executor
    clock: Clock
    revision: str
    renderer: str
    blocked: Callable[[str], str]
    authorize: Callable[[Todo, Key], str]
    adopted: frozenset[str] = frozenset()
    write: bool = True
    wrote: list[Seen] = field(default_factory=list)
    _ask: Asking = field(init=False)

    def __post_init__(self) -> None:
        """Begin to ask."""
        self._ask = Asking(self.cluster)

    def run(self, todos: Sequence[Todo]) -> dict[str, Applied]:
        """Do what the to-dos say; give the outcome of every workload by id.

        Raises:
            FencedError: another process writes to this unit; no further request leaves.
        """
        gates = gate(todos, self._ask, self.pool)
        todos = replacing(todos, gates)
        if self.write:
            self.journal.write_ahead(
                ahead(todo, self.journal.record(todo.id))
                for todo in todos
                if todo.takes_over or (todo.writes and not todo.blocked and not refused(todo, gates))
            )
        outcome: dict[str, Applied] = {}
        wanted = {todo.id: todo for todo in todos if todo.wanted is not None}
        needs = {id_: todo.wanted.workload.depends_on for id_, todo in wanted.items() if todo.wanted}
        for layer in layers(needs):
            self._layer([wanted[id_] for id_ in layer], gates, outcome)
        removed = [_unless_team_failed(todo, wanted, outcome) for todo in todos if todo.wanted is None]
        # The team's own objects, its namespace among them, go after all that lies in it.
        for teams in (False, True):
            self._layer([todo for todo in removed if todo.id.startswith("Team/") is teams], gates, outcome)
        if self.write:
            self.journal.flush()
        return outcome

    # Layers --------------------------------------------------------------------------------------

    def _layer(self, todos: Sequence[Todo], gates: Mapping[Key, Gate], outcome: dict[str, Applied]) -> None:
        """Apply workloads that do not depend on one another, and settle them as they come back."""
        before = dict(outcome)
        asking = [todo for todo in todos if todo.writes]
        under_way = [self.pool.submit(self._workload, todo, gates, before) for todo in asking]
        try:
            # Of what asks nothing of the cluster there may be thousands: no thread need be woken for it.
            self._settle((self._workload(todo, gates, before) for todo in todos if not todo.writes), outcome)
            self._settle((each.result() for each in under_way), outcome)
        except BaseException:
            # Whoever comes next, in this process or another, must not meet a request of this pass.
            self._ask.end()
            for each in under_way:
                each.cancel()
            wait(under_way)
            raise

    def _settle(self, through: Iterable[Settled], outcome: dict[str, Applied]) -> None:
        due = self.clock.monotonic() + SETTLE_EVERY
        for todo, applied, record in through:
            outcome[todo.id] = applied
            if not self.write:
                continue
            if record is None:
                self.journal.drop(todo.id)
            else:
                self.journal.put(record)
            if self.clock.monotonic() > due:
                due = self._flush()

    def _flush(self) -> float:
        """Make durable what was settled; when to do so again."""
        started = self.clock.monotonic()
        self.journal.flush()
        ended = self.clock.monotonic()
        return ended + max(SETTLE_EVERY, SETTLE_REST * (ended - started))

    def _workload(self, todo: Todo, gates: Mapping[Key, Gate], before: Mapping[str, Applied]) -> Settled:
        waits = todo.blocked or (self._waits_for(todo, before) if todo.writes else "")
        beside = refused(todo, gates)
        results: list[Result] = []
        failed_stage: int | None = None
        lingering = ""
        for step in in_turn(todo.steps):
            if step.verb not in WRITES:
                result = idle(step)
            elif waits:
                result = Result(step, Action.SKIPPED, waits)
            elif beside:
                result = refuse(step, gates.get(step.key))
            elif lingering and fixes_replicas(step):
                result = Result(step, Action.SKIPPED, f"waits until {lingering} is gone")
            elif failed_stage is not None and (step.verb is Verb.DELETE or stage(step.key) > failed_stage):
                result = Result(step, Action.SKIPPED, "an earlier stage failed")
            else:
                result = self._step(todo, step, gates)
            if stops_scaling(step) and not result.finished:
                lingering = f"{step.key.kind}/{step.key.name}"
            if failed_stage is None and not result.done and not step.pending:
                failed_stage = stage(step.key)
            results.append(result)
        complete = not waits and all(result.done for result in results)
        changes = tuple(result.change(todo) for result in results if result.visible)
        now = self.clock.now().isoformat()
        base = self.journal.record(todo.id)
        record = settle(todo, base, results, self.revision, self.renderer, now, complete=complete)
        seen = {result.step.key: result.seen for result in results if result.seen}
        heard = all(result.heard for result in results)
        return todo, Applied(todo.id, changes, complete, seen, heard), record

    def _waits_for(self, todo: Todo, before: Mapping[str, Applied]) -> str:
        for needed in todo.wanted.workload.depends_on if todo.wanted else ():
            if needed in before and not before[needed].complete:
                return f"waits for {needed}, which is incomplete"
            if reason := self.blocked(needed):
                return f"waits for {needed}: {reason}"
        return ""

    # Steps ---------------------------------------------------------------------------------------

    def _step(self, todo: Todo, step: Step, gates: Mapping[Key, Gate]) -> Result:
        if denied := self.authorize(todo, step.key):
            return Result(step, Action.FAILED, denied)
        if step.verb is Verb.DELETE:
            return self._delete(step)
        if step.manifest is None:
            raise AssertionError(f"nothing to apply to {step.key}")
        if step.verb is Verb.CREATE:
            return self._create(step, step.manifest)
        if step.seen is None:
            raise AssertionError(f"nothing to update at {step.key}")
        if step.verb is Verb.REPLACE:
            return self._replace(step, step.manifest, step.seen, gates[step.key])
        return self._update(step, step.manifest, step.seen, gates[step.key])

    def _create(self, step: Step, manifest: Manifest) -> Result:
        answer = self._ask(lambda: self.cluster.create(manifest, dry_run=not self.write))
        if isinstance(answer, Written):
            self._note(answer.seen)
            return Result(step, Action.CREATED, seen=answer.seen)
        if isinstance(answer, Refused) and not self.write and answer.reason in UNTRIABLE:
            return Result(step, Action.CREATED)
        if not isinstance(answer, Exists):
            return failed(step, answer)
        return self._recognise(step, manifest)

    def _recognise(self, step: Step, manifest: Manifest) -> Result:
        """A create met something of that name: our own, whose answer or label was lost, or somebody else's."""
        found = self._ask(lambda: self.cluster.get(step.key))
        if isinstance(found, Silence):
            return failed(step, found)
        if found is None:
            return Result(step, Action.FAILED, "it came and went while we looked; tried again")
        if found.deleting:
            return Result(step, Action.SKIPPED, "an object of that name is terminating")
        anothers = is_anothers(found, self.journal.unit)
        known = step.entry is not None and step.entry.uid == found.uid and not anothers
        # Our own Apply entry and this unit's label, on an object that no LIST showed before this create: it is
        # this create's, and its answer was lost.
        our_own = found.ours and label_of(orjson.loads(found.body)) == label_of(manifest.body)
        if not (known or our_own or str(step.key) in self.adopted):
            whose = "is another unit's" if anothers else "is not ours"
            return Result(step, Action.CONFLICT, f"AdoptionRequired: an object of that name {whose}")
        if step.run is not None:
            return Result(step, Action.CREATED, seen=found)
        result = self._update(step, manifest, found, try_out(manifest, found, self._ask))
        made_now = our_own and not known and result.action is Action.UNCHANGED
        return replace(result, action=Action.CREATED) if made_now else result

    def _update(self, step: Step, manifest: Manifest, seen: Seen, gate: Gate) -> Result:
        if gate.refused:
            return refuse(step, gate)
        if gate.same:
            return Result(step, Action.UNCHANGED, seen=seen)
        action = Action.ADOPTED if str(step.key) in self.adopted else Action.CONFIGURED
        if not self.write:
            return Result(step, action, fields=gate.fields)
        if gate.added or gate.stale:
            # It is made ours first: then the update, which does not want it, removes it.
            taken = self._ask(lambda: self.cluster.take_over(step.key, seen.uid))
            if not isinstance(taken, Written):
                return failed(step, taken)
            if gate.stale and (tried := try_out(manifest, taken.seen, self._ask)).refused:
                return refuse(step, tried)
        answer = self._ask(lambda: self.cluster.update(manifest, seen.uid))
        if isinstance(answer, Written):
            self._note(answer.seen)
            return Result(step, action, seen=answer.seen, fields=gate.fields)
        return failed(step, answer)

    def _replace(self, step: Step, manifest: Manifest, seen: Seen, gate: Gate) -> Result:
        """Delete it and make it anew; where it lingers, a later pass makes it."""
        blamed = ", ".join(each.path for each in gate.fields)
        result = Result(step, Action.REPLACED, f"immutable: {blamed}", fields=gate.fields)
        if not self.write:
            return result
        gone = self._ask(lambda: self.cluster.delete(step.key, seen.uid))
        if isinstance(gone, Written):
            self._note(gone.seen)
            if gone.seen.body:
                return Result(step, Action.SKIPPED, "it is terminating, and made anew afterwards")
        elif not isinstance(gone, Gone):
            return failed(step, gone)
        made = self._create(step, manifest)
        return replace(result, seen=made.seen) if made.action is Action.CREATED else made

    def _note(self, seen: Seen) -> None:
        if self.write:
            self.wrote.append(seen)

    def _delete(self, step: Step) -> Result:
        if not self.write:
            return Result(step, Action.DELETED, step.reason)
        if step.seen is None:
            # No list shows it: it is gone, or has another label, which may be that of whoever looks after it now.
            found = self._ask(lambda: self.cluster.get(step.key))
            if isinstance(found, Silence):
                return failed(step, found)
            if found is not None and is_anothers(found, self.journal.unit):
                return Result(step, Action.SKIPPED, "another unit has it now", finished=True)
        uid = step.run.uid if step.run else step.entry.uid if step.entry else ""
        answer = self._ask(lambda: self.cluster.delete(step.key, uid))
        match answer:
            case Gone():
                return Result(step, Action.DELETED, "it was gone already", finished=True)
            case Written():
                self._note(answer.seen)
                return Result(step, Action.DELETED, step.reason, finished=not answer.seen.body)
            case OtherIncarnation():
                return Result(step, Action.DELETED, "another object has its name now", finished=True)
            case _:
                return failed(step, answer)


def _unless_team_failed(todo: Todo, wanted: Mapping[str, Todo], outcome: Mapping[str, Applied]) -> Todo:
    """No prune for a team of which anything was incomplete in this pass."""
    team = todo.id.split("/")[1]
    own = (each for id_, each in wanted.items() if id_.split("/")[1] == team)
    unfinished = sorted(
        each.id for each in own if not outcome[each.id].complete or (each.wanted and each.wanted.unborn)
    )
    if not unfinished:
        return todo
    reason = f"not pruned while {unfinished[0]} is incomplete"
    steps = tuple(
        replace(s, verb=Verb.WAIT, reason=reason) if s.verb is Verb.DELETE else s for s in todo.steps
    )
    return replace(todo, steps=steps)
