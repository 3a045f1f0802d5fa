"""A cluster as it is, kept in mind between passes: never one request an object, but for those that are in doubt."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

from yardarm_reconciler.inventory.records import PART_OF, Inventory, part_of
from yardarm_reconciler.live.view import Footing, View, absorb, answered, forget, only, wrote
from yardarm_reconciler.model.manifest import GroupKind, Key, Object
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import (
    Cluster,
    Event,
    Feeds,
    Listed,
    Picture,
    Removed,
    Restored,
    Seen,
    Selection,
    Unserved,
)

POD = GroupKind("", "Pod")
EVENT = GroupKind("", "Event")
REPLICA_SET = GroupKind("apps", "ReplicaSet")

BUILT_IN = frozenset(
    {"networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "scheduling.k8s.io"}
)
"""Groups with a dot that every API server has: their kinds do not vanish, as those of other projects may."""

Owned: TypeAlias = tuple[Seen, str]
"""An object that a controller made, and the id of the workload that it is of."""

TRIES = 3
"""How often kinds are asked for anew while they come and go under our eyes."""


@dataclass(slots=True)
class Live:
    """What one unit knows of its cluster, from events; it asks only where these leave a doubt.

    One thread uses it at a time. ``pool`` sends what questions there are.
    """

    cluster: Cluster
    feeds: Feeds
    pool: Executor
    unit: Unit
    _view: View = field(default_factory=View)
    _kinds: frozenset[GroupKind] = frozenset()
    _served: frozenset[GroupKind] = frozenset()
    _owners: dict[Selection, dict[Key, Owned]] = field(default_factory=dict)
    _by_owner: dict[Selection, tuple[list[str], list[Seen]]] = field(default_factory=dict)
    _footing: Footing = field(default_factory=Footing)
    _identity: str = ""
    _signature: str = ""
    _sure: bool = False
    _restored: bool = False
    _events: frozenset[Selection] = frozenset()
    _followed: frozenset[Selection] = frozenset()

    def identity(self) -> str:
        """The cluster's id; asked for again whenever the cluster was lost sight of.

        Raises:
            TransientError: it does not answer.
        """
        if not self.feeds.continuous or not self._identity:
            self._identity = self.cluster.identity()
        return self._identity

    def expect(self, inventory: Inventory) -> Inventory:
        """Before the first look, begin to read what it will most likely ask for: what is recorded, which is given back.

        Where that fails, the look says so.
        """
        if not self._kinds:
            self.feeds.expect({self._ours(kind) for kind in inventory.kinds})
        return inventory

    def look(self, kinds: Iterable[GroupKind], expected: Iterable[Key] = ()) -> Picture:
        """Every object of these kinds that carries our label, and which of the kinds are served.

        The label only finds them: whether one is ours its entry and its managed fields say. Those that are
        ``expected`` are looked for by name where no list has them, for a label is soon removed, and a run that is
        taken for lost is lost for good.

        Raises:
            TransientError: not all could be read.
        """
        wanted = frozenset(kinds)
        self._read(wanted)
        live = self._view.objects(_decides)
        doubtful = self._view.doubtful | self._view.unlisted.keys() | (frozenset(expected) - live.keys())
        asked = sorted(key for key in doubtful if key.group_kind in self._served)
        if asked:
            answers = dict(zip(asked, self.pool.map(self.cluster.get, asked), strict=True))
            self._view = answered(self._view, answers)
            live = self._view.objects(_decides)
        live = {key: seen for key, seen in live.items() if key.group_kind in wanted}
        self._footing = self._view.footing
        return Picture(live, wanted & self._served, restored=self._restored, signature=self._signature)

    def learn(self, seen: Iterable[Seen]) -> None:
        """Remember what our own writes returned: older news of these objects is ignored from now on."""
        self._view = wrote(self._view, seen, {kind: self._ours(kind) for kind in self._served})

    def around(self) -> None:
        """Read the Pods and ReplicaSets of this environment's workloads, for :meth:`beside`.

        Raises:
            TransientError: they cannot be read.
        """
        self._absorb(self.feeds.drain(frozenset(self._for_health())))
        for selection in self._for_health():
            seen = self._view.listed.get(selection, {})
            before = self._owners.get(selection, {})
            self._owners[selection] = {key: _owner(each, before.get(key)) for key, each in seen.items()}
        self._by_owner = {}

    def beside(self, workload: str) -> tuple[list[Object], list[Object]]:
        """Pods and ReplicaSets of one workload, as they were last read: what health needs for its reasons.

        Those of its variants and fetches have names of their own behind its name. What belongs to another workload of
        such a name does no harm: who owns what decides.
        """
        pods, replica_sets = (self._made_for(workload, each) for each in self._for_health())
        return pods, replica_sets

    def events(self, namespaces: Iterable[str]) -> Mapping[str, list[Object]]:
        """The warnings of some namespaces: asked for only while something is not well there.

        Raises:
            TransientError: they cannot be read.
        """
        chosen = {
            namespace: Selection(EVENT, namespace=namespace, fields="type=Warning")
            for namespace in namespaces
        }
        self._events = frozenset(chosen.values())
        self._follow()
        if self._events:
            self._absorb(self.feeds.drain(self._events))
        return {
            namespace: [orjson.loads(seen.body) for seen in self._view.listed.get(selection, {}).values()]
            for namespace, selection in chosen.items()
        }

    def footing(self) -> Footing:
        """What the last look was based on."""
        return self._footing

    def now(self) -> Footing | None:
        """What a look would be based on now; None where nothing tells what happens.

        Raises:
            TransientError: what is followed cannot be read now.
        """
        if not self.feeds.continuous:
            return None
        self._absorb(self.feeds.drain(self._followed))
        return self._view.footing

    def restoration_is_noted(self) -> None:
        """The inventory says from now on that the cluster was restored: it need not be said again."""
        self._restored = False

    def close(self) -> None:
        """Follow nothing any more."""
        self.feeds.close()

    # Reading --------------------------------------------------------------------------------------

    def _read(self, wanted: frozenset[GroupKind]) -> None:
        """Bring the view up to date for these kinds, as far as they are served."""
        self._kinds = wanted
        for _ in range(TRIES):
            if not (self._sure and self.feeds.continuous and wanted <= self._served):
                self._ask_what_is_served()
            self._follow()
            self._absorb(self.feeds.drain({self._ours(kind) for kind in wanted & self._served}))
            if self._sure or not self.feeds.continuous:
                return
        raise TransientError("the cluster changes what it serves faster than it can be asked")

    def _ask_what_is_served(self) -> None:
        if self.feeds.continuous and self._identity and self.cluster.identity() != self._identity:
            self._view, self._identity = View(), ""
            raise TransientError("another cluster answers at this address")
        self._served = self.cluster.served(self._kinds)
        self._signature = self.cluster.signature() if self.feeds.continuous else ""
        self._sure = True
        self._view = forget(self._view, {s.kind for s in self._view.listed if _decides(s)} - self._served)

    def _follow(self) -> None:
        """Follow what is needed, and forget what is not."""
        ours = {self._ours(kind) for kind in self._kinds & self._served}
        health = set(self._for_health()) if self.cluster.reports_health else set()
        self._followed = frozenset(ours | health | self._events)
        self.feeds.follow(self._followed)
        self._view = only(self._view, self._followed)

    def _absorb(self, events: Iterable[Event]) -> None:
        happened = tuple(events)
        self._sure = self._sure and not any(map(_unsettles, happened))
        self._restored = self._restored or any(isinstance(each, Restored) for each in happened)
        self._view = absorb(self._view, happened, _decides)

    def _made_for(self, workload: str, selection: Selection) -> list[Object]:
        """What of a selection is of a workload by its name: of many that are not well none looks through all."""
        if selection not in self._by_owner:
            owned = sorted(self._owners.get(selection, {}).values(), key=lambda each: each[1])
            self._by_owner[selection] = [id_ for _, id_ in owned], [seen for seen, _ in owned]
        ids, objects = self._by_owner[selection]
        own = objects[bisect_left(ids, workload) : bisect_right(ids, workload)]
        # In the order of texts what begins with "a-" ends where "a." would stand.
        behind = objects[bisect_left(ids, f"{workload}-") : bisect_left(ids, f"{workload}.")]
        return [orjson.loads(each.body) for each in (*own, *behind)]

    def _ours(self, kind: GroupKind) -> Selection:
        return Selection(kind, ((PART_OF, part_of(self.unit.id)),))

    def _for_health(self) -> tuple[Selection, Selection]:
        labels = (
            ("app.kubernetes.io/managed-by", "yardarm"),
            ("yardarm.dev/environment", self.unit.environment),
        )
        return Selection(POD, labels), Selection(REPLICA_SET, labels)


def _decides(selection: Selection) -> bool:
    """Whether it is one of our own objects: the others are read for health alone."""
    return any(label == PART_OF for label, _ in selection.labels)


def _unsettles(event: Event) -> bool:
    """Whether after an event it has to be asked anew which cluster it is, and what it serves.

    With the last object of another project's kind the kind itself may have gone: then nobody deleted the object.
    """
    match event:
        case Listed():
            return event.again
        case Removed():
            group = event.selection.kind.group
            return _decides(event.selection) and "." in group and group not in BUILT_IN
        case Restored() | Unserved():
            return True
        case _:
            return False


def _owner(seen: Seen, before: Owned | None) -> Owned:
    """An object that a controller made, with the id of the workload that its labels name."""
    if before is not None and before[0] is seen:
        return before
    labels = orjson.loads(seen.body)["metadata"].get("labels", {})
    kind, team, name = (
        labels.get(f"yardarm.dev/{part}", "") for part in ("workload-kind", "team", "workload")
    )
    return seen, f"{kind}/{team}/{name}"
