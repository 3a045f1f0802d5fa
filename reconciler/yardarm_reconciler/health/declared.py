"""Kinds without a life of their own: they are healthy when they exist."""

from __future__ import annotations

from yardarm_reconciler.health.subject import Subject
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind


def declared(_: Subject) -> Health:
    """Nothing acts on the object itself, so being there is all that it can do."""
    return Health(State.HEALTHY)


KINDS = (
    GroupKind("", "ConfigMap"),
    GroupKind("", "LimitRange"),
    GroupKind("", "ResourceQuota"),
    GroupKind("", "Secret"),
    GroupKind("", "ServiceAccount"),
    GroupKind("keda.sh", "TriggerAuthentication"),
    GroupKind("cilium.io", "CiliumNetworkPolicy"),
    GroupKind("monitoring.coreos.com", "PodMonitor"),
    GroupKind("monitoring.coreos.com", "PrometheusRule"),
    GroupKind("networking.k8s.io", "NetworkPolicy"),
    GroupKind("trainer.kubeflow.org", "TrainingRuntime"),
    # Its controller confirms each generation, which is looked at before any rule of a kind.
    GroupKind("policy", "PodDisruptionBudget"),
    GroupKind("rbac.authorization.k8s.io", "Role"),
    GroupKind("rbac.authorization.k8s.io", "RoleBinding"),
    GroupKind("resource.k8s.io", "ResourceClaimTemplate"),
    GroupKind("security.istio.io", "AuthorizationPolicy"),
    GroupKind("security.istio.io", "RequestAuthentication"),
)

RULES = dict.fromkeys(KINDS, declared)
