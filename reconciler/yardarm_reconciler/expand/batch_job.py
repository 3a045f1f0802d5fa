"""BatchJob: a run to completion, optionally in shards."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.expand import job, surroundings
from yardarm_reconciler.expand.labels import RUN
from yardarm_reconciler.expand.names import job_limit, run_name
from yardarm_reconciler.expand.queue import metadata_of_run
from yardarm_reconciler.model.manifest import Key, Manifest, manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.batch_job import BatchJob


def check(batch: Resolved[BatchJob]) -> Iterator[Diagnostic]:
    """What is wrong with a job that types cannot say."""
    yield from job.check(batch)


def expand(batch: Resolved[BatchJob]) -> Iterator[Manifest]:
    """Everything that a run needs, then the run."""
    yield from surroundings.expand(batch)
    yield run(batch)


def runs(batch: Resolved[BatchJob]) -> tuple[RunIntent, ...]:
    """The run that the spec asks for, whether or not it has been already."""
    key = Key("batch", "Job", batch.namespace, run_name(batch, job_limit(job.count(batch))))
    return (RunIntent(batch.run_id, key, batch.spec.overlap, batch.spec.history, batch.spec.rerun),)


def run(batch: Resolved[BatchJob]) -> Manifest:
    """The Job."""
    meta = metadata_of_run(batch, run_name(batch, job_limit(job.count(batch))))
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta}
    spec = job.spec(batch, {"value": batch.run_id}, {RUN: batch.run_id})
    return manifest({**body, "spec": spec}, batch.origin("spec"))
