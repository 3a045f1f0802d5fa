"""What a server does not let anybody change: such an object is replaced, or left as it is where it holds data.

https://kubernetes.io/docs/reference/kubernetes-api/: each kind's validation of updates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from yardarm_reconciler.model.change import Action, Change

KEEPS_DATA = frozenset({"PersistentVolumeClaim"})
"""Kinds that are never replaced: what they hold would be gone."""

STATEFUL_SET = (
    "spec.minReadySeconds",
    "spec.ordinals",
    "spec.persistentVolumeClaimRetentionPolicy",
    "spec.replicas",
    "spec.revisionHistoryLimit",
    "spec.template",
    "spec.updateStrategy",
)
"""All of a StatefulSet's spec that may change: pkg/apis/apps/validation, ValidateStatefulSetUpdate."""

CLAIM = ("spec.resources.requests", "spec.volumeAttributesClassName")
"""All of a claim's spec that may change; a request may only grow."""


def _below(*paths: str) -> Callable[[str], bool]:
    return lambda field: any(
        field == path or field.startswith((f"{path}.", f"{path}[", f"{path} ")) for path in paths
    )


def _other_than(*paths: str) -> Callable[[str], bool]:
    allowed = _below(*paths)
    return lambda field: field.startswith("spec.") and not allowed(field)


IMMUTABLE: Mapping[str, Callable[[str], bool]] = {
    "ConfigMap": _below("immutable"),
    "DaemonSet": _below("spec.selector"),
    "Deployment": _below("spec.selector"),
    "Job": _below("spec.selector", "spec.template", "spec.completionMode", "spec.completions"),
    "PersistentVolumeClaim": _other_than(*CLAIM),
    "RoleBinding": _below("roleRef"),
    "StatefulSet": _other_than(*STATEFUL_SET),
}
"""By kind, whether a field can never change."""


def replaced(change: Change) -> Change:
    """Say of a change that no server takes what it comes to."""
    is_immutable = IMMUTABLE.get(change.key.kind)
    if change.action is not Action.CONFIGURED or is_immutable is None:
        return change
    fixed = [field.path for field in change.fields if is_immutable(field.path)]
    if not fixed:
        return change
    if change.key.kind in KEEPS_DATA:
        return replace(change, action=Action.HELD, reason=f"{fixed[0]} cannot change, and it holds data")
    return replace(change, action=Action.REPLACED, reason=f"{fixed[0]} cannot change")
