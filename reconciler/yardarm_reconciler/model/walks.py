"""The pods of other projects' objects: JobSet, Kubeflow's Trainer, KubeRay, Argo Workflows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

import orjson

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import MAIN, Template, at

Inside: TypeAlias = Callable[[Object], tuple[Template, ...]]

NODE, TRAINER, ANCESTOR = "node", "trainer", "trainer.kubeflow.org/trainjob-ancestor-step"
"""Kubeflow's Trainer calls that container ``node``, and tells by this label the Job that its numbers are for.

https://github.com/kubeflow/trainer/blob/master/pkg/constants/constants.go
"""

MOST_WORKERS = 2**31 - 1
"""``maxReplicas`` where nothing is said."""

ARGO_LOOPS = {"withItems", "withParam", "withSequence"}
"""Fields by which a task runs more than once."""


def job_set(body: Object) -> Iterator[Template]:
    """Every Job of a JobSet, as often as it is replicated: those that depend on others may still overlap with them."""
    for index, each in enumerate(body["spec"].get("replicatedJobs") or ()):
        path = ("spec", "replicatedJobs", index, "template", "spec")
        pods = each.get("replicas", 1) * each["template"]["spec"].get("parallelism", 1)
        yield at(body, (*path, "template", "spec"), pods)


def training_runtime(body: Object) -> Iterator[Template]:
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
            yield at(body, path, max(own, trainers if mpi else asked), NODE)
        elif mpi and each["name"] == NODE:
            yield at(body, path, max(own, asked - 1 if mpi.get("runLauncherAsNode") else asked), NODE)
        else:
            yield at(body, path, own * each.get("replicas", 1))


def train_job(body: Object) -> Iterator[Template]:
    """Pods come from its runtime; resources of its own replace those of each node."""
    trainer = body["spec"].get("trainer") or {}
    if "resourcesPerNode" in trainer:
        container = {"name": MAIN, "resources": trainer["resourcesPerNode"], "env": trainer.get("env") or ()}
        yield Template(("spec", "trainer"), {"containers": [container]}, {}, trainer.get("numNodes", 1))


def ray_cluster(body: Object) -> Iterator[Template]:
    """A cluster that others use."""
    yield from _ray(body, ("spec",), 1)


def ray_job(body: Object) -> Iterator[Template]:
    """A cluster of its own, and a pod that submits to it where the operator does not."""
    if body["spec"].get("rayClusterSpec"):
        yield from _ray(body, ("spec", "rayClusterSpec"), 1)
    if body["spec"].get("submitterPodTemplate"):
        yield at(body, ("spec", "submitterPodTemplate", "spec"), 1)


def ray_service(body: Object) -> Iterator[Template]:
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


def workflow(body: Object, inside: Inside) -> Iterator[Template]:
    """Pods of all templates of a workflow; ``inside`` gives those of an object that a template makes."""
    yield from _of_argo(body, inside, ("spec",), 1)


def cron_workflow(body: Object, inside: Inside) -> Iterator[Template]:
    """A schedule whose workflows may overlap runs two of them."""
    at_once = 1 if body["spec"].get("concurrencyPolicy") == "Forbid" else 2
    yield from _of_argo(body, inside, ("spec", "workflowSpec"), at_once)


def _of_argo(body: Object, inside: Inside, path: tuple[str, ...], workflows: int) -> Iterator[Template]:
    """Pods of all templates of a workflow: each as often as it is used, or as many as may run in parallel.

    What one of them makes by itself, an object of its own, is looked into. Which wait for which is not looked at.
    https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1/workflow_types.go
    """
    spec: Any = body
    for step in path:
        spec = spec[step]
    templates_ = spec.get("templates") or ()
    used = Counter(task.get("template") for each in templates_ for task in _tasks(each))
    repeated = any(ARGO_LOOPS & task.keys() for each in templates_ for task in _tasks(each))
    for index, each in enumerate(templates_):
        most = spec.get("parallelism") or (MOST_WORKERS if repeated else max(1, used[each["name"]]))
        here: tuple[str | int, ...] = (*path, "templates", index)
        if "resource" in each:
            for made in _made(each, inside):
                inner = (*here, "resource", "manifest")
                labels = (*inner, *made.labels_at) if made.labels_at else ()
                pods = made.pods * most * workflows
                yield replace(made, path=(*inner, *made.path), labels_at=labels, pods=pods)
        kind = next((kind for kind in ("container", "script") if kind in each), "containerSet")
        containers = [each[kind]] if kind in each and kind != "containerSet" else []
        containers += (each.get("containerSet") or {}).get("containers") or ()
        if containers:
            named = [{"name": MAIN, **container} for container in containers]
            beside = [*(each.get("initContainers") or ()), *(each.get("sidecars") or ())]
            pod = {**each, "containers": named, "initContainers": beside}
            labels = (*here, "metadata", "labels")
            yield Template((*here, kind), pod, each.get("metadata") or {}, most * workflows, labels_at=labels)


def _tasks(template: Object) -> list[Object]:
    """What a template lets run: the tasks of its graph, or its steps, which are lists side by side."""
    steps = [task for group in template.get("steps") or () for task in group]
    return [*((template.get("dag") or {}).get("tasks") or ()), *steps]


def _made(template: Object, inside: Inside) -> tuple[Template, ...]:
    """Pods of the object that a template makes; one that cannot be read is a pod without limits, so that it is refused."""
    try:
        body = orjson.loads(template["resource"].get("manifest") or "")
    except orjson.JSONDecodeError:
        unread = {"containers": [{"name": f"manifest of {template['name']}, which is not JSON"}]}
        return (Template((), unread, {}, 1),)
    return inside(body)


def _of_ray(body: Object, path: tuple[str | int, ...], pods: int) -> Template:
    template = at(body, path, pods)
    return replace(template, main=template.spec["containers"][0]["name"])
