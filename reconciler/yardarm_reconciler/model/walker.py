"""The pods that an object makes, whatever its kind: their templates, and how many run of each at one time.

Read from the manifest alone, so that limits, security and budgets hold for what is applied and not for what was meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.model.manifest import Object

MAIN = "main"
"""What we call the container that a pod is for."""

NODE, TRAINER, ANCESTOR = "node", "trainer", "trainer.kubeflow.org/trainjob-ancestor-step"
"""Kubeflow's Trainer calls that container ``node``, and tells by this label the Job that its numbers are for.

https://github.com/kubeflow/trainer/blob/master/pkg/constants/constants.go
"""


@dataclass(frozen=True, slots=True)
class Template:
    """A pod template of an object: ``path`` leads to the pod's spec, and at most ``pods`` run of it at one time.

    ``main`` is the name of the container that the pod is for.
    """

    path: tuple[str | int, ...]
    spec: Object
    metadata: Object
    pods: int
    main: str = MAIN


def templates(body: Object) -> tuple[Template, ...]:
    """All pod templates of an object; none where its kind makes no pods that we know."""
    walk = WALKS.get(_group_kind(body))
    return tuple(walk(body)) if walk else ()


def replaced(body: Any, path: tuple[str | int, ...], value: object) -> Any:  # noqa: ANN401 - JSON
    """The same tree with another value at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [*body[:step], replaced(body[step], rest, value), *body[step + 1 :]]
    return {**body, step: replaced(body.get(step, {}), rest, value)}


def unaccounted(body: Object) -> str:
    """Where an object has containers that are in none of its known pods, or an empty text."""
    known = [template.spec for template in templates(body)]
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:
        path, value = waiting.pop()
        if any(value is each for each in known):
            continue
        if isinstance(value, Mapping):
            if isinstance(value.get("containers"), list) and value["containers"]:
                return f"{path}.containers".lstrip(".")
            waiting += [(f"{path}.{key}", each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{index}]", each) for index, each in enumerate(value)]
    return ""


def makes_pods(body: Object) -> bool:
    """Whether an object's kind makes pods."""
    return _group_kind(body) in WALKS


def with_most_replicas(bodies: Iterable[Object], nodes: int) -> tuple[Object, ...]:
    """These objects with the replicas that they may come to: of what is scaled the most that its scaler asks for.

    Args:
        bodies: all objects of a workload, scalers too.
        nodes: how many nodes a pod for each of them runs on, for a DaemonSet has no number.
    """
    whole = tuple(bodies)
    most = dict(scaled for body in whole for scaled in _scaled(body))
    return tuple(_with_replicas(body, most, nodes) for body in whole)


def _scaled(body: Object) -> Iterator[tuple[tuple[str, str, str], int]]:
    """What a scaler scales, and the most replicas that it asks for."""
    field = MOST.get(_group_kind(body))
    if _group_kind(body) == TRAIN_JOB:
        reference, nodes = body["spec"]["runtimeRef"], (body["spec"].get("trainer") or {}).get("numNodes")
        if nodes is not None:
            yield (body["apiVersion"], reference.get("kind", ""), reference["name"]), nodes
    if field is not None:
        target = body["spec"]["scaleTargetRef"]
        version, kind = target.get("apiVersion", "apps/v1"), target.get("kind", "Deployment")
        yield (version, kind, target["name"]), body["spec"].get(field, KEDA_MOST)


def _with_replicas(body: Object, most: Mapping[tuple[str, str, str], int], nodes: int) -> Object:
    if _group_kind(body) == DAEMON_SET:
        return {**body, "spec": {**body["spec"], "replicas": nodes}}
    scaled = most.get((body["apiVersion"], body["kind"], body["metadata"]["name"]))
    if scaled is None:
        return body
    # A number of its own is where it starts from: both are reached.
    replicas = max(scaled, body["spec"].get("replicas", 0))
    return {**body, "spec": {**body["spec"], "replicas": replicas}}


def _group_kind(body: Object) -> tuple[str, str]:
    group, slash, _ = str(body["apiVersion"]).partition("/")
    return (group if slash else "", body["kind"])


def _at(body: Object, path: tuple[str | int, ...], pods: int, main: str = MAIN) -> Template:
    """The template whose ``spec`` lies at ``path``; its metadata lies beside it."""
    parent: Any = body
    for step in path[:-1]:
        parent = parent[step]
    return Template(path, parent[path[-1]], parent.get("metadata") or {}, pods, main)


def _pod(body: Object) -> Iterator[Template]:
    yield _at(body, ("spec",), 1)


def _deployment(body: Object) -> Iterator[Template]:
    """A rolling one runs ``replicas`` and its surge."""
    spec = body["spec"]
    replicas = spec.get("replicas", 1)
    pods = replicas + _surge(spec.get("strategy") or {}, replicas)
    yield _at(body, ("spec", "template", "spec"), pods)


def _surge(strategy: Mapping[str, Any], replicas: int) -> int:
    """Pods above ``replicas`` in a rollout; 25 % rounded up is what the server defaults."""
    if strategy.get("type") == "Recreate":
        return 0
    return _share((strategy.get("rollingUpdate") or {}).get("maxSurge", "25%"), replicas)


def _share(amount: int | str, replicas: int) -> int:
    """A number of pods, or a percentage of the replicas, rounded up."""
    if isinstance(amount, int):
        return amount
    return math.ceil(replicas * int(amount.removesuffix("%")) / 100)


def _daemon_set(body: Object) -> Iterator[Template]:
    """One on each node, as many as :func:`with_most_replicas` was told of; a surge pod comes before its predecessor goes."""
    spec = body["spec"]
    nodes = spec.get("replicas", 1)
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    pods = nodes + _surge({"rollingUpdate": {"maxSurge": 0, **rolling}}, nodes)
    yield _at(body, ("spec", "template", "spec"), pods)


def _replicated(body: Object) -> Iterator[Template]:
    yield _at(body, ("spec", "template", "spec"), body["spec"].get("replicas", 1))


def _job(body: Object) -> Iterator[Template]:
    """A Job runs ``parallelism``."""
    yield _at(body, ("spec", "template", "spec"), body["spec"].get("parallelism", 1))


def _groups(body: Object) -> Iterator[Template]:
    """A LeaderWorkerSet runs ``replicas`` groups and their surge: in each a leader, and workers up to its size.

    https://github.com/kubernetes-sigs/lws/blob/main/api/leaderworkerset/v1/leaderworkerset_types.go
    """
    spec = body["spec"]
    replicas, group = spec.get("replicas", 1), spec["leaderWorkerTemplate"]
    rolling = (spec.get("rolloutStrategy") or {}).get("rollingUpdateConfiguration") or {}
    groups, size = replicas + _share(rolling.get("maxSurge", 0), replicas), group.get("size", 1)
    leaders = groups if "leaderTemplate" in group else 0
    at = ("spec", "leaderWorkerTemplate")
    if leaders:
        yield _at(body, (*at, "leaderTemplate", "spec"), leaders)
    yield _at(body, (*at, "workerTemplate", "spec"), groups * size - leaders)


def _cron_job(body: Object) -> Iterator[Template]:
    """A CronJob runs its Job twice where one may begin while another still runs, or is only just ending."""
    spec = body["spec"]
    at_once = 1 if spec.get("concurrencyPolicy") == "Forbid" else 2
    pods = spec["jobTemplate"]["spec"].get("parallelism", 1) * at_once
    yield _at(body, ("spec", "jobTemplate", "spec", "template", "spec"), pods)


def _job_set(body: Object) -> Iterator[Template]:
    """Every Job of a JobSet, as often as it is replicated: those that depend on others may still overlap with them."""
    for index, each in enumerate(body["spec"].get("replicatedJobs") or ()):
        path = ("spec", "replicatedJobs", index, "template", "spec")
        pods = each.get("replicas", 1) * each["template"]["spec"].get("parallelism", 1)
        yield _at(body, (*path, "template", "spec"), pods)


def _training_runtime(body: Object) -> Iterator[Template]:
    """What a TrainJob of this runtime runs: its Jobs, the trainer's on as many nodes as are asked for.

    https://github.com/kubeflow/trainer/blob/master/pkg/runtime/framework/plugins (torch, mpi, plainml). ``replicas``
    is what :func:`with_most_replicas` found a TrainJob to ask for.
    """
    spec = body["spec"]
    policy = spec.get("mlPolicy") or {}
    trainers = policy.get("numNodes", 1)
    asked = max(spec.get("replicas", 0), trainers)
    mpi = policy.get("mpi")
    for index, each in enumerate(spec["template"]["spec"].get("replicatedJobs") or ()):
        path = ("spec", "template", "spec", "replicatedJobs", index, "template", "spec", "template", "spec")
        own = each["template"]["spec"].get("parallelism", 1)
        if ((each["template"].get("metadata") or {}).get("labels") or {}).get(ANCESTOR) == TRAINER:
            # With MPI the trainer is what launches: as many as the runtime says, not as the TrainJob asks for.
            yield _at(body, path, max(own, trainers if mpi else asked), NODE)
        elif mpi and each["name"] == NODE:
            yield _at(body, path, max(own, asked - 1 if mpi.get("runLauncherAsNode") else asked), NODE)
        else:
            yield _at(body, path, own * each.get("replicas", 1))


def _train_job(body: Object) -> Iterator[Template]:
    """Pods come from its runtime; resources of its own replace those of each node."""
    trainer = body["spec"].get("trainer") or {}
    if "resourcesPerNode" in trainer:
        container = {"name": MAIN, "resources": trainer["resourcesPerNode"], "env": trainer.get("env") or ()}
        yield Template(("spec", "trainer"), {"containers": [container]}, {}, trainer.get("numNodes", 1))


def _ray_cluster(body: Object) -> Iterator[Template]:
    yield from _ray(body, ("spec",), 1)


def _ray_job(body: Object) -> Iterator[Template]:
    """A cluster of its own, and a pod that submits to it where the operator does not."""
    if body["spec"].get("rayClusterSpec"):
        yield from _ray(body, ("spec", "rayClusterSpec"), 1)
    if body["spec"].get("submitterPodTemplate"):
        yield _at(body, ("spec", "submitterPodTemplate", "spec"), 1)


def _ray_service(body: Object) -> Iterator[Template]:
    """A change brings up a second cluster before the first one goes, unless that is forbidden."""
    upgrade = (body["spec"].get("upgradeStrategy") or {}).get("type")
    yield from _ray(body, ("spec", "rayClusterConfig"), 1 if upgrade == "None" else 2)


def _ray(body: Object, path: tuple[str, ...], clusters: int) -> Iterator[Template]:
    """The head, and the workers at their most; the first container is Ray's.

    https://github.com/ray-project/kuberay/blob/master/ray-operator/apis/ray/v1/raycluster_types.go
    """
    spec: Any = body
    for step in path:
        spec = spec[step]
    head = (*path, "headGroupSpec", "template", "spec")
    yield _of_ray(body, head, clusters)
    for index, group in enumerate(spec.get("workerGroupSpecs") or ()):
        most = max(group.get("replicas", 0), group.get("maxReplicas", MOST_WORKERS)) * group.get(
            "numOfHosts", 1
        )
        yield _of_ray(body, (*path, "workerGroupSpecs", index, "template", "spec"), most * clusters)


def _of_ray(body: Object, path: tuple[str | int, ...], pods: int) -> Template:
    template = _at(body, path, pods)
    return replace(template, main=template.spec["containers"][0]["name"])


MOST_WORKERS = 2**31 - 1
"""``maxReplicas`` where nothing is said."""

TRAIN_JOB = ("trainer.kubeflow.org", "TrainJob")
DAEMON_SET = ("apps", "DaemonSet")

WALKS: Mapping[tuple[str, str], Callable[[Object], Iterator[Template]]] = {
    ("", "Pod"): _pod,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _replicated,
    DAEMON_SET: _daemon_set,
    ("apps", "ReplicaSet"): _replicated,
    ("batch", "Job"): _job,
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): _groups,
    ("batch", "CronJob"): _cron_job,
    ("jobset.x-k8s.io", "JobSet"): _job_set,
    ("trainer.kubeflow.org", "TrainingRuntime"): _training_runtime,
    TRAIN_JOB: _train_job,
    ("ray.io", "RayCluster"): _ray_cluster,
    ("ray.io", "RayJob"): _ray_job,
    ("ray.io", "RayService"): _ray_service,
}
"""By group and kind, how the pods of an object are found."""

MOST: Mapping[tuple[str, str], str] = {
    ("autoscaling", "HorizontalPodAutoscaler"): "maxReplicas",
    ("keda.sh", "ScaledObject"): "maxReplicaCount",
}
"""By group and kind of what scales, the field with the most replicas."""

KEDA_MOST = 100
"""``maxReplicaCount`` where nothing is said (``defaultHPAMaxReplicas`` in apis/keda/v1alpha1/scaledobject_types.go)."""
