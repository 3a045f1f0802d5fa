"""What decides how many replicas run: HorizontalPodAutoscaler, and KEDA's ScaledObject."""

from __future__ import annotations

from datetime import timedelta

from yardarm_reconciler.health.subject import Subject, moment, says
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Object

PATIENCE = timedelta(minutes=5)
"""A pod's CPU is measured only when it has run for so long (``--horizontal-pod-autoscaler-cpu-initialization-period``).

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""


def autoscaler(subject: Subject) -> Health:
    """It finds its target and can read its metrics; new pods have none yet.

    Conditions: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-horizontal-pod-autoscaler-status-conditions
    """
    able, active = subject.condition("AbleToScale"), subject.condition("ScalingActive")
    if able.get("status") == "False":
        return Health(State.DEGRADED, f"cannot scale: {says(able)}")
    if active.get("status") == "False" and active.get("reason") != "ScalingDisabled":
        return Health(_after_a_while(subject, active), f"has no metrics: {says(active)}")
    if not active:
        return Health(State.PROGRESSING, "its controller has not looked at the metrics yet")
    return Health(State.HEALTHY)


def _after_a_while(subject: Subject, found: Object) -> State:
    """Degraded, unless it has not been so for long."""
    since = moment(found.get("lastTransitionTime"))
    return State.PROGRESSING if since and subject.now - since <= PATIENCE else State.DEGRADED


def scaled_object(subject: Subject) -> Health:
    """KEDA reads all its triggers. With a fallback the replicas are a guess, which a person should know.

    Conditions: https://github.com/kedacore/keda/blob/main/apis/keda/v1alpha1/condition_types.go
    """
    ready, fallback = subject.condition("Ready"), subject.condition("Fallback")
    if subject.condition("Paused").get("status") == "True":
        return Health(State.SUSPENDED, "scaling is paused")
    if ready.get("status") == "False":
        return Health(State.DEGRADED, says(ready))
    if fallback.get("status") == "True":
        return Health(State.DEGRADED, f"a metric does not answer: {says(fallback)}")
    if ready.get("status") == "True":
        return Health(State.HEALTHY)
    return Health(State.PROGRESSING, "KEDA has not looked at it yet")


RULES = {
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): autoscaler,
    GroupKind("keda.sh", "ScaledObject"): scaled_object,
}
