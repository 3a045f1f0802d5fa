"""Jobs and their schedules in the words of a spec."""

from __future__ import annotations

from yardarm_reconciler.importing import fits, specs
from yardarm_reconciler.importing.controllers import cron
from yardarm_reconciler.importing.devices import Devices
from yardarm_reconciler.importing.grouping import Json, job_of
from yardarm_reconciler.importing.ours import Ours
from yardarm_reconciler.model.imported import Note, name_of

RETRIES = 6
"""What Kubernetes takes for granted; a spec says 0."""

CONCURRENCY = {"Allow": "allow", "Forbid": "forbid", "Replace": "replace"}
KEPT = 3


def batch_job(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """A run to completion."""
    return {**specs.program(ours, devices, lost), **_run(ours.group.controller.get("spec") or {})}


def scheduled_job(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """A run to completion, again and again."""
    spec = ours.group.controller.get("spec") or {}
    within, kept = spec.get("startingDeadlineSeconds"), spec.get("successfulJobsHistoryLimit", KEPT)
    schedule = {
        "cron": cron(str(spec.get("schedule", ""))),
        "concurrency": CONCURRENCY.get(spec.get("concurrencyPolicy", "Allow"), "allow"),
        **({"timeZone": spec["timeZone"]} if spec.get("timeZone") else {}),
        **({"startWithin": fits.duration(within)} if within else {}),
    }
    return {
        **specs.program(ours, devices, lost),
        "schedule": schedule,
        **_run((spec.get("jobTemplate") or {}).get("spec") or {}),
        **({"history": kept} if kept not in (0, KEPT) else {}),
    }


def training_job(ours: Ours, devices: Devices, lost: list[Note]) -> Json:
    """Pods that compute together, as a JobSet of one Job."""
    spec, run = ours.group.controller.get("spec") or {}, job_of(ours.group.controller).get("spec") or {}
    job: Json = next(iter(spec.get("replicatedJobs") or ()), {})
    slices, deadline = job.get("replicas", 1), run.get("activeDeadlineSeconds")
    lost += _called_by_name(ours)
    return {
        **specs.program(ours, devices, lost),
        "backend": "jobset",
        "nodes": run.get("completions") or run.get("parallelism") or 1,
        **({"slices": slices} if slices != 1 else {}),
        "retries": (spec.get("failurePolicy") or {}).get("maxRestarts", 0),
        **({"deadline": fits.duration(deadline)} if deadline else {}),
    }


def _called_by_name(ours: Ours) -> list[Note]:
    """Texts that name a pod by its place in the JobSet, which has another name in each run."""
    body = ours.group.controller
    job: Json = next(iter((body.get("spec") or {}).get("replicatedJobs") or ()), {})
    name = f"{body['metadata']['name']}-{job.get('name', '')}-"
    texts = [*(ours.main.get("command") or ()), *(ours.main.get("args") or ())]
    texts += [str(each.get("value", "")) for each in ours.main.get("env") or ()]
    if not any(name in text for text in texts):
        return []
    why = f"it finds a pod by the name {name}…, which each run has anew: use YARDARM_MASTER_ADDR"
    return [Note(name_of(body), "containers[main]", why)]


def _run(spec: Json) -> Json:
    """How often it is tried, how long it may take, and how many pods share the work."""
    deadline = spec.get("activeDeadlineSeconds")
    shards = _shards(spec)
    each = "retriesPerShard" in shards
    return {
        **({} if each else {"retries": spec.get("backoffLimit", RETRIES)}),
        **({"deadline": fits.duration(deadline)} if deadline else {}),
        **({"shards": shards} if shards else {}),
    }


def _shards(spec: Json) -> Json:
    """Numbered parts, or pods that share a queue."""
    count, parallelism = spec.get("completions"), spec.get("parallelism")
    if spec.get("completionMode") == "Indexed" and count:
        retries = spec.get("backoffLimitPerIndex")
        return {
            "count": count,
            "parallelism": 1 if parallelism is None else parallelism,
            **({"retriesPerShard": retries} if retries is not None else {}),
        }
    return {"parallelism": parallelism or 1} if (count or 1) > 1 or (parallelism or 1) > 1 else {}
