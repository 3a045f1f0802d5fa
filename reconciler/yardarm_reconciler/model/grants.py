"""Rules of RBAC for an account that looks after whatever specs are rendered to, from what `rights` says is needed.

The manifests in ``reconciler/deploy`` are made from these, and tests run with them: `yardarm doctor` asks for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.rights import Right, needed

Rule = Mapping[str, list[str]]
"""As a Role has it: ``apiGroups``, ``resources``, ``verbs``."""

RENDERED: Mapping[GroupKind, str] = {
    GroupKind("", "ConfigMap"): "configmaps",
    GroupKind("", "LimitRange"): "limitranges",
    GroupKind("", "Namespace"): "namespaces",
    GroupKind("", "PersistentVolumeClaim"): "persistentvolumeclaims",
    GroupKind("", "ResourceQuota"): "resourcequotas",
    GroupKind("", "Service"): "services",
    GroupKind("", "ServiceAccount"): "serviceaccounts",
    GroupKind("apps", "DaemonSet"): "daemonsets",
    GroupKind("apps", "Deployment"): "deployments",
    GroupKind("apps", "StatefulSet"): "statefulsets",
    GroupKind("argoproj.io", "CronWorkflow"): "cronworkflows",
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): "horizontalpodautoscalers",
    GroupKind("batch", "CronJob"): "cronjobs",
    GroupKind("batch", "Job"): "jobs",
    GroupKind("cilium.io", "CiliumNetworkPolicy"): "ciliumnetworkpolicies",
    GroupKind("external-secrets.io", "ExternalSecret"): "externalsecrets",
    GroupKind("gateway.envoyproxy.io", "SecurityPolicy"): "securitypolicies",
    GroupKind("gateway.networking.k8s.io", "GRPCRoute"): "grpcroutes",
    GroupKind("gateway.networking.k8s.io", "HTTPRoute"): "httproutes",
    GroupKind("inference.networking.k8s.io", "InferencePool"): "inferencepools",
    GroupKind("jobset.x-k8s.io", "JobSet"): "jobsets",
    GroupKind("keda.sh", "ScaledObject"): "scaledobjects",
    GroupKind("keda.sh", "TriggerAuthentication"): "triggerauthentications",
    GroupKind("kueue.x-k8s.io", "LocalQueue"): "localqueues",
    GroupKind("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): "leaderworkersets",
    GroupKind("monitoring.coreos.com", "PodMonitor"): "podmonitors",
    GroupKind("monitoring.coreos.com", "PrometheusRule"): "prometheusrules",
    GroupKind("networking.k8s.io", "NetworkPolicy"): "networkpolicies",
    GroupKind("policy", "PodDisruptionBudget"): "poddisruptionbudgets",
    GroupKind("ray.io", "RayJob"): "rayjobs",
    GroupKind("rbac.authorization.k8s.io", "Role"): "roles",
    GroupKind("rbac.authorization.k8s.io", "RoleBinding"): "rolebindings",
    GroupKind("resource.k8s.io", "ResourceClaimTemplate"): "resourceclaimtemplates",
    GroupKind("security.istio.io", "AuthorizationPolicy"): "authorizationpolicies",
    GroupKind("security.istio.io", "RequestAuthentication"): "requestauthentications",
    GroupKind("trainer.kubeflow.org", "TrainJob"): "trainjobs",
    GroupKind("trainer.kubeflow.org", "TrainingRuntime"): "trainingruntimes",
}
"""Kinds that specs are rendered to, with the names of their resources. What RawResources may hold besides is for each
environment to say, and so for whoever installs to grant: `yardarm doctor` names the rule."""

BESIDE: Mapping[GroupKind, str] = {
    GroupKind("", "Event"): "events",
    GroupKind("", "Pod"): "pods",
    GroupKind("apps", "ReplicaSet"): "replicasets",
    GroupKind("coordination.k8s.io", "Lease"): "leases",
}
"""Kinds that are read for health, and the lease."""

RESOURCES = {**RENDERED, **BESIDE}
CLUSTER_SCOPED = frozenset({GroupKind("", "Namespace")})
_TEAMS, _RECORDS = "team", "records"


@dataclass(frozen=True, slots=True)
class Grants:
    """Three sets of rules: for all of a cluster, for the namespaces of teams, and for that of our records."""

    everywhere: tuple[Rule, ...]
    teams: tuple[Rule, ...]
    records: tuple[Rule, ...]


def grants(more: Mapping[GroupKind, str] | None = None) -> Grants:
    """The least that `yardarm run` needs.

    Args:
        more: other namespaced kinds that RawResources of some environment hold, with the names of their resources.
    """
    resources = {**RESOURCES, **(more or {})}
    keys = [
        Key(kind.group, kind.kind, "" if kind in CLUSTER_SCOPED else _TEAMS, "any")
        for kind in (*RENDERED, *(more or {}))
    ]
    rights = needed(keys, _RECORDS, writes=True, follows=True)
    everywhere, teams, records = (
        _rules((each for each in rights if each.namespace == space), resources)
        for space in ("", _TEAMS, _RECORDS)
    )
    return Grants(everywhere, teams, records)


def _rules(rights: Iterable[Right], resources: Mapping[GroupKind, str]) -> tuple[Rule, ...]:
    """One rule for all kinds of a group with which the same may be done."""
    verbs: dict[GroupKind, list[str]] = {}
    for each in sorted(rights):
        verbs.setdefault(each.kind, []).append(each.verb)
    same: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind, several in verbs.items():
        same.setdefault((kind.group, tuple(several)), []).append(resources[kind])
    return tuple(
        {"apiGroups": [group], "resources": sorted(named), "verbs": list(several)}
        for (group, several), named in sorted(same.items())
    )
