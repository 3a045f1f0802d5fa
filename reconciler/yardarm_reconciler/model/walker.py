"""The pods that an object makes, whatever its kind: their templates, and how many run of each at one time.

Read from the manifest alone, so that limits, security and budgets hold for what is applied and not for what was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from yardarm_reconciler.model import argo, operators, walks
from yardarm_reconciler.model.declared import NOTHING, Declared, counted
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.pod_template import Template, at
from yardarm_reconciler.model.surge import share, surge

MALFORMED = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What a walk raises where an object has not the shape of its kind."""


def templates(body: Object, declared: Declared) -> tuple[Template, ...]:
    """All pod templates of an object; none where its kind makes no pods that we know, or the environment declared."""
    walk = WALKS.get(_group_kind(body))
    if walk is not None:
        return tuple(walk(body))
    known = declared.get(_named(body))
    return tuple(counted(body, known)) if known is not None else ()


def unaccounted(body: Object, declared: Declared) -> str:
    """Where an object has containers that are in none of its known pods, or settings that make some; else empty."""
    kind = _group_kind(body)
    if kind in SPARK and (setting := operators.spark_settings(body)):
        return setting
    if kind not in WALKS and (said := declared.get(_named(body))) is not None and not said.pods:
        return ""
    known = {template.path for template in templates(body, declared)}
    elsewhere = ELSEWHERE.get(kind, frozenset())
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), body)]
    while waiting:
        path, value = waiting.pop()
        if path in known:
            continue
        if isinstance(value, Mapping):
            if isinstance(value.get("containers"), list) and value["containers"]:
                return _written((*path, "containers"))
            if others := elsewhere & value.keys():
                return _written((*path, min(others)))
            waiting += [((*path, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), each) for index, each in enumerate(value)]
    return _unaccounted_inside(body) if kind in (WORKFLOW, CRON_WORKFLOW) else ""


def _made_by_workflow(body: Object) -> tuple[Template, ...]:
    """The same of an object that a workflow makes; what the environment says is of what a workload applies itself."""
    return templates(body, NOTHING)


def _unaccounted_inside(body: Object) -> str:
    """The same of what a workflow makes."""
    for path, item in argo.made(body):
        if inside := unaccounted(item, NOTHING):
            return f"{_written(path)}: {inside}"
    return ""


def _written(path: tuple[str | int, ...]) -> str:
    """``spec.jobs[0].containers``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".")


def is_known(kind: str) -> bool:
    """Whether the pods of a kind, ``Kind.group``, are known without anybody's word."""
    name, _, group = kind.partition(".")
    return (group, name) in WALKS


def makes_pods(body: Object, declared: Declared) -> bool:
    """Whether an object's kind makes pods."""
    said = declared.get(_named(body))
    return _group_kind(body) in WALKS or (said is not None and bool(said.pods))


def with_most_replicas(bodies: Iterable[Object], nodes: int) -> tuple[Object, ...]:
    """These objects with the replicas that they may come to: of what is scaled the most that its scaler asks for.

    Args:
        bodies: all objects of a workload, scalers too.
        nodes: how many nodes a pod for each of them runs on, for a DaemonSet has no number.
    """
    whole = tuple(bodies)
    most: dict[tuple[str, str, str], int] = {}
    for target, replicas in (scaled for body in whole for scaled in _scaled(body)):
        most[target] = max(replicas, most.get(target, 0))
    return tuple(_with_replicas(body, most, nodes) for body in whole)


def _scaled(body: Object) -> Iterator[tuple[tuple[str, str, str], int]]:
    """What a scaler scales, and the most replicas that it asks for.

    The version that it names does not matter: the autoscaler finds its target by group and kind
    (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/podautoscaler/horizontal.go, RESTMappings).
    """
    field = MOST.get(_group_kind(body))
    if _group_kind(body) == TRAIN_JOB:
        reference, nodes = body["spec"]["runtimeRef"], (body["spec"].get("trainer") or {}).get("numNodes")
        if nodes is not None:
            yield (_group(body["apiVersion"]), reference.get("kind", ""), reference["name"]), nodes
    if field is not None:
        target = body["spec"]["scaleTargetRef"]
        group, kind = _group(target.get("apiVersion", "apps/v1")), target.get("kind", "Deployment")
        yield (group, kind, target["name"]), body["spec"].get(field, KEDA_MOST)


def _with_replicas(body: Object, most: Mapping[tuple[str, str, str], int], nodes: int) -> Object:
    if _group_kind(body) == DAEMON_SET:
        return {**body, "spec": {**body["spec"], "replicas": nodes}}
    scaled = most.get((*_group_kind(body), body["metadata"]["name"]))
    if scaled is None:
        return body
    # A number of its own is where it starts from: both are reached.
    replicas = max(scaled, body["spec"].get("replicas", 0))
    return {**body, "spec": {**body["spec"], "replicas": replicas}}


def _named(body: Object) -> str:
    """``Kind.group``."""
    group, kind = _group_kind(body)
    return f"{kind}.{group}"


def _group_kind(body: Object) -> tuple[str, str]:
    return (_group(body["apiVersion"]), body["kind"])


def _group(version: object) -> str:
    group, slash, _ = str(version).partition("/")
    return group if slash else ""


def _pod(body: Object) -> Iterator[Template]:
    yield at(body, ("spec",), 1)


def _deployment(body: Object) -> Iterator[Template]:
    """A rolling one runs ``replicas`` and its surge."""
    spec = body["spec"]
    replicas = spec.get("replicas", 1)
    pods = replicas + surge(spec.get("strategy") or {}, replicas)
    yield at(body, ("spec", "template", "spec"), pods)


def _daemon_set(body: Object) -> Iterator[Template]:
    """One on each node, as many as :func:`with_most_replicas` was told of; a surge pod comes before its predecessor goes."""
    spec = body["spec"]
    nodes = spec.get("replicas", 1)
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    pods = nodes + surge({"rollingUpdate": {"maxSurge": 0, **rolling}}, nodes)
    yield at(body, ("spec", "template", "spec"), pods)


def _replicated(body: Object) -> Iterator[Template]:
    yield at(body, ("spec", "template", "spec"), body["spec"].get("replicas", 1))


def _job(body: Object) -> Iterator[Template]:
    """A Job runs ``parallelism``."""
    yield at(body, ("spec", "template", "spec"), body["spec"].get("parallelism", 1))


def _groups(body: Object) -> Iterator[Template]:
    """A LeaderWorkerSet runs ``replicas`` groups and their surge: in each a leader, and workers up to its size.

    https://github.com/kubernetes-sigs/lws/blob/main/api/leaderworkerset/v1/leaderworkerset_types.go
    """
    spec = body["spec"]
    replicas, group = spec.get("replicas", 1), spec["leaderWorkerTemplate"]
    rolling = (spec.get("rolloutStrategy") or {}).get("rollingUpdateConfiguration") or {}
    groups, size = replicas + share(rolling.get("maxSurge", 0), replicas), group.get("size", 1)
    leaders = groups if "leaderTemplate" in group else 0
    here = ("spec", "leaderWorkerTemplate")
    if leaders:
        yield at(body, (*here, "leaderTemplate", "spec"), leaders)
    yield at(body, (*here, "workerTemplate", "spec"), groups * size - leaders)


def _cron_job(body: Object) -> Iterator[Template]:
    """A CronJob runs its Job twice where one may begin while another still runs, or is only just ending."""
    spec = body["spec"]
    at_once = 1 if spec.get("concurrencyPolicy") == "Forbid" else 2
    pods = spec["jobTemplate"]["spec"].get("parallelism", 1) * at_once
    yield at(body, ("spec", "jobTemplate", "spec", "template", "spec"), pods)


SPARK = frozenset(
    {("sparkoperator.k8s.io", "SparkApplication"), ("sparkoperator.k8s.io", "ScheduledSparkApplication")}
)
WORKFLOW, CRON_WORKFLOW = ("argoproj.io", "Workflow"), ("argoproj.io", "CronWorkflow")
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
    ("jobset.x-k8s.io", "JobSet"): walks.job_set,
    ("trainer.kubeflow.org", "TrainingRuntime"): walks.training_runtime,
    TRAIN_JOB: walks.train_job,
    ("ray.io", "RayCluster"): walks.ray_cluster,
    ("ray.io", "RayJob"): walks.ray_job,
    ("ray.io", "RayService"): walks.ray_service,
    WORKFLOW: lambda body: argo.workflow(body, _made_by_workflow),
    CRON_WORKFLOW: lambda body: argo.cron_workflow(body, _made_by_workflow),
    **dict.fromkeys(operators.KUBEFLOW_JOBS, operators.kubeflow_job),
    ("serving.kserve.io", "InferenceService"): operators.inference_service,
    ("sparkoperator.k8s.io", "SparkApplication"): operators.spark_application,
    ("sparkoperator.k8s.io", "ScheduledSparkApplication"): operators.scheduled_spark_application,
}
"""By group and kind, how the pods of an object are found."""

ELSEWHERE: Mapping[tuple[str, str], frozenset[str]] = {
    WORKFLOW: argo.ELSEWHERE,
    CRON_WORKFLOW: argo.ELSEWHERE,
    TRAIN_JOB: walks.PAST_THE_RUNTIME,
}
"""By group and kind, fields that bring pods which nobody here can see; a person may write them, we never do."""

MOST: Mapping[tuple[str, str], str] = {
    ("autoscaling", "HorizontalPodAutoscaler"): "maxReplicas",
    ("keda.sh", "ScaledObject"): "maxReplicaCount",
}
"""By group and kind of what scales, the field with the most replicas."""

KEDA_MOST = 100
"""``maxReplicaCount`` where nothing is said (``defaultHPAMaxReplicas`` in apis/keda/v1alpha1/scaledobject_types.go)."""
