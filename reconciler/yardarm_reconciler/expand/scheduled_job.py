"""ScheduledJob: a run to completion at points in time that come again, as a CronJob.

A change of it starts no run: the next one is as it says then. Its runs are the CronJob's, not in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import job, queue, surroundings
from yardarm_reconciler.expand.labels import labels, metadata
from yardarm_reconciler.expand.names import cron_limit, part_name
from yardarm_reconciler.expand.schedule import check_schedule
from yardarm_reconciler.model.manifest import Manifest, manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.scheduled_job import ScheduledJob

CONCURRENCY = {"allow": "Allow", "forbid": "Forbid", "replace": "Replace"}

JOB_NAME = "metadata.labels['batch.kubernetes.io/job-name']"
"""Of each run its own: what tells the runs of a schedule apart."""


def check(scheduled: Resolved[ScheduledJob]) -> Iterator[Diagnostic]:
    """What is wrong with a job or its schedule that types cannot say."""
    yield from job.check(scheduled)
    yield from check_schedule(scheduled, scheduled.spec.schedule)


def expand(scheduled: Resolved[ScheduledJob]) -> Iterator[Manifest]:
    """Everything that its runs need, then what begins them."""
    yield from surroundings.expand(scheduled)
    yield _cron_job(scheduled)


def _cron_job(scheduled: Resolved[ScheduledJob]) -> Manifest:
    """What begins the runs, and keeps the newest of those that succeeded and of those that failed."""
    schedule, history = scheduled.spec.schedule, scheduled.spec.history
    run = job.spec(scheduled, {"valueFrom": {"fieldRef": {"fieldPath": JOB_NAME}}}, {})
    spec: dict[str, Any] = {
        "schedule": schedule.cron.plain(),
        "timeZone": schedule.time_zone,
        "concurrencyPolicy": CONCURRENCY[schedule.concurrency],
        "successfulJobsHistoryLimit": history,
        "failedJobsHistoryLimit": history,
        "jobTemplate": {
            "metadata": {"labels": {**labels(scheduled), **queue.labels(scheduled)}},
            "spec": run,
        },
    }
    if schedule.start_within is not None:
        spec["startingDeadlineSeconds"] = schedule.start_within.seconds
    name = part_name(scheduled, limit=cron_limit(job.count(scheduled)))
    body = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(scheduled, name)}
    return manifest({**body, "spec": spec}, scheduled.origin("spec.schedule"))
