"""The pods of objects that are never written here, but may lie among raw manifests: Kubeflow's jobs, KServe, Spark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import Template, at
from yardarm_reconciler.model.surge import surge
from yardarm_reconciler.model.walks import MOST_WORKERS

KUBEFLOW_JOBS: Mapping[tuple[str, str], str] = {
    ("kubeflow.org", "JAXJob"): "jaxReplicaSpecs",
    ("kubeflow.org", "MPIJob"): "mpiReplicaSpecs",
    ("kubeflow.org", "PaddleJob"): "paddleReplicaSpecs",
    ("kubeflow.org", "PyTorchJob"): "pytorchReplicaSpecs",
    ("kubeflow.org", "TFJob"): "tfReplicaSpecs",
    ("kubeflow.org", "XGBoostJob"): "xgbReplicaSpecs",
}
"""By group and kind of the training operator before the Trainer, the field that has its roles."""

SERVERS = (
    "model",
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
    "art",
)
"""Fields of a component that are its main container, with some more fields.

https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1beta1/predictor.go (and explainer.go)
"""

SERVER, WORKER = "kserve-container", "worker-container"
MODE = "serving.kserve.io/deploymentMode"
BY_DEPLOYMENTS = frozenset({"Standard", "RawDeployment"})
"""Where Deployments run a component, a rollout has a surge; a new revision of Knative comes up whole beside the old one."""

SPARK_EXECUTORS = 2
"""``spark.executor.instances`` where nothing is said (DEFAULT_NUMBER_EXECUTORS in SchedulerBackendUtils.scala)."""

SPARK_MEMORY, LEAST_OVERHEAD_MEBIBYTES = "1g", 384
PAST_THE_FIELDS = re.compile(r"spark\.(?:kubernetes|dynamicAllocation|driver|executor)\.")
"""Settings by which pods get images, volumes, devices or companions that no field of the object tells of."""


def kubeflow_job(body: Object) -> Iterator[Template]:
    """Every role as often as it is replicated; elastic workers at their most.

    https://github.com/kubeflow/training-operator/blob/release-1.9/pkg/apis/kubeflow.org/v1/common_types.go
    """
    spec = body["spec"]
    field = KUBEFLOW_JOBS[body["apiVersion"].partition("/")[0], body["kind"]]
    elastic = (spec.get("elasticPolicy") or {}).get("maxReplicas", 0)
    for role, each in (spec.get(field) or {}).items():
        pods = max(each.get("replicas", 1), elastic if role == "Worker" else 0)
        yield at(body, ("spec", field, role, "template", "spec"), pods)


def inference_service(body: Object) -> Iterator[Template]:
    """Each component at its most, with what a change brings up beside it; what a ServingRuntime adds is its author's.

    https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1beta1/component.go
    """
    mode = (body["metadata"].get("annotations") or {}).get(MODE)
    for component in ("predictor", "transformer", "explainer"):
        spec = body["spec"].get(component)
        if not spec:
            continue
        path, pods = ("spec", component), _servers(spec, by_deployments=mode in BY_DEPLOYMENTS)
        servers = [{"name": SERVER, **spec[kind]} for kind in SERVERS if kind in spec]
        containers = [*servers, *(spec.get("containers") or ())] or [{"name": SERVER}]
        yield replace(_component(path, spec, containers, pods), labels_at=(*path, "labels"))
        worker = spec.get("workerSpec")
        if worker:
            nodes = max(2, worker.get("pipelineParallelSize", 2))
            containers = worker.get("containers") or [{"name": WORKER}]
            yield _component((*path, "workerSpec"), worker, containers, pods * (nodes - 1))


def _component(path: tuple[str, ...], spec: Object, containers: list[Object], pods: int) -> Template:
    """A pod whose fields lie among those of its component; one that only its runtime describes has no limit."""
    said = {key: spec.get(key) for key in ("labels", "annotations")}
    return Template(path, {**spec, "containers": containers}, said, pods, containers[0]["name"])


def _servers(component: Object, *, by_deployments: bool) -> int:
    """Pods of a component: without a bound Knative has none, and Deployments stay at the least.

    https://github.com/kserve/kserve/blob/master/pkg/controller/v1beta1/inferenceservice/reconcilers/hpa
    """
    least, most = component.get("minReplicas", 1), component.get("maxReplicas", 0)
    if by_deployments:
        replicas: int = max(least, most, 1)
        return replicas + surge(component.get("deploymentStrategy") or {}, replicas)
    return max(least, most) * 2 if most else MOST_WORKERS


def spark_application(body: Object) -> Iterator[Template]:
    """The driver, and the executors at their most."""
    yield from _spark(body["spec"], ("spec",), 1)


def scheduled_spark_application(body: Object) -> Iterator[Template]:
    """A schedule whose runs may overlap, or replace one another, runs two of them."""
    at_once = 1 if body["spec"].get("concurrencyPolicy") == "Forbid" else 2
    yield from _spark(body["spec"]["template"], ("spec", "template"), at_once)


def spark_settings(body: Object) -> str:
    """Where an application sets past its fields what its pods are, or an empty text."""
    inner = "spec.template" if "template" in body["spec"] else "spec"
    settings = (body["spec"].get("template") or body["spec"]).get("sparkConf")
    found = (each for each in sorted(map(str, settings or ())) if PAST_THE_FIELDS.match(each))
    return next((f'{inner}.sparkConf["{each}"]' for each in found), "")


def _spark(spec: Object, path: tuple[str, ...], at_once: int) -> Iterator[Template]:
    """https://github.com/kubeflow/spark-operator/blob/master/api/v1beta2/sparkapplication_types.go."""
    scaling = spec.get("dynamicAllocation") or {}
    scaled = scaling.get("maxExecutors", MOST_WORKERS) if scaling.get("enabled") else 0
    executors = max(spec["executor"].get("instances", SPARK_EXECUTORS), scaled)
    for part, pods in (("driver", 1), ("executor", executors)):
        here, name = (*path, part), f"spark-kubernetes-{part}"
        pod = _spark_pod(spec, spec[part], name)
        said = {key: spec[part].get(key) for key in ("labels", "annotations")}
        yield Template(here, pod, said, pods * at_once, name, (*here, "labels"))


def _spark_pod(spec: Object, part: Object, name: str) -> Object:
    """The pod that Spark makes of what is said of it."""
    under = (part.get("template") or {}).get("spec") or {}
    gpu = part.get("gpu")
    limits = {"memory": _spark_memory(spec, part), **({gpu["name"]: gpu["quantity"]} if gpu else {})}
    main = {
        **{field: part.get(field) for field in ("env", "ports", "lifecycle", "securityContext")},
        "name": name,
        "image": part.get("image") or spec.get("image"),
        "resources": {"limits": limits},
    }
    whole = {
        "securityContext": part.get("podSecurityContext"),
        "hostNetwork": part.get("hostNetwork"),
        "affinity": part.get("affinity"),
        "tolerations": part.get("tolerations"),
        "nodeSelector": {**(spec.get("nodeSelector") or {}), **(part.get("nodeSelector") or {})},
    }
    return {
        **under,
        **{field: value for field, value in whole.items() if value},
        "containers": [main, *(part.get("sidecars") or ()), *(under.get("containers") or ())],
        "initContainers": [*(part.get("initContainers") or ()), *(under.get("initContainers") or ())],
        "volumes": [*(spec.get("volumes") or ()), *(under.get("volumes") or ())],
    }


def _spark_memory(spec: Object, part: Object) -> str:
    """The limit that Spark gives to a pod: what is asked for, and what lies outside of the Java machine.

    https://spark.apache.org/docs/latest/running-on-kubernetes.html (spark.kubernetes.memoryOverheadFactor)
    """
    asked = _mebibytes(part.get("memory") or SPARK_MEMORY)
    usual = 0.4 if spec.get("type") in ("Python", "R") else 0.1
    overhead = max(LEAST_OVERHEAD_MEBIBYTES, int(asked * float(spec.get("memoryOverheadFactor") or usual)))
    said: Any = part.get("memoryOverhead")
    return f"{asked + (_mebibytes(said) if said else overhead)}Mi"


def _mebibytes(size: str) -> int:
    """A size as Java writes it: ``512m``, ``4g``, and mebibytes where there is no unit.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"(\d+)(?:([kmgtp])(?:i?b?)?)?", str(size).strip().lower())
    if found is None:
        message = "no size"
        raise ValueError(message)
    return int(int(found[1]) * 1024.0 ** ("kmgtp".index(found[2] or "m") - 1))
