"""BatchJob: a run to completion, optionally in shards.

Never with a TTL: a Job that vanishes when it is done would be created again by the next pass. Finished runs are
kept by ``history`` instead. Why pods are never restarted in place: only so does a node that is drained not count
as a failure, https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import pod, storage, surroundings
from yardarm_reconciler.expand.labels import RUN, metadata
from yardarm_reconciler.expand.names import HASH_LENGTH, job_limit, part_name
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.batch_job import BatchJob

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


def check(job: Resolved[BatchJob]) -> Iterator[Diagnostic]:
    """What is wrong with a job that types cannot say."""
    yield from pod.check(job)
    yield from storage.check_sharing(job, job.pods)
    shards = job.spec.shards
    if shards is not None and shards.count is None and shards.retries_per_shard is not None:
        field = "spec.shards.retriesPerShard"
        yield RETRIES_WITHOUT_COUNT.at(job.origin(field), fix="retries, or add count", field=field)


def expand(job: Resolved[BatchJob]) -> Iterator[Manifest]:
    """Everything that a run needs, then the run."""
    yield from surroundings.expand(job)
    yield _run(job)


def runs(job: Resolved[BatchJob]) -> tuple[RunIntent, ...]:
    """The run that the spec asks for, whether or not it has been already."""
    key = Key("batch", "Job", job.namespace, _name(job))
    return (RunIntent(job.run_id, key, job.spec.overlap, job.spec.history, job.spec.rerun),)


def _name(job: Resolved[BatchJob]) -> str:
    """The template of a Job is immutable, so another run has another name."""
    short = job.run_id.partition("-")[2][:HASH_LENGTH]
    return part_name(job, short, limit=job_limit(_count(job.spec)))


def _count(spec: BatchJob) -> int | None:
    return spec.shards.count if spec.shards else None


def _run(job: Resolved[BatchJob]) -> Manifest:
    meta = metadata(job, _name(job))
    meta["labels"][RUN] = job.run_id
    spec: dict[str, Any] = {
        **_shape(job),
        # A node that is drained, or a pod that is preempted, is no failure of the program.
        "podFailurePolicy": {
            "rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
            ]
        },
        "template": pod.template(job, _variables(job), {RUN: job.run_id}, restart_policy="Never"),
    }
    if job.spec.deadline is not None:
        spec["activeDeadlineSeconds"] = job.spec.deadline.seconds
    return manifest(
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}, job.origin("spec")
    )


def _shape(job: Resolved[BatchJob]) -> Object:
    """Numbered shards, a queue that pods share, or a single pod."""
    spec, shards = job.spec, job.spec.shards
    if shards is None:
        return {"backoffLimit": spec.retries}
    if shards.count is None:
        return {"backoffLimit": spec.retries, "parallelism": job.pods}
    retries = spec.retries if shards.retries_per_shard is None else shards.retries_per_shard
    return {
        "completionMode": "Indexed",
        "completions": shards.count,
        "parallelism": job.pods,
        "backoffLimitPerIndex": retries,
    }


def _variables(job: Resolved[BatchJob]) -> dict[str, Object]:
    """What the program can know of its run. Pods that share a queue have no number, and are not told one."""
    count = _count(job.spec)
    values = {
        "YARDARM_RUN_ID": job.run_id,
        "YARDARM_DEVICES": str(job.accelerator.count if job.accelerator else 0),
        "YARDARM_NODES": "1",
        "YARDARM_NODE_RANK": "0",
        "YARDARM_MASTER_ADDR": "localhost",
        "YARDARM_MASTER_PORT": MASTER_PORT,
    }
    variables: dict[str, Object] = {name: {"value": value} for name, value in values.items()}
    if count is not None:
        variables["YARDARM_SHARDS"] = {"value": str(count)}
        variables["YARDARM_SHARD_INDEX"] = {"valueFrom": {"fieldRef": {"fieldPath": INDEX}}}
    elif job.spec.shards is None:
        variables |= {"YARDARM_SHARDS": {"value": "1"}, "YARDARM_SHARD_INDEX": {"value": "0"}}
    return variables
