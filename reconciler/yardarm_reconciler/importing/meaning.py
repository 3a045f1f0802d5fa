"""What an object means, so that two of them can be compared: no defaults, lists by the names of their items.

Defaults: https://github.com/kubernetes/kubernetes/tree/master/pkg/apis, ``defaults.go`` of core, apps, autoscaling and policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yardarm_reconciler.importing.grouping import Json, template_of
from yardarm_reconciler.importing.pods import pod

THEIR_PODS = "the pods of the workload"
ITSELF = "the workload"

_ROLLING = {"maxSurge": "25%", "maxUnavailable": "25%"}
_SCALES: Mapping[str, Json] = {
    "scaleUp": {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ],
    },
    "scaleDown": {
        "stabilizationWindowSeconds": 300,
        "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    },
}
_SERVICE = {
    "type": "ClusterIP",
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
    "externalTrafficPolicy": "Cluster",
    "publishNotReadyAddresses": False,
}
_DEPLOYMENT = {
    "replicas": 1,
    "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600,
    "minReadySeconds": 0,
    "paused": False,
}


def meaning(body: Json, ports: Mapping[str, int], *, alone: bool, scaled: bool) -> Json:
    """One object without what goes without saying; names and namespaces are compared elsewhere.

    Args:
        body: the object, its pods as Yardarm calls them.
        ports: of the pods by name, to which others refer.
        alone: whether main is the only container, so that what is measured of the pod is measured of it.
        scaled: whether something else decides how many replicas run.
    """
    meta = body["metadata"]
    said = {"labels": dict(meta.get("labels") or {}), "annotations": dict(meta.get("annotations") or {})}
    spec = dict(body.get("spec") or {})
    match body["kind"]:
        case "Service":
            spec = _service(spec, ports)
        case "HorizontalPodAutoscaler":
            spec = _autoscaler(spec, alone=alone)
        case "PodDisruptionBudget":
            spec = {**spec, "selector": THEIR_PODS}
        case "Deployment":
            spec = _deployment(spec, scaled=scaled)
    made: Json = without_nothing({"metadata": said, "spec": spec, **_template(body)})
    return made


def _template(body: Json) -> Json:
    """The pods, where all kinds have them alike: below ``pod``."""
    found = template_of(body) if body["kind"] != "Service" else {}
    if not found:
        return {}
    meta = found.get("metadata") or {}
    said = {"labels": meta.get("labels") or {}, "annotations": meta.get("annotations") or {}}
    return {"pod": {"metadata": said, "spec": pod(found.get("spec") or {})}}


def _deployment(spec: Json, *, scaled: bool) -> Json:
    left = {key: value for key, value in spec.items() if key not in {"template", "selector"}}
    strategy = dict(left.pop("strategy", None) or {})
    kind = strategy.pop("type", "RollingUpdate")
    usual = _ROLLING if kind == "RollingUpdate" else {}
    left["strategy"] = {"type": kind, "rollingUpdate": {**usual, **(strategy.get("rollingUpdate") or {})}}
    if scaled:
        left.pop("replicas", None)
    return {**without_defaults(left, _DEPLOYMENT), "selector": THEIR_PODS}


def _service(spec: Json, ports: Mapping[str, int]) -> Json:
    left = without_defaults(
        {key: value for key, value in spec.items() if key not in {"selector", "ports"}}, _SERVICE
    )
    listed = {}
    for each in spec.get("ports") or ():
        target = each.get("targetPort", each["port"])
        kept = {key: value for key, value in each.items() if key not in {"port", "protocol", "targetPort"}}
        target = ports.get(target, target) if isinstance(target, str) else target
        listed[f"{each['port']}/{each.get('protocol', 'TCP')}"] = {**kept, "targetPort": target}
    return {**left, "selector": THEIR_PODS, "ports": listed}


def _autoscaler(spec: Json, *, alone: bool) -> Json:
    left = {key: value for key, value in spec.items() if key != "targetCPUUtilizationPercentage"}
    left["scaleTargetRef"] = ITSELF
    metrics = left.get("metrics") or [resource("cpu", spec.get("targetCPUUtilizationPercentage", 80))]
    left["metrics"] = sorted((_metric(each, alone=alone) for each in metrics), key=str)
    left.setdefault("minReplicas", 1)
    behavior: Json = left.get("behavior") or {}
    left["behavior"] = {way: {**usual, **(behavior.get(way) or {})} for way, usual in _SCALES.items()}
    return left


def resource(name: str, share: int) -> Json:
    """What an autoscaler looks at, as its second version says it."""
    return {
        "type": "Resource",
        "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": share}},
    }


def _metric(metric: Json, *, alone: bool) -> Json:
    if metric.get("type") != "Resource" or not alone:
        return metric
    return {"type": "ContainerResource", "containerResource": {"container": "main", **metric["resource"]}}


def without_defaults(fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """What is not what it would be without a word."""
    return {key: value for key, value in fields.items() if key not in defaults or value != defaults[key]}


def without_nothing(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Without null, empty lists and empty maps, but for the map of a volume that is told by its key alone."""
    if isinstance(value, Mapping):
        inside = {key: without_nothing(each) for key, each in value.items() if each is not None}
        return {key: each for key, each in inside.items() if each not in ({}, []) or key in _TELLING}
    if isinstance(value, list):
        return [without_nothing(each) for each in value]
    return value


_TELLING: Iterable[str] = frozenset({"emptyDir", "podSelector", "namespaceSelector"})
