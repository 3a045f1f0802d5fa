"""How many replicas run: a HorizontalPodAutoscaler where the pods themselves tell, else a ScaledObject of KEDA.

Neither of their targets says ``replicas`` then: what applies a number again and again would fight the scaler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import triggers
from yardarm_reconciler.expand.capabilities import has, require
from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import SCALED_OBJECT_LIMIT, part_name
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated
from yardarm_schema.scaling import Scaling
from yardarm_schema.units import Duration

MIN_ABOVE_MAX = Code(
    "scaling/min-above-max",
    title="The least replicas are more than the most",
    why="No number of replicas would be right.",
    bad="scaling: {min: 4, max: 2, metric: cpu, target: 70%}",
    good="scaling: {min: 2, max: 4, metric: cpu, target: 70%}",
)
DELAY_TOO_LONG = Code(
    "scaling/delay-too-long",
    title="Kubernetes remembers no more than an hour",
    why="stabilizationWindowSeconds of an autoscaler is at most 3600, and the object would be refused.",
    bad="scaling: {max: 4, metric: cpu, target: 70%, scaleDownDelay: 2h}",
    good="scaling: {max: 4, metric: cpu, target: 70%, scaleDownDelay: 1h}",
)
NEVER_WAKES = Code(
    "scaling/never-wakes",
    title="With min: 0 nothing would ever start a pod again",
    why="Pods that do not run measure nothing: only something outside can say that there is work.",
    bad="scaling: {min: 0, max: 4, metric: cpu, target: 70%}",
    good="scaling: {min: 0, max: 4, metric: lag, target: 100}",
)

LONGEST_DELAY_SECONDS = 3600
"""https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior"""

FAILURES = 3
"""Polls without an answer, every 30 s, before a scaler holds on to what runs."""

HPA_OWNERSHIP = "validations.keda.sh/hpa-ownership"
"""KEDA refuses a ScaledObject beside another autoscaler, so none could ever take over, but for one that says so."""


def check(workload: Resolved[Replicated]) -> Iterator[Diagnostic]:
    """What is wrong with the scaling of a workload."""
    scaling = workload.spec.scaling
    if scaling is None:
        return
    field, delay = "spec.scaling.min", scaling.scale_down_delay
    if scaling.min > scaling.max:
        message = f"min {scaling.min} is above max {scaling.max}"
        yield MIN_ABOVE_MAX.at(workload.origin(field), message, field=field)
    if delay is not None and delay.seconds > LONGEST_DELAY_SECONDS:
        late = "spec.scaling.scaleDownDelay"
        yield DELAY_TOO_LONG.at(workload.origin(late), f"{delay} is more than 1h", fix="1h", field=late)
    for at, trigger in triggers.placed(scaling):
        problems = tuple(triggers.check(workload, at, trigger))
        yield from problems
        if not triggers.is_of_pods(trigger) and triggers.UNKNOWN_METRIC not in {
            each.code for each in problems
        }:
            yield from require(workload, at, "keda", what=triggers.named(trigger))
    if scaling.min == 0 and not _wakes(workload, scaling):
        yield NEVER_WAKES.at(workload.origin(field), fix="min: 1", field=field)


def _wakes(workload: Resolved[Replicated], scaling: Scaling) -> bool:
    """Whether something outside of the pods can tell that there is work."""
    asked = [trigger for trigger in scaling.triggers if not triggers.is_of_pods(trigger)]
    return any(triggers.is_outside(trigger) for trigger in asked) or (
        bool(asked) and has(workload, "activator")
    )


def scaler(workload: Resolved[Replicated], target: Key) -> Iterator[Manifest]:
    """What decides how many replicas of a controller run, where the spec gives no number."""
    scaling = workload.spec.scaling
    if scaling is None:
        return
    if all(triggers.is_of_pods(trigger) for trigger in scaling.triggers):
        yield _autoscaler(workload, scaling, target)
    else:
        yield _scaled_object(workload, scaling, target)


def _reference(target: Key) -> Object:
    return {"apiVersion": f"{target.group}/v1", "kind": target.kind, "name": target.name}


def _autoscaler(workload: Resolved[Replicated], scaling: Scaling, target: Key) -> Manifest:
    meta = metadata(workload, part_name(workload))
    if has(workload, "keda"):
        meta["annotations"][HPA_OWNERSHIP] = "false"
    body = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta}
    spec = {
        "scaleTargetRef": _reference(target),
        "minReplicas": scaling.min,
        "maxReplicas": scaling.max,
        "metrics": [triggers.resource(each) for each in scaling.measured],
        **_behavior(scaling.scale_down_delay),
    }
    return manifest({**body, "spec": spec}, workload.origin("spec.scaling"))


def _behavior(delay: Duration | None) -> Object:
    """The server's own five minutes where nothing is said."""
    return {} if delay is None else {"behavior": {"scaleDown": {"stabilizationWindowSeconds": delay.seconds}}}


def _scaled_object(workload: Resolved[Replicated], scaling: Scaling, target: Key) -> Manifest:
    """Its ``minReplicaCount`` is always said: where it is not, KEDA takes 0.

    https://keda.sh/docs/latest/reference/scaledobject-spec/
    """
    spec: dict[str, Any] = {
        "scaleTargetRef": _reference(target),
        "minReplicaCount": scaling.min,
        "maxReplicaCount": scaling.max,
        "triggers": [triggers.trigger(workload, trigger, target) for trigger in scaling.triggers],
    }
    if scaling.scale_down_delay is not None:
        # From many to one it is the autoscaler that waits, from one to none KEDA itself.
        spec["cooldownPeriod"] = scaling.scale_down_delay.seconds
        spec["advanced"] = {"horizontalPodAutoscalerConfig": _behavior(scaling.scale_down_delay)}
    if any(triggers.is_asked_of_prometheus(trigger) for trigger in scaling.triggers):
        # Without an answer nobody knows the load: no fewer than now, and at least one.
        spec["fallback"] = {
            "failureThreshold": FAILURES,
            "replicas": max(scaling.min, 1),
            "behavior": "currentReplicasIfHigher",
        }
    name = part_name(workload, limit=SCALED_OBJECT_LIMIT)
    body = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": metadata(workload, name)}
    return manifest({**body, "spec": spec}, workload.origin("spec.scaling"))
