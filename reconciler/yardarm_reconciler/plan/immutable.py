"""What a server does not let anybody change. A cluster says so itself; a plan has to know.

https://kubernetes.io/docs/reference/kubernetes-api/: each kind's validation of updates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from yardarm_reconciler.model.change import Action, Change

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


def fixed(change: Change) -> str:
    """The first field of a change that no server takes, or an empty text."""
    is_immutable = IMMUTABLE.get(change.key.kind)
    if change.action is not Action.CONFIGURED or is_immutable is None:
        return ""
    return next((field.path for field in change.fields if is_immutable(field.path)), "")
