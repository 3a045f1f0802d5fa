"""Long-running controllers: Deployment with its ReplicaSets, StatefulSet, DaemonSet.

The order of the checks is kstatus's: https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/core.go
"""

from __future__ import annotations

from datetime import timedelta

from yardarm_reconciler.health.subject import Subject, mapping, moment, number, says
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Object

HEALTHY = Health(State.HEALTHY)


def deployment(subject: Subject) -> Health:
    """All replicas are of the newest template and available.

    A rollout past its progress deadline is Failed while nothing serves, Degraded while old replicas do: the
    controller never gives up by itself
    (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment).
    """
    status, wanted = subject.status, _replicas(subject)
    available = number(status.get("availableReplicas"))
    if subject.spec.get("paused") is True:
        return Health(State.SUSPENDED, "rollout paused (spec.paused)")
    refused = subject.condition("ReplicaFailure")
    if refused.get("status") == "True":
        return Health(State.DEGRADED, f"pods are refused: {says(refused)}")
    progressing = subject.condition("Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        state = State.DEGRADED if available else State.FAILED
        return Health(
            state, f"rollout stuck, {available} of {wanted} replicas available: {says(progressing)}"
        )
    if available < wanted and _long_unavailable(subject):
        return Health(State.DEGRADED, f"{available} of {wanted} replicas available")
    return _rolling_out(status, wanted)


def stateful_set(subject: Subject) -> Health:
    """All replicas ready and, where the controller replaces them, of the newest revision."""
    status, wanted = subject.status, _replicas(subject)
    ready = number(status.get("readyReplicas"))
    if number(status.get("replicas")) < wanted or ready < wanted:
        refused = subject.warning("FailedCreate")
        if refused:
            return Health(State.DEGRADED, f"pods are refused: {refused}")
        return Health(State.PROGRESSING, f"{ready} of {wanted} replicas ready")
    strategy = mapping(subject.spec.get("updateStrategy"))
    if strategy.get("type") == "OnDelete":
        return HEALTHY  # a person deletes the pods; nothing will move before that
    updated = number(status.get("updatedReplicas"))
    expected = wanted - number(mapping(strategy.get("rollingUpdate")).get("partition"))
    if status.get("currentRevision") != status.get("updateRevision") and updated < expected:
        return Health(State.PROGRESSING, f"{updated} of {expected} replicas updated")
    return HEALTHY


def replica_set(subject: Subject) -> Health:
    """As many pods as are wanted, all ready; one of the past wants none and is Healthy."""
    wanted, ready = _replicas(subject), number(subject.status.get("readyReplicas"))
    refused = subject.condition("ReplicaFailure")
    if wanted and refused.get("status") == "True":
        return Health(State.DEGRADED, f"pods are refused: {says(refused)}")
    if ready < wanted:
        return Health(State.PROGRESSING, f"{ready} of {wanted} replicas ready")
    return HEALTHY


def daemon_set(subject: Subject) -> Health:
    """Every node that should have a pod has an available one of the newest template."""
    status = subject.status
    wanted = number(status.get("desiredNumberScheduled"))
    updated, available = number(status.get("updatedNumberScheduled")), number(status.get("numberAvailable"))
    refused = subject.warning("FailedCreate") if min(updated, available) < wanted else ""
    if refused:
        return Health(State.DEGRADED, f"pods are refused: {refused}")
    if mapping(subject.spec.get("updateStrategy")).get("type") != "OnDelete" and updated < wanted:
        return Health(State.PROGRESSING, f"{updated} of {wanted} nodes updated")
    if available < wanted:
        return Health(State.PROGRESSING, f"available on {available} of {wanted} nodes")
    return HEALTHY


def _rolling_out(status: Object, wanted: int) -> Health:
    """How far a Deployment has come that nothing keeps from going on."""
    updated, total = number(status.get("updatedReplicas")), number(status.get("replicas"))
    available = min(number(status.get("availableReplicas")), number(status.get("readyReplicas")))
    if updated < wanted:
        return Health(State.PROGRESSING, f"{updated} of {wanted} replicas updated")
    if total > updated:
        return Health(State.PROGRESSING, f"{total - updated} old replicas still to go")
    if available < wanted:
        return Health(State.PROGRESSING, f"{available} of {wanted} replicas available")
    return HEALTHY


def _long_unavailable(subject: Subject) -> bool:
    """Below its minimum for longer than a rollout may take.

    Once a template was rolled out completely, the controller watches no deadline any more; a lost node and a
    larger ``replicas`` then look alike (``syncRolloutStatus`` in
    https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/deployment/progress.go).
    """
    available = subject.condition("Available")
    since = moment(available.get("lastTransitionTime"))
    patience = timedelta(seconds=number(subject.spec.get("progressDeadlineSeconds", 600)))
    return available.get("status") == "False" and since is not None and subject.now - since > patience


def _replicas(subject: Subject) -> int:
    """``spec.replicas``; absent means 1, and the API server fills that in."""
    return number(subject.spec.get("replicas", 1))


RULES = {
    GroupKind("apps", "Deployment"): deployment,
    GroupKind("apps", "ReplicaSet"): replica_set,
    GroupKind("apps", "StatefulSet"): stateful_set,
    GroupKind("apps", "DaemonSet"): daemon_set,
}
