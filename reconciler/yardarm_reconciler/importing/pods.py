"""What a pod means: no defaults, containers, variables, ports, mounts and volumes by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]

_POD = {
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
    "enableServiceLinks": True,
    "automountServiceAccountToken": True,
    "serviceAccountName": "default",
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "shareProcessNamespace": False,
}
_CONTAINER = {
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "stdin": False,
    "stdinOnce": False,
    "tty": False,
}
_PROBE = {
    "initialDelaySeconds": 0,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_SECURITY = {
    "privileged": False,
    "procMount": "Default",
    "runAsNonRoot": False,
    "readOnlyRootFilesystem": False,
}
_OF_WHOLE_POD = frozenset(
    {"fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy", "sysctls"}
)
_FILE_MODE = 0o644
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
RESOLVED = "\N{INFORMATION SEPARATOR ONE}"
"""Before a reference that Kubernetes will fill in: text that a person cannot have written."""

_REFERENCE = re.compile(r"\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")


def pod(spec: Json) -> Json:
    """The pod's spec without what goes without saying."""
    left = {key: value for key, value in spec.items() if key not in _POD or value != _POD[key]}
    account = left.pop("serviceAccount", None)  # the old name of the same field
    if account not in (None, "default"):
        left.setdefault("serviceAccountName", account)
    left["nodeSelector"], left["affinity"] = _nodes(spec)
    left["securityContext"], shared = _security(spec.get("securityContext") or {})
    for key in ("containers", "initContainers"):
        left[key] = {each["name"]: container(each, shared) for each in spec.get(key) or ()}
    left["volumes"] = {each["name"]: _volume(each) for each in spec.get("volumes") or ()}
    left["tolerations"] = sorted(spec.get("tolerations") or (), key=str)
    if (sidecars := list(left["initContainers"])) and len(sidecars) > 1:
        left["order"] = sidecars
    return left


def _security(given: Json) -> tuple[Json, Json]:
    """What is of the pod as a whole, and what each container takes over where it does not say otherwise."""
    return (
        {key: value for key, value in given.items() if key in _OF_WHOLE_POD},
        {key: value for key, value in given.items() if key not in _OF_WHOLE_POD},
    )


def container(each: Json, shared: Json) -> Json:
    """A container without what goes without saying; ports that probes name are numbers."""
    left = {key: value for key, value in each.items() if key not in _CONTAINER or value != _CONTAINER[key]}
    left.pop("name", None)
    if left.get("imagePullPolicy") == usual_pull(str(each.get("image", ""))):
        left.pop("imagePullPolicy")
    numbers = {port["name"]: port["containerPort"] for port in each.get("ports") or () if port.get("name")}
    left["env"] = variables(each.get("env") or [])
    left["ports"] = {
        f"{port['containerPort']}/{port.get('protocol', 'TCP')}": {
            "open": True,
            **_without(port, "containerPort", "protocol"),
        }
        for port in each.get("ports") or ()
    }
    left["volumeMounts"] = {mounted(mount): _mount(mount) for mount in each.get("volumeMounts") or ()}
    left["resources"] = _resources(each.get("resources") or {})
    for key in PROBES:
        if each.get(key):
            left[key] = probe(each[key], numbers)
    if each.get("lifecycle"):
        left["lifecycle"] = {
            hook: _question(asked, numbers) for hook, asked in each["lifecycle"].items() if asked
        }
    own = {**shared, **(each.get("securityContext") or {})}
    security = {k: v for k, v in own.items() if k not in _SECURITY or _SECURITY[k] != v}
    if isinstance(security.get("capabilities"), dict):
        security["capabilities"] = {k: sorted(v) for k, v in security["capabilities"].items() if v}
    left["securityContext"] = security
    return left


def mounted(mount: Json) -> str:
    """The path of a mount, without a slash at its end."""
    return str(mount["mountPath"]).rstrip("/") or "/"


def usual_pull(image: str) -> str:
    """When an image is fetched where nothing is said."""
    name, digest = image.rpartition("/")[2], "@" in image
    tag = name.partition("@")[0].partition(":")[2] or "latest"
    return "Always" if tag == "latest" and not digest else "IfNotPresent"


def probe(asked: Json, ports: Mapping[str, int]) -> Json:
    """A probe with all that it would be without a word; what it asks stands below ``ask``."""
    numbers = {key: asked.get(key, usual) for key, usual in _PROBE.items()}
    rest = {key: value for key, value in asked.items() if key not in _PROBE}
    return {**{k: v for k, v in numbers.items() if v != _PROBE[k]}, **_question(rest, ports)}


def _question(asked: Json, ports: Mapping[str, int]) -> Json:
    asked = {key: dict(value) if isinstance(value, dict) else value for key, value in asked.items()}
    for how in ("httpGet", "tcpSocket"):
        if isinstance(given := asked.get(how), dict):
            given["port"] = ports.get(str(given.get("port")), given.get("port"))
            if how == "httpGet":
                given.setdefault("path", "/")
                if given.get("scheme") == "HTTP":
                    del given["scheme"]
    if isinstance(given := asked.get("grpc"), dict) and not given.get("service"):
        given.pop("service", None)
    return asked


def variables(env: list[Json]) -> Json:
    """Variables by name, as the program gets them: references to earlier ones are followed, as the kubelet does.

    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    known: dict[str, str] = {}
    found: Json = {}
    for each in env:
        name = each["name"]
        if each.get("valueFrom"):
            known[name] = f"{RESOLVED}({name})"
            found[name] = {"valueFrom": _reference(each["valueFrom"])}
        else:
            text = each.get("value") or ""
            known[name] = _REFERENCE.sub(_filled(known), text if isinstance(text, str) else str(text))
            found[name] = {"value": known[name]}
    return found


def _filled(known: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda match: "$" if match[1] is None else known.get(match[1], match[0])


def _reference(source: Json) -> Json:
    """Where a value comes from, without what goes without saying."""
    kinds = {}
    for kind, given in source.items():
        left = {key: value for key, value in (given or {}).items() if value is not False}
        left = {key: value for key, value in left.items() if _UNSAID.get(key) != value}
        kinds[kind] = left
    return kinds


_UNSAID = {"apiVersion": "v1", "divisor": "0"}


def _resources(given: Json) -> Json:
    """What is not asked for is what the limit says."""
    limits, requests = given.get("limits") or {}, given.get("requests") or {}
    return {**given, "limits": limits, "requests": {**limits, **requests}}


def _mount(mount: Json) -> Json:
    left = _without(mount, "mountPath")
    return {key: value for key, value in left.items() if value not in (False, "", "None", "Disabled")}


def _volume(volume: Json) -> Json:
    left = {}
    for kind, given in volume.items():
        if kind == "name":
            continue
        kept = {k: v for k, v in (given or {}).items() if v is not False and v != ""}
        if (
            kind in {"configMap", "secret", "projected", "downwardAPI"}
            and kept.get("defaultMode") == _FILE_MODE
        ):
            del kept["defaultMode"]
        left[kind] = _inside(kept)
    return left or {"emptyDir": {}}


def _inside(value: Any) -> Any:  # noqa: ANN401 - JSON
    """What lies in a volume, without what goes without saying wherever it may stand."""
    if isinstance(value, list):
        return [_inside(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _inside(each) for key, each in value.items() if (key, each) not in _WITHIN}


_WITHIN = (("apiVersion", "v1"), ("volumeMode", "Filesystem"), ("expirationSeconds", 3600), ("divisor", "0"))


def _nodes(spec: Json) -> tuple[Json, Json]:
    """Labels that a node must have, and the rest of affinity: a single term of single values is such labels."""
    labels, affinity = dict(spec.get("nodeSelector") or {}), dict(spec.get("affinity") or {})
    near = dict(affinity.get("nodeAffinity") or {})
    required = near.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms") or []
    wanted = terms[0].get("matchExpressions") or [] if len(terms) == 1 else []
    if (
        wanted
        and not terms[0].get("matchFields")
        and all(
            each.get("operator") == "In" and len(each.get("values") or ()) == 1 and each["key"] not in labels
            for each in wanted
        )
    ):
        labels |= {each["key"]: each["values"][0] for each in wanted}
        near.pop("requiredDuringSchedulingIgnoredDuringExecution")
        affinity = {key: value for key, value in affinity.items() if key != "nodeAffinity"}
        if near:
            affinity["nodeAffinity"] = near
    return labels, affinity


def _without(given: Json, *keys: str) -> Json:
    return {key: value for key, value in given.items() if key not in keys}
