"""Devices and money of rendered objects, counted slowly and by itself: nothing here is shared with the program.

It reads objects as a person with the API reference would, and knows only kinds that Kubernetes, JobSet,
LeaderWorkerSet, Kubeflow Trainer, Ray and Argo Workflows define.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

RESOURCE = "example.com/"
DEVICE_CLASS = ".example.com"
NODES = 5
"""Nodes that a DaemonSet runs on at most."""

Object = Mapping[str, Any]


class Around:
    """What lies beside an object and says more of it: what scales it, what its pods claim, what it runs in."""

    def __init__(self, bodies: Iterable[Object]) -> None:
        everything = list(bodies)
        self.scalers = dict(_scalers(everything))
        self.named = {f"{each['kind']}/{each['metadata'].get('name')}": each for each in everything}


def pods(body: Object, around: Around) -> Iterator[tuple[int, Object]]:
    """The pods of an object: how many at one time at most, and what each of them is."""
    yield from _that_stay(body, around)
    yield from _that_end(body, around)


def _that_stay(body: Object, around: Around) -> Iterator[tuple[int, Object]]:
    spec = body.get("spec") or {}
    name = f"{body['kind']}/{body['metadata'].get('name')}"
    replicas = around.scalers.get(name, spec.get("replicas", 1))
    match body["kind"]:
        case "Deployment":
            rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
            recreated = (spec.get("strategy") or {}).get("type") == "Recreate"
            surge = 0 if recreated else _share(rolling.get("maxSurge", "25%"), replicas)
            yield replicas + surge, spec["template"]["spec"]
        case "StatefulSet":
            yield replicas, spec["template"]["spec"]
        case "DaemonSet":
            rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
            yield NODES + _share(rolling.get("maxSurge", 0), NODES), spec["template"]["spec"]
        case "LeaderWorkerSet":
            rolling = (spec.get("rolloutStrategy") or {}).get("rollingUpdateConfiguration") or {}
            groups = replicas + _share(rolling.get("maxSurge", 0), replicas)
            template = spec["leaderWorkerTemplate"]
            leader = template.get("leaderTemplate", template["workerTemplate"])
            yield groups, leader["spec"]
            yield groups * (template["size"] - 1), template["workerTemplate"]["spec"]


def _that_end(body: Object, around: Around) -> Iterator[tuple[int, Object]]:
    spec = body.get("spec") or {}
    match body["kind"]:
        case "Job":
            yield _of_job(spec), spec["template"]["spec"]
        case "CronJob":
            runs = 1 if spec.get("concurrencyPolicy") == "Forbid" else 2
            yield runs * _of_job(spec["jobTemplate"]["spec"]), spec["jobTemplate"]["spec"]["template"]["spec"]
        case "JobSet":
            for each in spec["replicatedJobs"]:
                job = each["template"]["spec"]
                yield each.get("replicas", 1) * _of_job(job), job["template"]["spec"]
        case "TrainJob":
            reference = spec["runtimeRef"]
            runtime = around.named[f"{reference['kind']}/{reference['name']}"]
            (node,) = runtime["spec"]["template"]["spec"]["replicatedJobs"]
            yield spec["trainer"]["numNodes"], node["template"]["spec"]["template"]["spec"]
        case "RayJob":
            cluster = spec["rayClusterSpec"]
            yield 1, cluster["headGroupSpec"]["template"]["spec"]
            for group in cluster.get("workerGroupSpecs", ()):
                yield group["maxReplicas"] * group.get("numOfHosts", 1), group["template"]["spec"]


def made_by(workflow: Object) -> list[Object]:
    """The objects that a CronWorkflow's tasks make, of each run."""
    templates = workflow["spec"]["workflowSpec"]["templates"]
    return [json.loads(each["resource"]["manifest"]) for each in templates if "resource" in each]


def containers(pod: Object) -> list[Object]:
    """All containers of a pod, those that run first too."""
    return [*pod.get("containers", ()), *pod.get("initContainers", ())]


def devices_of(pod: Object, around: Around) -> Counter[str]:
    """Devices of one pod by class. Only containers that run side by side add up, and only main has devices."""
    found: Counter[str] = Counter()
    for container in containers(pod):
        for resource, amount in ((container.get("resources") or {}).get("limits") or {}).items():
            if resource.startswith(RESOURCE):
                found[resource.removeprefix(RESOURCE)] += int(amount)
    for claim in pod.get("resourceClaims", ()):
        template = around.named[f"ResourceClaimTemplate/{claim['resourceClaimTemplateName']}"]
        for request in template["spec"]["spec"]["devices"]["requests"]:
            exactly = request["exactly"]
            found[exactly["deviceClassName"].removesuffix(DEVICE_CLASS)] += exactly["count"]
    return found


def held(bodies: Iterable[Object], around: Around) -> Counter[str]:
    """What objects that all exist at one time hold."""
    found: Counter[str] = Counter()
    for body in bodies:
        for number, pod in pods(body, around):
            for name, amount in devices_of(pod, around).items():
                found[name] += number * amount
    return found


def money(devices: Mapping[str, int], prices: Mapping[str, str]) -> Decimal:
    """What devices cost in an hour."""
    return sum((Decimal(prices[name]) * amount for name, amount in devices.items()), Decimal(0))


def dearest(
    holding: Mapping[str, Counter[str]], needs: Mapping[str, Iterable[str]], prices: Mapping[str, str]
) -> tuple[dict[str, int], Decimal]:
    """The most of each class, and of money, over all sets of steps of which none waits for another: all are tried."""
    most: dict[str, int] = {}
    dear = Decimal(0)
    for size in range(1, len(holding) + 1):
        for chosen in itertools.combinations(sorted(holding), size):
            if any(_waits(one, other, needs) for one, other in itertools.permutations(chosen, 2)):
                continue
            together: Counter[str] = Counter()
            for step in chosen:
                together.update(holding[step])
            for name, amount in together.items():
                most[name] = max(most.get(name, 0), amount)
            dear = max(dear, money(together, prices))
    return most, dear


def _waits(one: str, other: str, needs: Mapping[str, Iterable[str]]) -> bool:
    return any(each == other or _waits(each, other, needs) for each in needs.get(one, ()))


def _scalers(bodies: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    for body in bodies:
        spec = body.get("spec") or {}
        target = spec.get("scaleTargetRef") or {}
        most = spec.get("maxReplicas") or spec.get("maxReplicaCount")
        if target and most:
            yield f"{target.get('kind', 'Deployment')}/{target['name']}", most


def _of_job(spec: Mapping[str, Any]) -> int:
    parallelism = int(spec.get("parallelism", 1))
    return min(parallelism, spec["completions"]) if "completions" in spec else parallelism


def _share(value: int | str, replicas: int) -> int:
    """A number, or a share of the replicas, rounded up as Kubernetes does for what is added. To none it adds none."""
    if replicas == 0:
        return 0
    if isinstance(value, str):
        return math.ceil(int(value.removesuffix("%")) * replicas / 100)
    return value
