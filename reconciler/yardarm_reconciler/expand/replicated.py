"""What keeps equal pods running: the Deployment, the address in front of it, and how much of it may be away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import pod, storage
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated

SURGE_WITH_ONE_WRITER = Code(
    "field/surge-with-one-writer",
    title="A surge pod would wait for storage that its predecessor holds",
    why="Storage of a single writer is only free again when the old pod has ended.",
    bad="volumes: {data: {path: /data, size: 10Gi}}, rollout: {surge: 1}",
    good="volumes: {data: {path: /data, size: 10Gi, access: many}}, rollout: {surge: 1}",
)

PROGRESS_SECONDS = 300
"""Time to schedule a pod and pull its image, on top of the time that it may take to start."""


def check(workload: Resolved[Replicated]) -> Iterator[Diagnostic]:
    """What is wrong with replicas that types cannot say."""
    yield from pod.check(workload)
    yield from storage.check_sharing(workload, workload.spec.replicas)
    if storage.one_writer(workload.spec) is not None and workload.spec.rollout.surge not in (None, 0, "0%"):
        field = "spec.rollout.surge"
        yield SURGE_WITH_ONE_WRITER.at(workload.origin(field), field=field)


def service(workload: Resolved[Replicated]) -> Manifest:
    """One address for all replicas."""
    listed = [
        {"name": name, "port": port.port, "protocol": port.protocol}
        for name, port in sorted(pod.ports(workload.spec).items())
    ]
    body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(workload, part_name(workload))}
    spec = {"selector": selector(workload), "ports": listed}
    return manifest({**body, "spec": spec}, workload.origin("spec.ports"))


def deployment(workload: Resolved[Replicated]) -> Manifest:
    """The replicas."""
    spec: dict[str, Any] = {
        "replicas": workload.spec.replicas,
        "selector": {"matchLabels": selector(workload)},
        "strategy": _strategy(workload),
        "template": pod.template(workload),
    }
    timeout = workload.spec.startup.timeout
    if timeout is not None:
        spec["progressDeadlineSeconds"] = timeout.seconds + PROGRESS_SECONDS
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(workload, part_name(workload)),
        "spec": spec,
    }
    return manifest(body, workload.origin("spec"))


def _strategy(workload: Resolved[Replicated]) -> Object:
    """Written out even where it is the default: what we own we can also take away when the type changes."""
    if storage.one_writer(workload.spec) is not None:
        return {"type": "Recreate"}
    surge, unavailable = workload.spec.rollout.surge, workload.spec.rollout.unavailable
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {
        "type": "RollingUpdate",
        "rollingUpdate": {
            key: each if isinstance(each, int) else str(each)
            for key, each in rolling.items()
            if each is not None
        },
    }


def disruption_budget(workload: Resolved[Replicated]) -> Manifest:
    """One at a time; pods that do not work anyway never stand in the way of a drain."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(workload, part_name(workload)),
    }
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": selector(workload)},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return manifest({**body, "spec": spec}, workload.origin("spec.replicas"))
