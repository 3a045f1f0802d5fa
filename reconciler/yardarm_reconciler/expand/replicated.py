"""What keeps equal pods running: their controller, the address in front of them, and how many of them there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import container, pod, scaling, stateful, storage
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.expand.queue import queued
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
ROLLOUT_PER_NODE = Code(
    "field/rollout-per-node",
    title="On each node pods are either added first or taken away first",
    why="A DaemonSet takes surge or unavailable above 0, not both.",
    bad="replicas: perNode, rollout: {surge: 1, unavailable: 1}",
    good="replicas: perNode, rollout: {surge: 0, unavailable: 1}",
)

PROGRESS_SECONDS = 300
"""Time to schedule a pod and pull its image, on top of the time that it may take to start."""

NOTHING = (None, 0, "0%")


def check(workload: Resolved[Replicated]) -> Iterator[Diagnostic]:
    """What is wrong with replicas that types cannot say."""
    spec, field = workload.spec, "spec.rollout.surge"
    yield from pod.check(workload)
    yield from storage.check_sharing(workload, None if spec.per_node else spec.most)
    yield from scaling.check(workload)
    if spec.per_node:
        if spec.rollout.surge not in NOTHING and spec.rollout.unavailable not in NOTHING:
            yield ROLLOUT_PER_NODE.at(workload.origin(field), fix="surge: 0, or unavailable: 0", field=field)
    elif spec.stateful:
        yield from stateful.check(workload)
    elif storage.one_writer(spec) is not None and spec.rollout.surge not in NOTHING:
        yield SURGE_WITH_ONE_WRITER.at(workload.origin(field), field=field)


def expand(workload: Resolved[Replicated]) -> Iterator[Manifest]:
    """The controller of the pods, with what scales and what protects them."""
    spec = workload.spec
    if spec.stateful:
        yield stateful.peers(workload)
    running = controller(workload)
    yield running
    yield from scaling.scaler(workload, running.key)
    if spec.fewest > 1 and not spec.per_node:
        yield disruption_budget(workload)


def controller(workload: Resolved[Replicated]) -> Manifest:
    """What makes the pods, and makes them anew."""
    if workload.spec.per_node:
        return daemon_set(workload)
    return stateful.stateful_set(workload) if workload.spec.stateful else deployment(workload)


def service(workload: Resolved[Replicated], selected: Object | None = None) -> Manifest:
    """One address for all replicas, or for those of their pods that are selected."""
    listed = [
        {"name": name, "port": port.port, "protocol": port.protocol}
        for name, port in sorted(container.ports(workload.spec).items())
    ]
    body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(workload, part_name(workload))}
    spec = {"selector": selected or selector(workload), "ports": listed}
    return manifest({**body, "spec": spec}, workload.origin("spec.ports"))


def deployment(workload: Resolved[Replicated]) -> Manifest:
    """Replicas that need no names; how many is not said where something else decides it."""
    spec: dict[str, Any] = {
        **({} if workload.spec.scaling else {"replicas": workload.spec.most}),
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
        "metadata": queued(workload, part_name(workload)),
        "spec": spec,
    }
    return manifest(body, workload.origin("spec"))


def daemon_set(workload: Resolved[Replicated]) -> Manifest:
    """One pod on each node that it may run on."""
    spec = {
        "selector": {"matchLabels": selector(workload)},
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": rolling(workload)},
        "template": pod.template(workload),
    }
    body = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(workload, part_name(workload)),
        "spec": spec,
    }
    return manifest(body, workload.origin("spec"))


def _strategy(workload: Resolved[Replicated]) -> Object:
    """Written out even where it is the default: what we own we can also take away when the type changes."""
    if storage.one_writer(workload.spec) is not None:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": rolling(workload)}


def rolling(workload: Resolved[Replicated]) -> Object:
    """How many pods may be above and below the replicas."""
    surge, unavailable = workload.spec.rollout.surge, workload.spec.rollout.unavailable
    return {
        key: each if isinstance(each, int) else str(each)
        for key, each in (("maxSurge", surge), ("maxUnavailable", unavailable))
        if each is not None
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
