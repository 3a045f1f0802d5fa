"""What there is of a workload in its cluster: its objects, and below each what controllers made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from yardarm_reconciler.health.subject import mapping, mappings, text
from yardarm_reconciler.inventory.records import Entry, EntryState, Record
from yardarm_reconciler.live import EVENT, POD, REPLICA_SET, Live
from yardarm_reconciler.model.manifest import GroupKind, Key, Object
from yardarm_reconciler.model.operators import KUBEFLOW_JOBS
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import Cluster, Selection

JOB = GroupKind("batch", "Job")
STATEFUL_SET = GroupKind("apps", "StatefulSet")
DEPLOYMENT = GroupKind("apps", "Deployment")
CLAIM = GroupKind("", "PersistentVolumeClaim")
DEVICE_CLAIM = GroupKind("resource.k8s.io", "ResourceClaim")
QUEUED = GroupKind("kueue.x-k8s.io", "Workload")
JOB_SET = GroupKind("jobset.x-k8s.io", "JobSet")
RAY_CLUSTER = GroupKind("ray.io", "RayCluster")
WORKFLOW = GroupKind("argoproj.io", "Workflow")

MADE: Mapping[GroupKind, tuple[GroupKind, ...]] = {
    DEPLOYMENT: (REPLICA_SET,),
    REPLICA_SET: (POD,),
    STATEFUL_SET: (POD, CLAIM),
    GroupKind("apps", "DaemonSet"): (POD,),
    JOB: (POD, QUEUED),
    GroupKind("batch", "CronJob"): (JOB,),
    # The workers of a group belong to its leader, which is a pod.
    GroupKind("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (STATEFUL_SET,),
    POD: (CLAIM, DEVICE_CLAIM),
    JOB_SET: (JOB, QUEUED),
    GroupKind("trainer.kubeflow.org", "TrainJob"): (JOB_SET, QUEUED),
    GroupKind("ray.io", "RayJob"): (RAY_CLUSTER, JOB, QUEUED),
    GroupKind("ray.io", "RayService"): (RAY_CLUSTER,),
    RAY_CLUSTER: (POD, QUEUED),
    GroupKind("argoproj.io", "CronWorkflow"): (WORKFLOW,),
    WORKFLOW: (POD,),
    GroupKind("keda.sh", "ScaledObject"): (GroupKind("autoscaling", "HorizontalPodAutoscaler"),),
    GroupKind("serving.kserve.io", "InferenceService"): (DEPLOYMENT,),
    GroupKind("sparkoperator.k8s.io", "SparkApplication"): (POD,),
    **{GroupKind(group, kind): (POD, QUEUED) for group, kind in KUBEFLOW_JOBS},
}
"""Which kinds controllers make of which: only these are looked for."""


@dataclass(frozen=True, slots=True)
class Member:
    """An object of a workload, or one that a controller made of such an object.

    Attributes:
        key: its name.
        body: the object as it is; None where it is not there.
        entry: what is recorded of it; None where a controller made it.
        made: what controllers made of it, in order of their names.
    """

    key: Key
    body: Object | None
    entry: Entry | None = None
    made: tuple[Member, ...] = ()

    @property
    def uid(self) -> str:
        """The live object's; empty where it is not there."""
        return _uid(self.body) if self.body else ""

    def all(self) -> Iterator[Member]:
        """It and all below it."""
        yield self
        for each in self.made:
            yield from each.all()


@dataclass(frozen=True, slots=True)
class Families:
    """The objects of some workloads by their ids, and what could not be read, in words."""

    members: Mapping[str, tuple[Member, ...]]
    unread: tuple[str, ...] = ()

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Where there are any."""
        found = {each.key.namespace for members in self.members.values() for each in members}
        return tuple(sorted(found - {""}))


def families(records: Sequence[Record], live: Live) -> Families:
    """Read the objects of some workloads, and what came of them.

    What controllers made is looked for by whole namespaces, for not all of it carries our labels. A kind that may not
    be listed is left out, and told.

    Raises:
        TransientError: the workloads' own objects cannot be read.
    """
    keys = {key for record in records for key in record.keys}
    own = live.look({key.group_kind for key in keys}, keys).live
    made, unread = (
        _made(keys, {seen.uid for seen in own.values()}, live) if live.cluster.reports_health else ({}, ())
    )
    bodies = {key: orjson.loads(seen.body) for key, seen in own.items()}
    return Families({record.id: tuple(_members(record, bodies, made)) for record in records}, unread)


def _members(
    record: Record, bodies: Mapping[Key, Object], made: Mapping[str, Sequence[Object]]
) -> Iterator[Member]:
    """The objects of a workload; of runs that are gone the last of each step, for the others are history."""
    last = {run.step: run.key for run in record.runs}.values()
    runs = {run.key for run in record.runs if run.key in bodies or run.key in last}
    for key in sorted({*record.entries, *runs}):
        entry = record.entries.get(key)
        if key in bodies or entry is None or entry.state is not EntryState.DELETING:
            yield _member(key, bodies.get(key), made, entry)


def events_of(found: Families, live: Live, fields: str = "") -> tuple[Sequence[Object], tuple[str, ...]]:
    """The events of the namespaces that families lie in, and what could not be read; of a directory none."""
    if not live.cluster.reports_health:
        return (), ()
    chosen = [Selection(EVENT, namespace=each, fields=fields) for each in found.namespaces]
    said, unread = _listed(chosen, live)
    return said, unread


def _made(
    keys: Collection[Key], own: Collection[str], live: Live
) -> tuple[Mapping[str, list[Object]], tuple[str, ...]]:
    """What has an owner, by that one's uid; ``own`` are the uids of what we wrote, whoever says to own it."""
    kinds = live.cluster.served(_below({key.group_kind for key in keys}))
    spaces = sorted({key.namespace for key in keys} - {""})
    chosen = [Selection(kind, namespace=space) for kind in sorted(kinds) for space in spaces]
    bodies, unread = _listed(chosen, live)
    found: dict[str, list[Object]] = defaultdict(list)
    for body in bodies:
        if (owner := _owner(body)) and _uid(body) not in own:
            found[owner].append(body)
    return found, unread


def _below(kinds: Iterable[GroupKind]) -> frozenset[GroupKind]:
    """All that may be made of some kinds, in however many steps."""
    found: set[GroupKind] = set()
    new = {made for kind in kinds for made in MADE.get(kind, ())}
    while new:
        found |= new
        new = {made for kind in new for made in MADE.get(kind, ())} - found
    return frozenset(found)


def _listed(chosen: Sequence[Selection], live: Live) -> tuple[list[Object], tuple[str, ...]]:
    """The objects of some selections, and what could not be listed."""
    bodies: list[Object] = []
    unread = []
    for answer in live.pool.map(lambda each: _list(each, live.cluster), chosen):
        if isinstance(answer, str):
            unread.append(answer)
        else:
            bodies += answer
    return bodies, tuple(dict.fromkeys(unread))


def _list(selection: Selection, cluster: Cluster) -> list[Object] | str:
    try:
        return [orjson.loads(seen.body) for seen in cluster.list(selection).seen]
    except TransientError as error:
        return str(error)


def _member(
    key: Key, body: Object | None, made: Mapping[str, Sequence[Object]], entry: Entry | None = None
) -> Member:
    below = made.get(_uid(body), ()) if body else ()
    members = [_member(_key(each), each, made) for each in below]
    return Member(key, body, entry, tuple(sorted(members, key=lambda member: member.key)))


def _owner(body: Object) -> str:
    """The uid of what controls an object, or else of the first that it belongs to."""
    owners = mappings(mapping(body.get("metadata")).get("ownerReferences"))
    first = next((each for each in owners if each.get("controller") is True), next(iter(owners), {}))
    return text(first.get("uid"))


def _key(body: Object) -> Key:
    group, slash, _ = text(body.get("apiVersion")).partition("/")
    metadata = mapping(body.get("metadata"))
    return Key(
        group if slash else "",
        text(body.get("kind")),
        text(metadata.get("namespace")),
        text(metadata.get("name")),
    )


def _uid(body: Object) -> str:
    return text(mapping(body.get("metadata")).get("uid"))
