"""The spec of a Job, whatever makes it: by itself, on a schedule, or as a step.

Never with a TTL: a Job that vanishes when it is done would be created again by the next pass. Finished runs are
kept by ``history`` instead. Why pods are never restarted in place: only so does a node that is drained not count
as a failure, https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from yardarm_reconciler.expand import pod, storage
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.batch_job import BatchJob
from yardarm_schema.scheduled_job import ScheduledJob
from yardarm_schema.shards import sharded

RETRIES_WITHOUT_COUNT = Code(
    "field/retries-without-count",
    title="Retries of a shard where there are no numbered shards",
    why="Pods that share a queue have no number; retries counts their failures all together.",
    bad="shards: {parallelism: 4, retriesPerShard: 2}",
    good="shards: {parallelism: 4}, retries: 2",
)

INDEX = "metadata.annotations['batch.kubernetes.io/job-completion-index']"
MASTER_PORT = "29500"
"""Where the processes of one run meet; torch's default, so that the same program runs in any kind of job."""

DISRUPTED: Object = {"onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
"""A pod whose node is drained, or that makes room for another: no failure of the program."""

Batch: TypeAlias = BatchJob | ScheduledJob


def check(job: Resolved[Batch]) -> Iterator[Diagnostic]:
    """What is wrong with a job that types cannot say."""
    yield from pod.check(job)
    yield from storage.check_sharing(job, job.pods)
    asked = job.spec.shards
    if asked is not None and asked.count is None and asked.retries_per_shard is not None:
        field = "spec.shards.retriesPerShard"
        yield RETRIES_WITHOUT_COUNT.at(job.origin(field), fix="retries, or add count", field=field)


def count(job: Resolved[Batch]) -> int | None:
    """How many numbered shards there are, None where pods have no number."""
    return job.spec.shards.count if job.spec.shards else None


def spec(job: Resolved[Batch], run: Object, labels: Mapping[str, str]) -> dict[str, Any]:
    """The Job's spec.

    Args:
        job: what runs.
        run: what the variable with the run's id is.
        labels: of the pods, beyond those of every pod.
    """
    made: dict[str, Any] = {
        **_shape(job),
        "podFailurePolicy": {"rules": [{"action": "Ignore", **DISRUPTED}]},
        "template": pod.template(job, _variables(job, run), labels, restart_policy="Never"),
    }
    if job.spec.deadline is not None:
        made["activeDeadlineSeconds"] = job.spec.deadline.seconds
    return made


def _shape(job: Resolved[Batch]) -> Object:
    """Numbered shards, a queue that pods share, or a single pod."""
    asked, parallelism = job.spec.shards, sharded(job.spec.shards).most
    if asked is None:
        return {"backoffLimit": job.spec.retries}
    if asked.count is None:
        return {"backoffLimit": job.spec.retries, "parallelism": parallelism}
    retries = job.spec.retries if asked.retries_per_shard is None else asked.retries_per_shard
    return {
        "completionMode": "Indexed",
        "completions": asked.count,
        "parallelism": parallelism,
        "backoffLimitPerIndex": retries,
    }


def _variables(job: Resolved[Batch], run: Object) -> dict[str, Object]:
    """What the program can know of its run. Pods that share a queue have no number, and are not told one."""
    numbered = count(job)
    values = {
        "YARDARM_DEVICES": str(job.accelerator.count if job.accelerator else 0),
        "YARDARM_NODES": "1",
        "YARDARM_NODE_RANK": "0",
        "YARDARM_MASTER_ADDR": "localhost",
        "YARDARM_MASTER_PORT": MASTER_PORT,
    }
    variables: dict[str, Object] = {name: {"value": value} for name, value in values.items()}
    variables["YARDARM_RUN_ID"] = run
    if numbered is not None:
        variables["YARDARM_SHARDS"] = {"value": str(numbered)}
        variables["YARDARM_SHARD_INDEX"] = {"valueFrom": {"fieldRef": {"fieldPath": INDEX}}}
    elif job.spec.shards is None:
        variables |= {"YARDARM_SHARDS": {"value": "1"}, "YARDARM_SHARD_INDEX": {"value": "0"}}
    return variables
