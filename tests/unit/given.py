"""A cluster of just some objects, and workloads that they are of."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from yardarm_reconciler.family import Families, events_of, families
from yardarm_reconciler.inventory.records import Entry, EntryState, Record, Run
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.model.manifest import GroupKind, Key, Object, canonical, manifest
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Listed, Seen, Selection


@dataclass
class Given:
    """A cluster of just these objects; kinds that are ``forbidden`` cannot be listed."""

    objects: list[Object]
    forbidden: frozenset[str] = frozenset()
    listed: list[Selection] = field(default_factory=list)
    reports_health: bool = True

    def served(self, kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
        """All kinds of the objects."""
        return frozenset(kinds) & {manifest(each).key.group_kind for each in self.objects}

    def list(self, selection: Selection) -> Listed:
        """Objects of a kind in a namespace."""
        if selection.kind.kind in self.forbidden:
            raise TransientError(f"cannot list {selection.kind} (answer 403)")
        self.listed.append(selection)
        found = (self._seen(each) for each in self.objects)
        spaces = {selection.namespace} if selection.namespace else {"dev", "other"}
        return Listed(
            selection,
            tuple(s for s in found if s.key.group_kind == selection.kind and s.key.namespace in spaces),
        )

    def get(self, key: Key) -> Seen | None:
        """One object."""
        return next((seen for seen in map(self._seen, self.objects) if seen.key == key), None)

    def _seen(self, body: Object) -> Seen:
        key = manifest(body).key
        return Seen(
            key, body["metadata"]["uid"], "1", ours=True, projection="", deleting=False, body=canonical(body)
        )


def made(kind: str, name: str, owner: str = "", version: str = "v1", **rest: Any) -> Object:
    """A live object, whose uid is its name, controlled by the one of that uid."""
    owners = {"ownerReferences": [{"uid": owner, "controller": True}]} if owner else {}
    metadata = {"name": name, "namespace": "dev", "uid": name, "creationTimestamp": "2026-11-23T11:00:00Z"}
    return {"apiVersion": version, "kind": kind, "metadata": metadata | owners, **rest}


def record(*bodies: Object, state: EntryState = EntryState.OWNED, runs: tuple[Run, ...] = ()) -> Record:
    """What is recorded of a workload with these objects."""
    keys = [manifest(each).key for each in bodies]
    return Record("Service/nlp/api", entries={key: Entry(key, state) for key in keys}, runs=runs)


def looked_at(given: Given, one: Record) -> tuple[Families, Sequence[Object]]:
    """A workload's family, and the events of its namespaces."""
    with ThreadPoolExecutor(2) as pool:
        live = Live(given, Polled(given, pool), pool, Unit("u", "dev"))  # type: ignore[arg-type] # what is asked of a cluster here
        found = families([one], live)
        said, _ = events_of(found, live)
    return found, said
