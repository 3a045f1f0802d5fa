"""A cluster or an inventory that is not what it was: nothing is deleted and no run is started before a person has looked.

A cluster that came back from a backup has an inventory as old as itself. What was created since is gone with its entry,
what was deleted is back, and a run that was started since is neither in the cluster nor in the ledger: it would be
started again. Where the inventory alone is gone its objects still say whose they are: entries are made anew from that,
for what git wants; what else carries our label is a stray.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from yardarm_reconciler.decide.difference import KEEPS_DATA
from yardarm_reconciler.decide.guards import Confirmed, Guarded, make_guard
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Entry, EntryState, Inventory, Parent
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.ports import Picture, Seen

RESTORED = "restored"
INVENTORY = "inventory"
STRAY = "stray"

REASONS: Mapping[str, str] = {
    RESTORED: "the cluster is older than it was seen before: it was restored from a backup",
    INVENTORY: "the inventory is gone, and objects of ours are there: it was made anew",
}
WAITS: Mapping[str, str] = {
    RESTORED: "the cluster was restored from a backup: this waits for a confirmation",
    INVENTORY: "the inventory was lost: this waits for a confirmation",
}


@dataclass(frozen=True, slots=True)
class Past:
    """When the cluster was found to be restored, and the inventory to be lost, as far as a person has not said yes.

    ``news`` is true where the inventory does not say so yet.
    """

    restored: str = ""
    lost: str = ""
    news: bool = False

    def on(self, parent: Parent) -> Parent:
        """The parent that says so."""
        return replace(parent, restored=self.restored, lost=self.lost)


def past_of(picture: Picture, inventory: Inventory, now: datetime) -> Past:
    """What is known, and what is found out now: an inventory is lost where there is none, and objects are ours."""
    known = Past(inventory.parent.restored, inventory.parent.lost) if inventory.parent else Past()
    lost = inventory.parent is None and any(seen.ours for seen in picture.live.values())
    return Past(
        now.isoformat() if picture.restored else known.restored,
        now.isoformat() if lost else known.lost,
        news=picture.restored or lost,
    )


def guard_recovery(
    todos: Iterable[Todo], name: str, since: str, environment: str, confirmed: Confirmed
) -> Guarded:
    """Let deletions and new runs wait after a restoration or a loss.

    ``since`` is when that was found out, empty where it was not; the yes to one time is no yes to the next.
    """
    if not since:
        return Guarded(tuple(todos), (), ())
    guard = make_guard(name, environment, [f"{name}, seen {since}"], REASONS[name])
    if confirmed.covers(guard):
        return Guarded(tuple(todos), (), (guard,))
    held = (replace(todo, steps=tuple(_hold(step, WAITS[name]) for step in todo.steps)) for todo in todos)
    return Guarded(tuple(held), (guard,), ())


def guard_strays(
    todos: Sequence[Todo], picture: Picture, inventory: Inventory, environment: str, confirmed: Confirmed
) -> Guarded:
    """Show what is ours by label and managed fields, but in no inventory and not wanted; deleted after a yes.

    What holds data is never among it.
    """
    known = _known(todos, inventory)
    found = [seen for key, seen in picture.live.items() if key not in known and _is_stray(seen)]
    if not found:
        return Guarded(tuple(todos), (), ())
    noun = "object" if len(found) == 1 else "objects"
    guard = make_guard(
        STRAY, environment, (str(seen.key) for seen in found), f"{len(found)} {noun} of ours in no inventory"
    )
    if not confirmed.covers(guard):
        return Guarded(tuple(todos), (guard,), ())
    return Guarded(_with_deletions(todos, found), (), (guard,))


def _known(todos: Iterable[Todo], inventory: Inventory) -> AbstractSet[Key]:
    records = inventory.records.values()
    entries = {key for record in records for key in record.entries}
    runs = {run.key for record in records for run in record.runs}
    return entries | runs | {step.key for todo in todos for step in todo.steps}


def _is_stray(seen: Seen) -> bool:
    return seen.ours and not seen.deleting and seen.key.kind not in KEEPS_DATA


def _with_deletions(todos: Iterable[Todo], found: Iterable[Seen]) -> tuple[Todo, ...]:
    """The to-dos with a deletion of each stray, on behalf of the workload that its labels name."""
    by_id = {todo.id: todo for todo in todos}
    for seen in found:
        id_ = _workload(seen)
        if not id_:
            continue
        entry = Entry(seen.key, EntryState.OWNED, seen.uid)
        step = Step(Verb.DELETE, seen.key, entry=entry, seen=seen, cause=Cause.GIT, reason="a stray")
        todo = by_id.get(id_) or Todo(id_, None, None, ())
        by_id[id_] = replace(todo, steps=(*todo.steps, step))
    return tuple(by_id[id_] for id_ in sorted(by_id))


def _workload(seen: Seen) -> str:
    """The id of the workload that an object's labels name, empty where they name none."""
    labels = orjson.loads(seen.body).get("metadata", {}).get("labels") or {}
    kind, team, name = (
        labels.get(f"yardarm.dev/{part}", "") for part in ("workload-kind", "team", "workload")
    )
    if not kind or not team or not name:
        return ""
    return f"Team/{team}" if kind == "Team" else f"{kind}/{team}/{name}"


def _hold(step: Step, reason: str) -> Step:
    starts = step.verb is Verb.CREATE and step.run is not None
    return replace(step, verb=Verb.WAIT, reason=reason) if starts or step.verb is Verb.DELETE else step
