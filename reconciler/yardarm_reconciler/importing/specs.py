"""The spec that objects of one workload come to: every field that can say something of them, and no patch yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.expand.patches import OUR_LABELS
from yardarm_reconciler.importing import containers, fits, kserve, routes, storage
from yardarm_reconciler.importing.devices import Devices
from yardarm_reconciler.importing.fits import fits as takes
from yardarm_reconciler.importing.grouping import Json, template_of
from yardarm_reconciler.importing.ours import Ours
from yardarm_reconciler.model.imported import Note, name_of

SPARE = {"maxSurge": "25%", "maxUnavailable": "25%"}
"""What both Kubernetes and a spec without devices take for granted."""

EXCEPTIONS = {"IPC_LOCK": "ipcLock", "SYS_NICE": "sysNice"}


def labels(ours: Ours) -> Json:
    """Labels of the pods, and of their controller: a spec's are on every object."""
    controller = ours.group.controller
    own = controller["metadata"].get("labels") or {}
    pods = (template_of(controller).get("metadata") or {}).get("labels") or {}
    return {
        key: value
        for key, value in {**own, **pods}.items()
        if not OUR_LABELS.fullmatch(key) and takes(fits.QUALIFIED, key) and takes(fits.VALUE, value)
    }


def program(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """What every kind has that runs a program in pods."""
    pod, main, where = ours.pod, ours.main, name_of(ours.group.controller)
    served = _served(ours)
    taken: set[str] = set()
    ports = containers.ports(main, served, taken)
    resources = containers.resources(main, where, lost)
    if shared := storage.shared_memory(pod, main):
        resources["shm"] = shared[1]
    own = (ours.group.controller.get("spec") or {}).get("volumeClaimTemplates") or []
    volumes = {**storage.volumes(pod, main, str(resources["memory"])), **storage.of_replicas(own, main)}
    sidecars, before = _beside(ours, volumes, served, taken, lost)
    return {
        **containers.program(main),
        **_some("ports", ports),
        **_some("health", containers.health(main, ports)),
        "resources": resources,
        **devices.request,
        **_some("volumes", volumes),
        **_some("sidecars", sidecars),
        **_some("initContainers", before),
        **_account(pod),
        "security": _security(pod, main),
        **_some("shutdown", _shutdown(pod, main)),
        **_some("imagePullSecrets", [each["name"] for each in pod.get("imagePullSecrets") or ()]),
    }


def service(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """A long-running server, as many replicas as there are, or one on each node."""
    controller = ours.group.controller
    spec = controller.get("spec") or {}
    said = program(ours, devices, lost)
    started = containers.startup(ours.main) if "health" in said else {}
    if controller["kind"] == "DaemonSet":
        rollout = _rollout(spec.get("updateStrategy") or {}, {"maxSurge": 0, "maxUnavailable": 1})
        return {**said, "replicas": "perNode", **rollout, **started}
    if controller["kind"] == "StatefulSet":
        return {**said, **_replicas(ours), **started}  # its Service is mostly headless: no route leads there
    routed = routes.route(ours.group.route) if ours.group.route else {}
    return {
        **said,
        **_replicas(ours),
        **_rollout(spec.get("strategy") or {}, {} if devices.name else SPARE),
        **started,
        **routed,
    }


def model_service(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """A model behind an API; what its runtime says is not said again."""
    said = service(ours, devices, lost)
    given = kserve.model_fields(ours.model or {}, list(ours.main.get("args") or ()), lost)
    security = {key: value for key, value in said["security"].items() if key != "readOnlyRoot" or value}
    left = {key: value for key, value in said.items() if key not in {"image", "command", "args", "security"}}
    image = {"image": said["image"]} if said["image"] else {}
    return {**given, **image, **left, **_some("security", security)}


def _served(ours: Ours) -> dict[int | str, str]:
    """Names of the ports of the Service, by the port that each leads to."""
    ports = ((ours.group.service or {}).get("spec") or {}).get("ports") or []
    return {each.get("targetPort", each["port"]): each["name"] for each in ports if each.get("name")}


def _beside(
    ours: Ours, volumes: Json, served: Mapping[int | str, str], taken: set[str], lost: list[Note]
) -> tuple[Json, Json]:
    """Sidecars, and containers that prepare, in their order."""
    sidecars: Json = {}
    before: Json = {}
    where = name_of(ours.group.controller)
    for each in ours.pod.get("initContainers") or ():
        said = {
            **containers.program(each),
            "resources": containers.resources(each, where, lost),
            **_some("mounts", storage.mounts(each, volumes)),
        }
        if each.get("restartPolicy") == "Always":
            ports = containers.ports(each, served, taken)
            sidecars[each["name"]] = {
                **said,
                **_some("ports", ports),
                **_some("health", containers.health(each, ports)),
            }
        else:
            before[each["name"]] = said
    return sidecars, before


def _account(pod: Json) -> Json:
    name = pod.get("serviceAccountName") or pod.get("serviceAccount")
    if name in (None, "", "default") or not takes(fits.OBJECT, name):
        return {}
    return {"identity": {"serviceAccount": name}}


def _security(pod: Json, main: Json) -> Json:
    """A root that can be written to stays so: a program that was never run otherwise may need it."""
    own, whole = main.get("securityContext") or {}, pod.get("securityContext") or {}
    user = own.get("runAsUser", whole.get("runAsUser"))
    added = (own.get("capabilities") or {}).get("add") or ()
    exceptions = [EXCEPTIONS[each] for each in added if each in EXCEPTIONS]
    exceptions += [name for name in ("hostIPC", "hostNetwork") if pod.get(name)]
    exceptions += ["root"] if user == 0 else []
    group = whole.get("fsGroup")
    return {
        **({"runAsUser": user} if isinstance(user, int) else {}),
        **({"fsGroup": group} if isinstance(group, int) and group > 0 else {}),
        "readOnlyRoot": bool(own.get("readOnlyRootFilesystem")),
        **_some("exceptions", exceptions),
    }


def _shutdown(pod: Json, main: Json) -> Json:
    grace = pod.get("terminationGracePeriodSeconds", 30)
    hook = (main.get("lifecycle") or {}).get("preStop") or {}
    command = (hook.get("exec") or {}).get("command")
    wait = (hook.get("sleep") or {}).get("seconds")
    said: Json = {"grace": fits.duration(grace)} if grace != 30 else {}  # noqa: PLR2004 - the server's default
    if command:
        said["preStop"] = command
    elif isinstance(wait, int) and 0 < wait < grace:
        said |= {"grace": fits.duration(grace), "preStop": fits.duration(wait)}
    return said


def _replicas(ours: Ours) -> Json:
    """A number, or what an autoscaler does by what the pods use."""
    scaler = ours.group.autoscaler
    if scaler is None:
        return {"replicas": (ours.group.controller.get("spec") or {}).get("replicas", 1)}
    spec = scaler.get("spec") or {}
    found = [_metric(each) for each in spec.get("metrics") or ()]
    if "targetCPUUtilizationPercentage" in spec:
        found = [{"metric": "cpu", "target": f"{spec['targetCPUUtilizationPercentage']}%"}]
    said = [each for each in found if each] or [{"metric": "cpu", "target": "80%"}]
    delay = ((spec.get("behavior") or {}).get("scaleDown") or {}).get("stabilizationWindowSeconds")
    return {
        "scaling": {
            "min": spec.get("minReplicas", 1),
            "max": spec.get("maxReplicas", 1),
            **(said[0] if len(said) == 1 else {"metrics": said}),
            **({"scaleDownDelay": fits.duration(delay)} if delay else {}),
        }
    }


def _metric(metric: Json) -> Json | None:
    given: Any = metric.get("resource") or {}
    share = (given.get("target") or {}).get("averageUtilization")
    if given.get("name") not in ("cpu", "memory") or share is None:
        return None
    return {"metric": given["name"], "target": f"{share}%"}


def _rollout(strategy: Json, usual: Json) -> Json:
    """How many pods may be above and below, where that is said and is not what goes without saying."""
    rolling = strategy.get("rollingUpdate") or {}
    said = {
        ours: rolling[theirs]
        for ours, theirs in (("surge", "maxSurge"), ("unavailable", "maxUnavailable"))
        if theirs in rolling
    }
    return _some("rollout", {} if rolling == usual else said)


def _some(name: str, value: Any) -> Json:  # noqa: ANN401 - JSON
    return {name: value} if value else {}
