"""Order is data and total: which kinds before which, which workloads before which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yardarm_reconciler.model.manifest import Key

STAGES: tuple[tuple[str, ...], ...] = (
    ("CustomResourceDefinition",),
    ("Namespace",),
    ("ServiceAccount", "Role", "RoleBinding", "ResourceQuota", "LimitRange", "LocalQueue"),
    (
        "ConfigMap",
        "Secret",
        "PersistentVolumeClaim",
        "ExternalSecret",
        "ResourceClaimTemplate",
        "TrainingRuntime",
        "TriggerAuthentication",
    ),
    ("NetworkPolicy", "CiliumNetworkPolicy"),
    # Who may use a route, long before the route: where it is refused, the workload's later stages do not come.
    ("SecurityPolicy", "RequestAuthentication", "AuthorizationPolicy"),
    ("Service",),
    (
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "LeaderWorkerSet",
        "Job",
        "CronJob",
        "JobSet",
        "TrainJob",
        "RayJob",
        "CronWorkflow",
    ),
    (
        "HorizontalPodAutoscaler",
        "ScaledObject",
        "PodDisruptionBudget",
        "PodMonitor",
        "PrometheusRule",
        "InferencePool",
    ),
    ("HTTPRoute", "GRPCRoute"),
)
"""Kinds in the order of their creation; deletion is the reverse. A kind that is not named comes with the workloads."""

SCALERS = frozenset({"HorizontalPodAutoscaler", "ScaledObject"})
"""Kinds that decide how many replicas of others run."""

_STAGE = {kind: number for number, kinds in enumerate(STAGES) for kind in kinds}
WORKLOADS = _STAGE["Deployment"]
"""The stage of what runs pods."""


def stage(key: Key) -> int:
    """The number of the stage that an object is written in, from 0."""
    return _STAGE.get(key.kind, WORKLOADS)


def layers(depends_on: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Workloads in layers: each comes after all that it depends on; names that are not keys are ignored.

    What is left of a cycle (refused long before) comes in a last layer of its own, so that nothing is lost.
    """
    waiting = {id_: {d for d in needs if d in depends_on} for id_, needs in depends_on.items()}
    result: list[tuple[str, ...]] = []
    while waiting:
        ready = tuple(sorted(id_ for id_, needs in waiting.items() if not needs & waiting.keys()))
        if not ready:
            return (*result, tuple(sorted(waiting)))
        result.append(ready)
        for id_ in ready:
            del waiting[id_]
    return tuple(result)
