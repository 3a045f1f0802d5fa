"""An InferenceService of KServe as the Deployment that it stands for, with what is said of its model.

What KServe adds by itself, from its runtimes above all, stands in no manifest: it is compared with nothing, and that is told.
https://kserve.github.io/website/docs/reference/crd-api
"""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.fits import fits as takes
from yardarm_reconciler.importing.grouping import Group, Json
from yardarm_reconciler.importing.meaning import resource
from yardarm_reconciler.model.imported import Note

KIND = "InferenceService.serving.kserve.io"
UNSERVED = "no runtime of the catalogue is known to serve it; a ModelService with runtime: custom can"

SERVERS = {
    "huggingface": "vllm",
    "lightgbm": "mlserver",
    "mlflow": "mlserver",
    "onnx": "triton",
    "openvino_ir": "openvino",
    "sklearn": "mlserver",
    "tensorflow": "tfserving",
    "tensorrt": "triton",
    "triton": "triton",
    "vllm": "vllm",
    "xgboost": "mlserver",
}
"""Formats of models by the runtime of the catalogue that serves them."""

_OF_MODEL = frozenset(
    {"modelFormat", "runtime", "runtimeVersion", "protocolVersion", "storageUri", "storage"}
)
_OF_PREDICTOR = frozenset(
    {
        "annotations",
        "autoScaling",
        "batcher",
        "canaryTrafficPercent",
        "containerConcurrency",
        "deploymentStrategy",
        "labels",
        "logger",
        "maxReplicas",
        "minReplicas",
        "model",
        "scaleMetric",
        "scaleMetricType",
        "scaleTarget",
        "timeout",
        "workerSpec",
        *SERVERS,
    }
)
"""Fields of a predictor that are none of a pod's."""

_UNSAID = (
    "autoScaling",
    "batcher",
    "canaryTrafficPercent",
    "containerConcurrency",
    "logger",
    "scaleMetricType",
    "timeout",
    "workerSpec",
)
_FETCHED_BY_ITSELF = {("vllm", "hf")}
_OF_KSERVE = "serving.kserve.io/"


def is_served(body: Json) -> bool:
    """Whether a spec can be made of it: the runtime of its model is one of the catalogue, or it brings a program."""
    predictor = (body.get("spec") or {}).get("predictor") or {}
    return bool(predictor.get("containers")) or server(body) != ""


def model_of(body: Json) -> Json | None:
    """What is said of a model, in the one form that new manifests have; None for a program of its own."""
    predictor = (body.get("spec") or {}).get("predictor") or {}
    old = next((key for key in SERVERS if isinstance(predictor.get(key), dict)), None)
    model: Json | None = (
        predictor.get("model") if old is None else {"modelFormat": {"name": old}, **predictor[old]}
    )
    return None if predictor.get("containers") and model is None else model or {}


def server(body: Json) -> str:
    """The runtime of the catalogue that serves it, or nothing."""
    model = model_of(body) or {}
    asked = str(model.get("runtime", ""))
    named = next((each for each in ("triton", "vllm", "mlserver") if each in asked), "")
    return named or SERVERS.get(str((model.get("modelFormat") or {}).get("name", "")).lower(), "")


def as_deployment(group: Group) -> tuple[Group, tuple[Note, ...]]:
    """The Deployment and the autoscaler that it stands for, and what has no counterpart."""
    body = group.controller
    predictor = body["spec"]["predictor"]
    model, meta = model_of(body), body["metadata"]
    pod = {key: value for key, value in predictor.items() if key not in _OF_PREDICTOR}
    if model is not None:
        container = {key: value for key, value in model.items() if key not in _OF_MODEL}
        pod["containers"] = [{**container, "name": "kserve-container"}]
    kept = {
        key: value for key, value in (meta.get("annotations") or {}).items() if not key.startswith(_OF_KSERVE)
    }
    template = {
        "metadata": {"labels": predictor.get("labels"), "annotations": predictor.get("annotations")},
        "spec": pod,
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {**meta, "annotations": kept},
        "spec": {
            "replicas": max(1, predictor.get("minReplicas", 1)),
            "template": template,
            **({"strategy": predictor["deploymentStrategy"]} if "deploymentStrategy" in predictor else {}),
        },
    }
    return Group(deployment, autoscaler=_autoscaler(predictor, meta)), tuple(_lost(body, predictor, model))


def _autoscaler(predictor: Json, meta: Json) -> Json | None:
    least, most = max(1, predictor.get("minReplicas", 1)), predictor.get("maxReplicas", 0)
    metric = predictor.get("scaleMetric", "cpu")
    if most <= least or metric not in ("cpu", "memory"):
        return None
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {key: meta[key] for key in ("name", "namespace") if key in meta},
        "spec": {
            "minReplicas": least,
            "maxReplicas": most,
            "metrics": [resource(metric, predictor.get("scaleTarget", 80))],
        },
    }


def _lost(body: Json, predictor: Json, model: Json | None) -> Iterator[Note]:
    where, name = f"InferenceService/{body['metadata']['name']}", body["metadata"]["name"]
    yield Note(where, "", f"clients know it as {name}-predictor on port 80, or by a route that KServe makes")
    if model is not None:
        yield from _of_model(where, model, server(body))
    for part in ("transformer", "explainer"):
        if part in body["spec"]:
            yield Note(where, f"spec.{part}", "it is a workload of its own")
    for field in _UNSAID:
        if field in predictor:
            yield Note(where, f"spec.predictor.{field}", "no field says it", str(predictor[field])[:60])
    if predictor.get("minReplicas") == 0:
        yield Note(where, "spec.predictor.minReplicas", "to rest without requests it needs scaling.min: 0")
    if predictor.get("scaleMetric", "cpu") not in ("cpu", "memory"):
        yield Note(where, "spec.predictor.scaleMetric", "scaling.metric says it, where Prometheus is known")


def _of_model(where: str, model: Json, runtime: str) -> Iterator[Note]:
    why = "what KServe takes from its runtimes (image, API, probes) is in no manifest: it was compared with nothing"
    yield Note(where, "spec.predictor.model", why)
    for field in ("protocolVersion", "runtimeVersion"):
        if field in model:
            why = f"the runtime {runtime} of the catalogue has its own"
            yield Note(where, f"spec.predictor.model.{field}", why, str(model[field]))
    if "storage" in model:
        yield Note(where, "spec.predictor.model.storage", "model.uri and model.credentials say it")


def model_fields(body: Json, args: list[str], lost: list[Note]) -> Json:
    """Runtime, model and arguments of a ModelService."""
    model, where, runtime = model_of(body) or {}, f"InferenceService/{body['metadata']['name']}", server(body)
    found = arguments(args, where, lost)
    named = found.pop("model_name", None)
    uri = model.get("storageUri") or (f"hf://{found.pop('model_id')}" if "model_id" in found else None)
    said: Json = {"runtime": runtime}
    if uri is not None and takes(fits.URI, uri):
        scheme = str(uri).partition("://")[0]
        by_itself = scheme == "pvc" or (runtime, scheme) in _FETCHED_BY_ITSELF
        said["model"] = {
            "uri": uri,
            **({"name": named} if named else {}),
            **({} if by_itself else {"cache": "none"}),
        }
    elif uri is not None:
        lost.append(Note(where, "spec.predictor.model.storageUri", "a model comes from no such place"))
    return {**said, **({"args": found} if found else {})}


def arguments(args: list[str], where: str, lost: list[Note]) -> Json:
    """Arguments by name; those without one are told."""
    found: Json = {}
    name = ""
    for each in args:
        if each.startswith("--"):
            name, equals, value = each[2:].partition("=")
            if not takes(fits.ARGUMENT, name) or name in found:
                lost.append(
                    Note(where, "spec.predictor.model.args", "an argument has no name, or is there twice")
                )
                name = ""
            else:
                found[name] = value if equals else True
                name = "" if equals else name
        elif name:
            found[name], name = each, ""
        else:
            lost.append(Note(where, "spec.predictor.model.args", "an argument has no name", each[:60]))
    return found
