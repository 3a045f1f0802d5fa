"""The core group: Pod, PersistentVolumeClaim, Service, Namespace; and claims of devices, which are much like those of storage."""

from __future__ import annotations

from yardarm_reconciler.health.pod import pod
from yardarm_reconciler.health.subject import Subject, mapping, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind


def claim(subject: Subject) -> Health:
    """Bound, or waiting for its first pod, which is no fault of its own.

    With ``volumeBindingMode: WaitForFirstConsumer`` a claim stays Pending until a pod uses it, so Pending alone
    holds nothing up: a pod that waits for a volume says so itself
    (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
    """
    phase = text(subject.status.get("phase"))
    if phase == "Lost":
        return Health(State.FAILED, "its volume is gone")
    if phase == "Bound":
        return Health(State.HEALTHY)
    failure = subject.warning("ProvisioningFailed")
    if failure:
        return Health(State.DEGRADED, failure)
    return Health(State.HEALTHY, "Pending: waits for a pod that uses it")


def device_claim(subject: Subject) -> Health:
    """Devices were found for it, or nobody has looked yet: what is missing is told by its pod."""
    allocated = bool(mapping(subject.status.get("allocation")))
    return Health(State.HEALTHY) if allocated else Health(State.PROGRESSING, "no devices allocated yet")


def service(subject: Subject) -> Health:
    """There, and with an address where one was asked for (gitops-engine, ``health_service.go``)."""
    if subject.spec.get("type") == "LoadBalancer":
        failure = subject.warning("SyncLoadBalancerFailed")
        if not mapping(subject.status.get("loadBalancer")).get("ingress"):
            state = State.DEGRADED if failure else State.PROGRESSING
            return Health(state, failure or "waits for the address of its load balancer")
    return Health(State.HEALTHY)


def namespace(subject: Subject) -> Health:
    """Active; a namespace that ends says what is left in it."""
    if subject.status.get("phase") == "Terminating":
        left = subject.condition("NamespaceContentRemaining")
        return Health(State.TERMINATING, says(left) if left.get("status") == "True" else "")
    return Health(State.HEALTHY)


RULES = {
    GroupKind("", "Namespace"): namespace,
    GroupKind("", "PersistentVolumeClaim"): claim,
    GroupKind("", "Pod"): pod,
    GroupKind("", "Service"): service,
    GroupKind("resource.k8s.io", "ResourceClaim"): device_claim,
}
