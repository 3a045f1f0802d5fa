"""What a scaler looks at: one entry of ``scaling``, as Kubernetes and as KEDA write it.

KEDA's triggers, whose values are all texts: https://keda.sh/docs/latest/scalers/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, cast, get_args

from yardarm_reconciler.expand import sources
from yardarm_reconciler.expand.container import MAIN
from yardarm_reconciler.model.manifest import Key, Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated
from yardarm_schema.scaling import (
    CronTrigger,
    EngineMetric,
    Goal,
    Hours,
    MetricTarget,
    PodMetric,
    Query,
    Scaling,
)
from yardarm_schema.stream_processor import StreamProcessor

TARGET_UNIT = Code(
    "scaling/target-unit",
    title="The target is in another unit than the metric",
    why="CPU, memory and cache are shares of what a replica has; everything else is counted.",
    bad="scaling: {max: 4, metric: cpu, target: 70}",
    good="scaling: {max: 4, metric: cpu, target: 70%}",
)
UNKNOWN_METRIC = Code(
    "scaling/unknown-metric",
    title="Nothing tells this metric of the workload",
    why="A scaler that reads nothing never scales. Waiting items are told by a source, queues and caches by a runtime.",
    bad="kind: Service, scaling: {max: 4, metric: lag, target: 100}",
    good="kind: Service, scaling: {max: 4, metric: {query: sum(jobs_waiting)}, target: 100}",
)
NO_PROMETHEUS = Code(
    "scaling/no-prometheus",
    title="This environment does not say where its Prometheus is",
    why="Environment.metrics names it; a scaler has to ask it.",
    bad="scaling: {max: 4, metric: {query: sum(jobs_waiting)}, target: 100} where metrics are not set",
    good='metrics: {prometheus: "http://prometheus.monitoring:9090"}',
)
NO_REQUEST = Code(
    "scaling/no-request",
    title="The share of something that is not reserved",
    why="An autoscaler measures CPU as a share of what the container requests; without a request it never scales.",
    bad="resources: {memory: 1Gi}, scaling: {max: 4, metric: cpu, target: 70%}",
    good="resources: {cpu: 500m, memory: 1Gi}, scaling: {max: 4, metric: cpu, target: 70%}",
)

Trigger: TypeAlias = MetricTarget | CronTrigger

POD_NAMES = {
    "Deployment": "[a-z0-9]+-[a-z0-9]{5}",
    "StatefulSet": "[0-9]+",
    "LeaderWorkerSet": "[0-9]+",
}
"""What follows the name of a controller in the names of its pods; of a LeaderWorkerSet's in those of leaders."""

RATE_WINDOW = "2m"
"""Four scrapes at Prometheus' usual 30 s, so that one that is missing does not look like silence."""

SHARES = frozenset({"cpu", "memory", "kvCache"})
"""Metrics that are a share of what each replica has."""


def placed(scaling: Scaling) -> Iterator[tuple[str, Trigger]]:
    """All triggers, each with the field that it is written in."""
    for index, trigger in enumerate(scaling.triggers):
        inside = "" if scaling.metrics is None else f".metrics[{index}]"
        yield f"spec.scaling{inside}.{'cron' if isinstance(trigger, CronTrigger) else 'metric'}", trigger


def named(trigger: Trigger) -> str:
    """What a trigger is called in a sentence."""
    if isinstance(trigger, CronTrigger):
        return "cron"
    return "a query" if isinstance(trigger.metric, Query) else f"metric {trigger.metric}"


def is_of_pods(trigger: Trigger) -> bool:
    """Whether Kubernetes itself measures it."""
    return isinstance(trigger, MetricTarget) and trigger.metric in get_args(PodMetric)


def is_asked_of_prometheus(trigger: Trigger) -> bool:
    """Whether the answer comes from Prometheus: to a query, or by what a runtime tells."""
    return isinstance(trigger, MetricTarget) and (
        isinstance(trigger.metric, Query) or trigger.metric in get_args(EngineMetric)
    )


def is_outside(trigger: Trigger) -> bool:
    """Whether it can tell that there is work while no pod runs. A query is taken at its author's word."""
    return isinstance(trigger, CronTrigger) or isinstance(trigger.metric, Query) or trigger.metric == "lag"


def check(workload: Resolved[Replicated], field: str, trigger: Trigger) -> Iterator[Diagnostic]:
    """What is wrong with one trigger."""
    if isinstance(trigger, CronTrigger):
        return
    metric, target = trigger.metric, trigger.target
    if target.share is not (metric in SHARES):
        unit = "a share, such as 70%" if metric in SHARES else "a number, such as 100"
        yield TARGET_UNIT.at(
            workload.origin(f"{field.removesuffix('metric')}target"),
            f"{named(trigger)} is measured against {unit}, not {target}",
            fix=_as_share(target) if metric in SHARES else "",
            field=f"{field.removesuffix('metric')}target",
        )
    yield from _untold(workload, field, trigger)


def _as_share(target: Goal) -> str:
    """What was meant by a number where a share belongs: 0.8 or 80."""
    share = target.value * 100 if target.value <= 1 else target.value
    return f"{share.normalize():f}%"


def _untold(workload: Resolved[Replicated], field: str, trigger: MetricTarget) -> Iterator[Diagnostic]:
    """What nobody tells, or nobody can be asked for."""
    metric, target = trigger.metric, trigger.target
    if metric == "cpu" and workload.spec.resources.cpu is None:
        yield NO_REQUEST.at(workload.origin(field), fix="add resources: {cpu: …}", field=field)
    elif metric == "lag" and isinstance(workload.spec, StreamProcessor):
        if target.value % 1:
            at = f"{field.removesuffix('metric')}target"
            yield TARGET_UNIT.at(workload.origin(at), f"items are whole, not {target}", field=at)
    elif is_asked_of_prometheus(trigger) and (isinstance(metric, Query) or _series(workload, metric)):
        if workload.environment.metrics is None:
            message = f"{workload.environment_name} has no metrics.prometheus"
            yield NO_PROMETHEUS.at(workload.origin(field), message, field=field)
    elif not is_of_pods(trigger):
        message = f"nothing tells {metric} of {_owner(workload)}"
        yield UNKNOWN_METRIC.at(workload.origin(field), message, fix='{query: "…"}', field=field)


def _owner(workload: Resolved[Replicated]) -> str:
    runtime = f" with runtime {workload.runtime.name}" if workload.runtime is not None else ""
    return f"a {workload.kind}{runtime}"


def _series(workload: Resolved[Replicated], metric: str) -> str | None:
    """The name by which the workload's runtime tells a metric to Prometheus."""
    told = workload.runtime.spec.metrics if workload.runtime is not None else None
    if told is None:
        return None
    return {
        "queueDepth": told.queue_depth,
        "concurrency": told.concurrency,
        "kvCache": told.kv_cache,
        "requestRate": told.request_rate,
    }[metric]


def resource(asked: MetricTarget) -> Object:
    """What a HorizontalPodAutoscaler looks at: ``main`` alone, for sidecars have requests of their own, or none."""
    target = {"type": "Utilization", "averageUtilization": int(asked.target.removesuffix("%"))}
    measured = {"name": str(asked.metric), "container": MAIN, "target": target}
    return {"type": "ContainerResource", "containerResource": measured}


def trigger(workload: Resolved[Replicated], asked: Trigger, target: Key) -> Object:
    """What KEDA looks at, to scale a controller."""
    if isinstance(asked, CronTrigger):
        return _hours(asked.cron)
    if isinstance(asked.metric, Query):
        return _prometheus(workload, asked.metric.query, asked.target)
    if is_asked_of_prometheus(asked):
        rests = workload.spec.fewest == 0
        query = _summed(workload, asked.metric, target)
        return _prometheus(workload, query, asked.target, none_is_zero=rests)
    if asked.metric == "lag":
        return sources.trigger(cast("Resolved[StreamProcessor]", workload), asked.target)
    value = {"containerName": MAIN, "value": asked.target.removesuffix("%")}
    return {"type": str(asked.metric), "metricType": "Utilization", "metadata": value}


def _hours(hours: Hours) -> Object:
    times = {"start": hours.start.plain(), "end": hours.end.plain(), "timezone": hours.time_zone}
    return {"type": "cron", "metadata": {**times, "desiredReplicas": str(hours.replicas)}}


def _summed(workload: Resolved[Replicated], metric: str, target: Key) -> str:
    """A metric over all pods of a controller, as PromQL: KEDA divides it by the target, which each replica has.

    ``namespace`` and ``pod`` are what Prometheus adds to all that it scrapes from pods.
    """
    pods = f'namespace="{target.namespace}",pod=~"{target.name}-{POD_NAMES[target.kind]}"'
    series = f"{_series(workload, metric)}{{{pods}}}"
    return f"sum(rate({series}[{RATE_WINDOW}]))" if metric == "requestRate" else f"sum({series})"


def _prometheus(
    workload: Resolved[Replicated], query: str, target: Goal, *, none_is_zero: bool = False
) -> Object:
    """An empty answer is none: taken for 0, which is KEDA's default, it would stop what runs while nobody measures.

    Of pods that may all be gone it does mean 0, or their silence would start one again and again.
    """
    metrics = workload.environment.metrics
    asked = {
        "serverAddress": metrics.prometheus if metrics else "",
        "query": query,
        "threshold": f"{target.value:f}",
        "ignoreNullValues": "true" if none_is_zero else "false",
    }
    return {"type": "prometheus", "metadata": asked}
