"""Small values for tests of the stages that decide and apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from yardarm_reconciler.inventory.records import Entry, EntryState, Inventory, Parent, Record, Run
from yardarm_reconciler.model.budget import Limit, Limits, Peak
from yardarm_reconciler.model.manifest import Key, Manifest, canonical, manifest, pack
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.model.workload import RunIntent, Workload
from yardarm_reconciler.ports import Picture, Seen

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
UNLIMITED = Limits(Limit("dev"), Limit("one workload"))


def config_map(name: str, value: str = "1", namespace: str = "nlp-dev") -> Manifest:
    """The smallest object that can drift."""
    return manifest(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "data": {"value": value},
        }
    )


def job(name: str, run: str = "r1-aaaa", namespace: str = "nlp-dev") -> tuple[Manifest, RunIntent]:
    """A Job and the run that it is."""
    made = manifest(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": f"{name}-{run[3:]}", "namespace": namespace},
        }
    )
    return made, RunIntent(run, made.key, overlap="finish", history=3, rerun="onChange")


def workload(
    id_: str,
    *manifests: Manifest,
    path: str = "workloads/a.yaml",
    devices: Mapping[str, int] | None = None,
    cost: str = "0",
    run: RunIntent | None = None,
    depends_on: Sequence[str] = (),
    input_hash: str = "input",
) -> Workload:
    """A candidate."""
    return Workload(
        id=id_,
        team=id_.split("/")[1],
        namespace=f"{id_.split('/')[1]}-dev",
        origin=Place(path, 1, 1),
        manifests=manifests,
        input_hash=input_hash,
        peak=Peak(devices or {}, Decimal(cost)),
        runs=(run,) if run else (),
        depends_on=tuple(depends_on),
    )


def entry(made: Manifest, uid: str = "u1", version: str = "1", projection: str = "p") -> Entry:
    """An entry of an object that is as it was applied."""
    return Entry(made.key, EntryState.OWNED, uid, version, made.digest, projection)


def seen(
    key: Key,
    uid: str = "u1",
    version: str = "1",
    projection: str = "p",
    *,
    ours: bool = True,
    deleting: bool = False,
    status: Mapping[str, object] | None = None,
) -> Seen:
    """A live object."""
    return Seen(key, uid, version, ours, projection, deleting, canonical({"status": status or {}}))


def record(
    id_: str,
    *entries: Entry,
    runs: Sequence[Run] = (),
    last_good: Sequence[Manifest] = (),
    devices: Mapping[str, int] | None = None,
    path: str = "workloads/a.yaml",
) -> Record:
    """A record of a workload that was applied."""
    return Record(
        id=id_,
        revision="c0ffee",
        renderer="0",
        input_hash="input",
        origin=Place(path, 1, 1),
        entries={each.key: each for each in entries},
        runs=tuple(runs),
        last_good=pack(last_good),
        peak=Peak(devices or {}),
    )


def inventory(*records: Record) -> Inventory:
    """An inventory that was read completely."""
    return Inventory(Parent("u-1", "cluster"), {each.id: each for each in records})


def picture(*objects: Seen, kinds: Sequence[Manifest] = ()) -> Picture:
    """A complete read of the cluster."""
    served = {each.key.group_kind for each in objects} | {each.key.group_kind for each in kinds}
    return Picture({each.key: each for each in objects}, frozenset(served))
