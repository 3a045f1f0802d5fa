"""A team in an environment: the namespace that a team's workloads run in, with what holds inside it.

It is a workload of its own (``Team/<name>``), so that its objects come first, stay until last and have a health.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from yardarm_reconciler.expand import queue
from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.model.budget import TOTAL, Limit
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.namespace import pod_security
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.accelerators import AcceleratorBinding

POD_SECURITY = "restricted"
"""Pod Security level where the team has no other: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""

CONTAINER_DEFAULTS: Object = {
    "type": "Container",
    "default": {"memory": "512Mi"},
    "defaultRequest": {"cpu": "100m", "memory": "512Mi"},
}
"""For pods that others put into the namespace; ours always say what they take."""


def expand(team: Resolved[Limit]) -> Iterator[Manifest]:
    """Namespace (where the environment manages them), quota, container defaults, and nothing in or out by default."""
    origin = team.origin("metadata.name")
    if team.environment.namespaces.manage:
        yield manifest(_namespace(team), origin)
    quota = quota_of(team)
    if quota:
        body = {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": metadata(team, "yardarm-accelerators"),
        }
        yield manifest({**body, "spec": {"hard": quota}}, team.origin("spec.budgets"))
    limits = {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata(team, "yardarm-containers")}
    yield manifest({**limits, "spec": {"limits": [CONTAINER_DEFAULTS]}}, origin)
    yield manifest(_default_deny(team), origin)
    yield from queue.local_queues(team)


def _namespace(team: Resolved[Limit]) -> Object:
    """The level that admission enforces is the platform's word; warnings and audit always tell about restricted."""
    level = pod_security(team.environment, team.environment_name, team.team_spec)
    meta = metadata(team, team.namespace)
    del meta["namespace"]
    meta["labels"] |= {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/audit": POD_SECURITY,
        "pod-security.kubernetes.io/warn": POD_SECURITY,
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}


def _default_deny(team: Resolved[Limit]) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(team, "yardarm-default-deny"),
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def quota_of(team: Resolved[Limit]) -> Mapping[str, str]:
    """The team's budget by resource name: the sum over its classes, at most the budget's total.

    A quota knows resource names only, so classes that share one are held together in the cluster, each by itself
    in review. A resource with a class that nothing limits gets no line.
    """
    classes: dict[str, list[str]] = defaultdict(list)
    for class_name, binding in team.environment.accelerators.items():
        for resource in sorted(_resources(binding)):
            classes[resource].append(class_name)
    devices = team.spec.devices
    total = devices[TOTAL][0] if TOTAL in devices else None
    hard: dict[str, str] = {}
    for resource, names in sorted(classes.items()):
        counts = [devices[name][0] for name in names if name in devices]
        if len(counts) == len(names):
            hard[resource] = str(min(sum(counts), total) if total is not None else sum(counts))
        elif total is not None:
            hard[resource] = str(total)
    return hard


def _resources(binding: AcceleratorBinding) -> frozenset[str]:
    """What a quota calls the devices of a class: each resource that pods may ask for them by.

    https://kubernetes.io/docs/concepts/policy/resource-quotas/
    """
    machines = [each.resource for each in (binding.vm, binding.confidential) if each is not None]
    claims = [f"{binding.dra.device_class}.deviceclass.resource.k8s.io/devices"] if binding.dra else []
    return frozenset([*(f"requests.{each}" for each in (binding.resource, *machines)), *claims])
