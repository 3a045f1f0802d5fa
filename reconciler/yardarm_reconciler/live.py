"""A picture of the cluster from a few LISTs: never one request an object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor

import orjson

from yardarm_reconciler.inventory.records import PART_OF
from yardarm_reconciler.model.manifest import GroupKind, Key, Object
from yardarm_reconciler.ports import Cluster, Picture, Seen

POD = GroupKind("", "Pod")
EVENT = GroupKind("", "Event")
REPLICA_SET = GroupKind("apps", "ReplicaSet")


def look(
    cluster: Cluster, kinds: Iterable[GroupKind], label: str, pool: Executor, expected: Iterable[Key] = ()
) -> Picture:
    """List every object of these kinds that carries our label; all of them, or TransientError.

    The label only finds them: whether one is ours its entry and its managed fields say. Those that are ``expected``
    are looked for by name where no list has them, for a label is soon removed, and a run that is taken for lost is
    lost for good.
    """
    served = cluster.served(kinds)
    listings = pool.map(lambda kind: tuple(cluster.list(kind, {PART_OF: label})), sorted(served))
    live = {seen.key: seen for listing in listings for seen in listing}
    unlisted = sorted(key for key in expected if key not in live and key.group_kind in served)
    live |= {seen.key: seen for seen in pool.map(cluster.get, unlisted) if seen is not None}
    return Picture(live, served)


def pods_by_workload(
    cluster: Cluster, environment: str, pool: Executor
) -> tuple[Mapping[str, list[Object]], Mapping[str, list[Object]]]:
    """Pods and ReplicaSets of this environment's workloads, by ``Kind/team/name``: what health needs for its reasons."""
    labels = {"app.kubernetes.io/managed-by": "yardarm", "yardarm.dev/environment": environment}
    pods, replica_sets = pool.map(lambda kind: _by_workload(cluster.list(kind, labels)), (POD, REPLICA_SET))
    return pods, replica_sets


def events_in(cluster: Cluster, namespace: str) -> list[Object]:
    """The events of one namespace: asked for only where something is not well there."""
    return [orjson.loads(each.body) for each in cluster.list(EVENT, {}, namespace)]


def _by_workload(seen: Iterable[Seen]) -> Mapping[str, list[Object]]:
    result: defaultdict[str, list[Object]] = defaultdict(list)
    for each in seen:
        body = orjson.loads(each.body)
        labels = body["metadata"].get("labels", {})
        kind, team, name = (
            labels.get(f"yardarm.dev/{part}", "") for part in ("workload-kind", "team", "workload")
        )
        result[f"{kind}/{team}/{name}"].append(body)
    return result
