"""What an object means, so that two of them can be compared: no defaults, lists by the names of their items.

Defaults: https://github.com/kubernetes/kubernetes/tree/master/pkg/apis, ``defaults.go`` of core, apps, autoscaling.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yardarm_reconciler.importing import routes
from yardarm_reconciler.importing.controllers import THEIR_PODS, controller, without_defaults
from yardarm_reconciler.importing.grouping import Json, template_of
from yardarm_reconciler.importing.pods import pod

ITSELF = "the workload"

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
    "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10800}},
    "internalTrafficPolicy": "Cluster",
    "externalTrafficPolicy": "Cluster",
    "publishNotReadyAddresses": False,
    "allocateLoadBalancerNodePorts": True,
}
_FILLED_IN = frozenset({"clusterIPs", "ipFamilies", "ipFamilyPolicy"})
_NAMES = frozenset({"name", "namespace", "generateName"})
_NOT_SAID = frozenset({"selector", "ports"})
"""Of a Service, what is said another way here."""


def meaning(body: Json, ports: Mapping[str, int], *, alone: bool, scaled: bool) -> Json:
    """One object without what goes without saying; names and namespaces are compared elsewhere.

    Args:
        body: the object, its pods as Yardarm calls them.
        ports: of the pods by name, to which others refer.
        alone: whether main is the only container, so that what is measured of the pod is measured of it.
        scaled: whether something else decides how many replicas run.
    """
    said = {key: value for key, value in body["metadata"].items() if key not in _NAMES}
    if body["kind"] == "Job" and not said.get("labels"):
        said["labels"] = (template_of(body).get("metadata") or {}).get("labels")  # as the server does
    spec: Json = dict(body.get("spec") or {})
    match body["kind"]:
        case "Service":
            spec = _service(spec, ports)
        case "HorizontalPodAutoscaler":
            spec = _autoscaler(spec, alone=alone)
        case "PodDisruptionBudget":
            spec = {**spec, "selector": THEIR_PODS}
        case "HTTPRoute":
            spec = routes.meaning(spec, str(body["metadata"].get("namespace") or "default"))
        case kind:
            spec = controller(kind, spec, scaled=scaled)
    made: Json = without_nothing({"metadata": said, "spec": spec, **_template(body)})
    return made


def _template(body: Json) -> Json:
    """The pods, where all kinds have them alike: below ``pod``."""
    found = template_of(body)
    if not found:
        return {}
    said = {key: value for key, value in (found.get("metadata") or {}).items() if key not in _NAMES}
    return {"pod": {"metadata": said, "spec": pod(found.get("spec") or {})}}


def _service(spec: Json, ports: Mapping[str, int]) -> Json:
    left = without_defaults({key: value for key, value in spec.items() if key not in _NOT_SAID}, _SERVICE)
    if "clusterIPs" in left:
        # It comes from a cluster, which has filled in what nobody asked for.
        left = {
            key: value for key, value in left.items() if key not in _FILLED_IN or value == "RequireDualStack"
        }
    if left.get("clusterIP") not in (None, "", "None"):
        left["address"] = left.pop("clusterIP")
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


def without_nothing(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Without null, empty lists and empty maps, but for the map of a volume that is told by its key alone."""
    if isinstance(value, Mapping):
        inside = {key: without_nothing(each) for key, each in value.items() if each is not None}
        return {key: each for key, each in inside.items() if each not in ({}, []) or key in _TELLING}
    if isinstance(value, list):
        return [without_nothing(each) for each in value]
    return value


_TELLING: Iterable[str] = frozenset({"emptyDir", "podSelector", "namespaceSelector"})
