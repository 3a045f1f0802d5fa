"""Service: a long-running server as a Deployment behind a Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import pod, storage
from yardarm_reconciler.expand.identity import service_account
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.network import network_policy
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.service import Service

SURGE_WITH_ONE_WRITER = Code(
    "field/surge-with-one-writer",
    title="A surge pod would wait for storage that its predecessor holds",
    why="Storage of a single writer is only free again when the old pod has ended.",
    bad="volumes: {data: {path: /data, size: 10Gi}}, rollout: {surge: 1}",
    good="volumes: {data: {path: /data, size: 10Gi, access: many}}, rollout: {surge: 1}",
)

PROGRESS_SECONDS = 300
"""Time to schedule a pod and pull its image, on top of the time that it may take to start."""


def check(service: Resolved[Service]) -> Iterator[Diagnostic]:
    """What is wrong with a service that types cannot say."""
    yield from pod.check(service)
    yield from storage.check_sharing(service, service.spec.replicas)
    if storage.one_writer(service.spec) is not None and service.spec.rollout.surge not in (None, 0, "0%"):
        field = "spec.rollout.surge"
        yield SURGE_WITH_ONE_WRITER.at(service.origin(field), field=field)


def expand(service: Resolved[Service]) -> Iterator[Manifest]:
    """Everything that a server needs, in the order in which it is needed."""
    yield from service_account(service)
    yield from storage.config_map(service)
    yield from storage.claims(service)
    yield network_policy(service)
    if service.spec.ports:
        yield _service(service)
    yield _deployment(service)
    if service.spec.replicas > 1:
        yield _disruption_budget(service)


def _service(service: Resolved[Service]) -> Manifest:
    listed = [
        {"name": name, "port": port.port, "protocol": port.protocol}
        for name, port in sorted(pod.ports(service.spec).items())
    ]
    body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(service, service.name)}
    spec = {"selector": selector(service), "ports": listed}
    return manifest({**body, "spec": spec}, service.origin("spec.ports"))


def _deployment(service: Resolved[Service]) -> Manifest:
    spec: dict[str, Any] = {
        "replicas": service.spec.replicas,
        "selector": {"matchLabels": selector(service)},
        "strategy": _strategy(service),
        "template": pod.template(service),
    }
    timeout = service.spec.startup.timeout
    if timeout is not None:
        spec["progressDeadlineSeconds"] = timeout.seconds + PROGRESS_SECONDS
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(service, service.name),
        "spec": spec,
    }
    return manifest(body, service.origin("spec"))


def _strategy(service: Resolved[Service]) -> Object:
    """Written out even where it is the default: what we own we can also take away when the type changes."""
    if storage.one_writer(service.spec) is not None:
        return {"type": "Recreate"}
    surge, unavailable = service.spec.rollout.surge, service.spec.rollout.unavailable
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {
        "type": "RollingUpdate",
        "rollingUpdate": {
            key: each if isinstance(each, int) else str(each)
            for key, each in rolling.items()
            if each is not None
        },
    }


def _disruption_budget(service: Resolved[Service]) -> Manifest:
    """One at a time; pods that do not work anyway never stand in the way of a drain."""
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(service, service.name),
    }
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": selector(service)},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return manifest({**body, "spec": spec}, service.origin("spec.replicas"))
