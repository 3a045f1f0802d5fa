"""From one unit to another of the same cluster: which records change hands, and who leaves them alone meanwhile.

What changes hands is all that a team has, since a namespace is claimed by one unit. Two notes tell how far it has come.
The unit that takes notes first that it receives the team; then the one that gives notes that it hands it over. While
either note is there its unit writes nothing of the team. When everything has come, the first note goes: from then on it
is the other's, and here it is only to be forgotten. The second note stays, in case git still has the team here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from yardarm_reconciler.decide.guards import ANY_RUN, make_guard
from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import (
    PART_OF,
    EntryState,
    Inventory,
    Order,
    Parent,
    Record,
    part_of,
)
from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.model.manifest import Key, labelled, pack, unpack
from yardarm_reconciler.model.origin import NOWHERE, Code, Diagnostic, Severity
from yardarm_reconciler.model.unit import Unit

HANDED_OVER = Code(
    "apply/handed-over",
    title="Another unit looks after it",
    why=(
        "A team was handed over, or not all of it has come yet: to write here too would take back, delete or run again "
        "what is the other unit's."
    ),
    bad="yardarm handover nlp -e production-eu --from u-production, and the team still in the repository of u-production",
    good="the team in the repository of production-eu alone; or handed back",
    severity=Severity.WARNING,
)
UNSETTLED = frozenset({EntryState.PENDING, EntryState.DELETING})
"""Of such an object nobody knows whether it is there: the unit that gives it settles that first."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What one unit gives to another: its records of some teams, as they are in its inventory.

    Those of ``taken`` are the other's own already: nothing is left but to forget them here. What people have ordered of
    them goes along: workloads that are ``suspended``, ``reruns``, and runs that are ``waiting`` for a confirmation.
    """

    giver: str
    taker: Unit
    teams: tuple[str, ...]
    records: Mapping[str, Record]
    taken: frozenset[str] = frozenset()
    suspended: Mapping[str, Order] = field(default_factory=dict)
    reruns: Mapping[str, Order] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()

    @property
    def objects(self) -> tuple[tuple[Key, str], ...]:
        """Every object that may be there, with its uid."""
        records = self.records.values()
        entries = [(entry.key, entry.uid) for record in records for entry in record.entries.values()]
        runs = [(run.key, run.uid) for record in records for run in record.runs]
        return tuple(sorted({(key, uid) for key, uid in (*entries, *runs) if uid}))

    @property
    def guard(self) -> Guard:
        """What a person says yes to: exactly these objects, from this unit to that."""
        ids = (f"{self.giver}: {key}" for key, _ in self.objects)
        what = f"{len(self.objects)} objects of {len(self.records)} workloads"
        reason = f"{what} would be handed over from unit {self.giver} to {self.taker.id}"
        return make_guard("handover", self.taker.environment, ids, reason)


def handover(giver: Inventory, taker: Inventory, unit: Unit, team: str | None) -> Handover:
    """What ``giver`` has of one team, or of all, for ``unit``; of what was begun and broken off, the rest.

    A team of which it has nothing any more is only noted by the other: that note is taken back.
    """
    source, sent = _parent(giver).unit, _parent(giver).handed
    records = {
        id_: record
        for id_, record in giver.records.items()
        if team in {None, record.team} and sent.get(record.team, unit.id) == unit.id
    }
    teams = {record.team for record in records.values()}
    returned = {name for name, to in _parent(taker).handed.items() if to == source and team in {None, name}}
    returned -= {record.team for record in giver.records.values()} | _parent(giver).receiving.keys()
    taken = {name for name in teams if name in sent} - _parent(taker).receiving.keys()
    uids = {run.uid for record in records.values() for run in record.runs}
    return Handover(
        source,
        unit,
        tuple(sorted(teams | returned)),
        records,
        frozenset(taken),
        {id_: order for id_, order in _parent(giver).suspended.items() if id_ in records},
        {uid: order for uid, order in _parent(giver).reruns.items() if uid in uids},
        frozenset(each for each in _parent(giver).waiting_runs if each.partition("@")[0] in records),
    )


def obstacles(
    asked: Handover, giver: Inventory, taker: Inventory, wanted: Mapping[str, Collection[Key]]
) -> tuple[str, ...]:
    """Why it must not be done, a sentence each. ``wanted`` are the objects that the other unit wants, by workload."""
    parents = (_parent(giver), _parent(taker))
    found = [
        f"unit {each.unit} waits for a confirmation first: its cluster was restored, or its inventory lost"
        for each in parents
        if each.restored or each.lost
    ]
    moving = [record for record in asked.records.values() if record.team not in asked.taken]
    for team in sorted({record.team for record in moving}):
        found += _taken_elsewhere(team, asked, *parents, sorted(_owned(taker, team)))
    for record in moving:
        found += _unfit(record, asked, wanted.get(record.id, ()))
    return tuple(found)


def _taken_elsewhere(
    team: str, asked: Handover, giver: Parent, taker: Parent, own: Collection[str]
) -> Iterator[str]:
    """Why a team cannot change hands now: a third unit has to do with it, or the other has objects of it."""
    if other := giver.receiving.get(team):
        yield f"{giver.unit} has not received all of team {team} yet: hand over what is left from {other} first"
    elif taker.receiving.get(team, giver.unit) != giver.unit:
        yield f"{asked.taker.id} is receiving team {team} from {taker.receiving[team]}"
    elif own and team not in taker.receiving:
        yield f"{asked.taker.id} has {min(own)} itself"


def _unfit(record: Record, asked: Handover, wanted: Collection[Key]) -> Iterator[str]:
    """Why a record cannot change hands as it is."""
    unsettled = sorted(str(each.key) for each in record.entries.values() if each.state in UNSETTLED)
    if unsettled:
        yield f"{unsettled[0]} of {record.id} is not settled: sync {asked.giver} first"
    keeps = [each.key for each in record.entries.values() if each.state is EntryState.OWNED]
    # A run may be another than the one that is wanted now: it goes on, unless its workload is not wanted at all.
    keeps += [] if wanted else [run.key for run in record.runs if not run.state.over]
    unwanted = sorted(str(key) for key in keeps if key not in wanted)
    if unwanted:
        yield f"{asked.taker.id} does not want {unwanted[0]} of {record.id}: it would be deleted"


def received(record: Record, taker: Unit) -> Record:
    """The record as the other unit keeps it: what it would repair from carries its own label."""
    label = part_of(taker.id)
    kept = pack(labelled(each, PART_OF, label) for each in unpack(record.last_good))
    return replace(record, last_good=kept if record.last_good else b"")


def receiving(parent: Parent, asked: Handover) -> Parent:
    """The parent of the unit that takes: it leaves these teams alone until all is its own.

    Where it begins with them, no pass has looked for runs yet: those that nobody hands over may have run before.
    """
    teams = [team for team in asked.teams if team not in asked.taken]
    new = not parent.revision and not parent.waiting_runs and asked.taker.confirm_runs
    waiting = {*parent.waiting_runs, *asked.waiting, *([ANY_RUN] if new else [])}
    return replace(
        parent,
        receiving={**parent.receiving, **dict.fromkeys(teams, asked.giver)},
        suspended={**parent.suspended, **asked.suspended},
        reruns={**parent.reruns, **asked.reruns},
        waiting_runs=tuple(sorted(waiting)),
    )


def giving(parent: Parent, asked: Handover) -> Parent:
    """The parent of the unit that gives: it leaves them alone from now on, and forgets what people have ordered of them."""
    return replace(
        parent,
        handed={**parent.handed, **dict.fromkeys(asked.teams, asked.taker.id)},
        suspended={id_: order for id_, order in parent.suspended.items() if id_ not in asked.suspended},
        reruns={uid: order for uid, order in parent.reruns.items() if uid not in asked.reruns},
        waiting_runs=tuple(each for each in parent.waiting_runs if each not in asked.waiting),
    )


def owning(parent: Parent, asked: Handover) -> Parent:
    """The parent of the unit that has taken: they are its own."""
    return replace(
        parent,
        handed={team: to for team, to in parent.handed.items() if team not in asked.teams},
        receiving={team: by for team, by in parent.receiving.items() if team not in asked.teams},
    )


def not_ours(parent: Parent | None, workloads: Iterable[str]) -> dict[str, Diagnostic]:
    """Of some workloads those that were handed over or are being received, each with the reason to leave it alone."""
    if parent is None:
        return {}
    reasons = {team: f"handed over to unit {to}" for team, to in parent.handed.items()}
    reasons |= {team: f"not all of it has come from unit {by} yet" for team, by in parent.receiving.items()}
    found = {team: HANDED_OVER.at(NOWHERE, reason) for team, reason in reasons.items()}
    return {id_: found[team] for id_ in workloads if (team := id_.split("/")[1]) in found}


def set_aside(todos: Iterable[Todo], workloads: Collection[str]) -> tuple[Todo, ...]:
    """Decide nothing about some workloads: neither what is to be done, nor what is to be forgotten."""
    return tuple(replace(todo, steps=()) if todo.id in workloads else todo for todo in todos)


def _parent(inventory: Inventory) -> Parent:
    return inventory.parent or Parent("", "")


def _owned(inventory: Inventory, team: str) -> AbstractSet[str]:
    """Objects of a team that a unit knows to exist."""
    records = [record for record in inventory.records.values() if record.team == team]
    entries = {str(entry.key) for record in records for entry in record.entries.values() if entry.uid}
    return entries | {str(run.key) for record in records for run in record.runs if run.uid}
