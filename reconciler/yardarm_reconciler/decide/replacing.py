"""What may be made anew where it cannot be changed: a policy for each kind, and only where a commit asks for it."""

from __future__ import annotations

from yardarm_reconciler.decide.steps import Step
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import GroupKind

REPLACEABLE = frozenset(
    {
        GroupKind("", "ConfigMap"),
        GroupKind("", "Service"),
        GroupKind("", "ServiceAccount"),
        GroupKind("apps", "DaemonSet"),
        GroupKind("apps", "Deployment"),
        GroupKind("apps", "StatefulSet"),
        GroupKind("autoscaling", "HorizontalPodAutoscaler"),
        GroupKind("batch", "CronJob"),
        GroupKind("networking.k8s.io", "NetworkPolicy"),
        GroupKind("policy", "PodDisruptionBudget"),
        GroupKind("rbac.authorization.k8s.io", "RoleBinding"),
    }
)
"""Kinds whose objects hold nothing that is lost with them. A claim does, a namespace holds others, a run is never
repeated, and of other projects' kinds nobody knows: all these are refused."""


def not_replaced(step: Step) -> str:
    """Why an object that cannot be changed is not made anew either; an empty text where it is."""
    if not _is_asked_for(step):
        return "somebody changed what cannot be changed back"
    if step.key.group_kind not in REPLACEABLE:
        return "an object of its kind is never made anew"
    if step.cause is Cause.UPGRADE:
        return "no commit asks for it: another version of Yardarm would make it anew"
    return ""


def _is_asked_for(step: Step) -> bool:
    """Whether what is wanted is another than was applied last; of what is new to us nobody knows what was."""
    applied = step.entry.desired if step.entry else ""
    return bool(applied) and step.manifest is not None and applied != step.manifest.digest
