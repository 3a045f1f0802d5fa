"""Replicas with names and storage of their own: a StatefulSet, and the Service that gives each of them an address.

https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import container, pod, storage
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import STATEFUL_SET_LIMIT, part_name
from yardarm_reconciler.expand.queue import queued
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated

ROLLOUT_ONE_BY_ONE = Code(
    "field/rollout-one-by-one",
    title="Replicas with storage of their own are replaced one by one",
    why="A replica's successor has its name and its storage, so that it can start only when the replica is gone.",
    bad="volumes: {data: {path: /data, size: 10Gi, perReplica: true}}, rollout: {surge: 1}",
    good="volumes: {data: {path: /data, size: 10Gi, perReplica: true}}",
)

POD_INDEX = "metadata.labels['apps.kubernetes.io/pod-index']"
"""https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-index-label"""


def check(workload: Resolved[Replicated]) -> Iterator[Diagnostic]:
    """What is wrong with replicas that have names."""
    for name, value, only in (
        ("surge", workload.spec.rollout.surge, (None, 0, "0%")),
        ("unavailable", workload.spec.rollout.unavailable, (None, 1)),
    ):
        if value not in only:
            field = f"spec.rollout.{name}"
            yield ROLLOUT_ONE_BY_ONE.at(workload.origin(field), fix=f"{name}: {only[1]}", field=field)


def stateful_set(workload: Resolved[Replicated]) -> Manifest:
    """The replicas, each with its claims; these stay when a replica goes, and when all of it goes.

    All pods at once: in order, one that never gets ready keeps the others from being repaired by a newer template
    (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback).
    """
    spec: dict[str, Any] = {
        **({} if workload.spec.scaling else {"replicas": workload.spec.most}),
        "serviceName": _peers_name(workload),
        "podManagementPolicy": "Parallel",
        "selector": {"matchLabels": selector(workload)},
        "template": pod.template(workload, _variables(workload)),
        "volumeClaimTemplates": storage.claim_templates(workload),
        # What the server defaults to, said all the same: nobody shall lose data to a field that nobody owns.
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    }
    body = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": queued(workload, _name(workload)),
        "spec": spec,
    }
    return manifest(body, workload.origin("spec"))


def peers(workload: Resolved[Replicated]) -> Manifest:
    """An address for each replica, before it is ready too: to get ready, replicas mostly need one another."""
    listed = [
        {"name": name, "port": port.port, "protocol": port.protocol}
        for name, port in sorted(container.ports(workload.spec).items())
    ]
    spec = {
        "clusterIP": "None",
        "publishNotReadyAddresses": True,
        "selector": selector(workload),
        **({"ports": listed} if listed else {}),
    }
    body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(workload, _peers_name(workload))}
    return manifest({**body, "spec": spec}, workload.origin("spec"))


def _variables(workload: Resolved[Replicated]) -> dict[str, Object]:
    """What a replica can know of itself and of the others. Addresses are good in all namespaces."""
    domain = f"{_peers_name(workload)}.{workload.namespace}.svc"
    return {
        "YARDARM_POD_NAME": {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        "YARDARM_REPLICA_INDEX": {"valueFrom": {"fieldRef": {"fieldPath": POD_INDEX}}},
        "YARDARM_PEERS": {"value": domain},
        "YARDARM_PEER_0": {"value": f"{_name(workload)}-0.{domain}"},
    }


def _name(workload: Resolved[Replicated]) -> str:
    return part_name(workload, limit=STATEFUL_SET_LIMIT)


def _peers_name(workload: Resolved[Replicated]) -> str:
    return part_name(workload, "peers")
