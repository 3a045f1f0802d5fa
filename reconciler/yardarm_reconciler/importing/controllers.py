"""What controllers of pods mean, their pods left out: no defaults, and of lists no order that means nothing.

Defaults: ``defaults.go`` of apps/v1 and batch/v1 in https://github.com/kubernetes/kubernetes/tree/master/pkg/apis.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.importing.grouping import Json

THEIR_PODS = "the pods of the workload"

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax"""

_DEPLOYMENT = {
    "replicas": 1,
    "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600,
    "minReadySeconds": 0,
    "paused": False,
}
_STATEFUL_SET = {
    "replicas": 1,
    "revisionHistoryLimit": 10,
    "minReadySeconds": 0,
    "podManagementPolicy": "OrderedReady",
    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
}
_DAEMON_SET = {"revisionHistoryLimit": 10, "minReadySeconds": 0}
_JOB = {"completionMode": "NonIndexed", "parallelism": 1, "suspend": False, "manualSelector": False}
_RETRIES, _ANY = 6, 2**31 - 1
_CRON_JOB = {
    "concurrencyPolicy": "Allow",
    "successfulJobsHistoryLimit": 3,
    "failedJobsHistoryLimit": 1,
    "suspend": False,
}


def controller(kind: str, spec: Json, *, scaled: bool) -> Json:
    """The spec of a controller without what goes without saying; ``scaled`` where something else counts its replicas."""
    if scaled:
        spec = {key: value for key, value in spec.items() if key != "replicas"}
    match kind:
        case "Deployment":
            left = _replicated(spec, _DEPLOYMENT)
            return left | {"strategy": _strategy(spec.get("strategy") or {}, ("25%", "25%"))}
        case "DaemonSet":
            left = _replicated(spec, _DAEMON_SET)
            return left | {"updateStrategy": _strategy(spec.get("updateStrategy") or {}, (0, 1))}
        case "StatefulSet":
            return _stateful_set(spec)
        case "CronJob":
            return _cron_job(spec)
        case "JobSet":
            return _job_set(spec)
        case _:
            return _job(spec)


def _replicated(spec: Json, defaults: Mapping[str, Any]) -> Json:
    left = {key: value for key, value in spec.items() if key not in {"template", "selector"}}
    return {**without_defaults(left, defaults), "selector": THEIR_PODS}


def _strategy(given: Json, usual: tuple[int | str, int | str]) -> Json:
    kind, said = given.get("type", "RollingUpdate"), given.get("rollingUpdate") or {}
    defaults = (
        dict(zip(("maxSurge", "maxUnavailable"), usual, strict=True)) if kind == "RollingUpdate" else {}
    )
    return {"type": kind, "rollingUpdate": {**defaults, **said}}


def _stateful_set(spec: Json) -> Json:
    left = _replicated(spec, _STATEFUL_SET)
    update = spec.get("updateStrategy") or {}
    rolling = without_defaults(update.get("rollingUpdate") or {}, {"partition": 0, "maxUnavailable": 1})
    left["updateStrategy"] = {"type": update.get("type", "RollingUpdate"), "rollingUpdate": rolling}
    left["volumeClaimTemplates"] = {
        each["metadata"]["name"]: {
            "labels": each["metadata"].get("labels"),
            "annotations": each["metadata"].get("annotations"),
            "spec": without_defaults(each.get("spec") or {}, {"volumeMode": "Filesystem"}),
        }
        for each in spec.get("volumeClaimTemplates") or ()
    }
    return left


def _job(spec: Json) -> Json:
    left = {key: value for key, value in spec.items() if key not in {"template", "selector"}}
    if left.get("backoffLimit") == (_ANY if "backoffLimitPerIndex" in left else _RETRIES):
        del left["backoffLimit"]
    indexed = left.get("completionMode") == "Indexed"
    if left.get("completions") == 1 and left.get("parallelism", 1) == 1 and not indexed:
        del left["completions"]
    if left.get("podReplacementPolicy") == (
        "Failed" if left.get("podFailurePolicy") else "TerminatingOrFailed"
    ):
        del left["podReplacementPolicy"]
    return without_defaults(left, _JOB)


def _cron_job(spec: Json) -> Json:
    left = without_defaults(spec, _CRON_JOB)
    template = spec.get("jobTemplate") or {}
    meta = template.get("metadata") or {}
    said = {"labels": meta.get("labels"), "annotations": meta.get("annotations")}
    left["jobTemplate"] = {"metadata": said, "spec": _job(template.get("spec") or {})}
    left["schedule"] = cron(str(spec.get("schedule", "")))
    return left


def _job_set(spec: Json) -> Json:
    """Its only Job below ``job``: what that is called is told elsewhere.

    Defaults: https://github.com/kubernetes-sigs/jobset/blob/main/pkg/webhooks/jobset_webhook.go
    """
    left = {key: value for key, value in spec.items() if key != "replicatedJobs"}
    network = {"enableDNSHostnames": True, "publishNotReadyAddresses": True}
    left["network"] = without_defaults(spec.get("network") or {}, network)
    job: Json = next(iter(spec.get("replicatedJobs") or ()), {})
    indexed = {
        "completionMode": "Indexed",
        "completions": 1,
        **((job.get("template") or {}).get("spec") or {}),
    }
    meta = (job.get("template") or {}).get("metadata") or {}
    rest = {key: value for key, value in job.items() if key not in {"name", "replicas", "template"}}
    left["job"] = {**rest, "replicas": job.get("replicas", 1), "metadata": meta, "spec": _job(indexed)}
    return without_defaults(left, {"successPolicy": {"operator": "All"}, "suspend": False})


def cron(schedule: str) -> str:
    """The five fields of a schedule, also where it has a name."""
    return " ".join(MACROS.get(schedule.strip(), schedule).split())


def without_defaults(fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Json:
    """What is not what it would be without a word."""
    return {key: value for key, value in fields.items() if key not in defaults or value != defaults[key]}
