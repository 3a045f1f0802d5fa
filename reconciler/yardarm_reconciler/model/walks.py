"""The pods of other projects' objects: JobSet, Kubeflow's Trainer, KubeRay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import MAIN, Template, at

NODE, TRAINER, ANCESTOR = "node", "trainer", "trainer.kubeflow.org/trainjob-ancestor-step"
"""Kubeflow's Trainer calls that container ``node``, and tells by this label the Job that its numbers are for.

https://github.com/kubeflow/trainer/blob/master/pkg/constants/constants.go
"""

MOST_WORKERS = 2**31 - 1
"""``maxReplicas`` where nothing is said."""


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


PAST_THE_RUNTIME = frozenset({"image", "podSpecOverrides", "podTemplateOverrides", "runtimePatches"})
"""Fields of a TrainJob by which its pods become others than those of its runtime, which was looked at."""


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
    head = _of_ray(body, (*path, "headGroupSpec", "template", "spec"), clusters)
    if spec.get("enableInTreeAutoscaling"):
        beside = {**AUTOSCALER, **(spec.get("autoscalerOptions") or {})}
        head = replace(head, spec={**head.spec, "containers": [*head.spec["containers"], beside]})
    yield head
    for index, group in enumerate(spec.get("workerGroupSpecs") or ()):
        most = max(group.get("replicas", 0), group.get("maxReplicas", MOST_WORKERS)) * group.get(
            "numOfHosts", 1
        )
        yield _of_ray(body, (*path, "workerGroupSpecs", index, "template", "spec"), most * clusters)


AUTOSCALER = {"name": "autoscaler", "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}}}
"""What KubeRay puts beside the head, by default as large as this, and else as ``autoscalerOptions`` say.

https://github.com/ray-project/kuberay/blob/master/ray-operator/controllers/ray/common/pod.go (BuildAutoscalerContainer)
"""


def _of_ray(body: Object, path: tuple[str | int, ...], pods: int) -> Template:
    template = at(body, path, pods)
    return replace(template, main=template.spec["containers"][0]["name"])
