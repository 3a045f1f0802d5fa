"""Work that ends: Job, and CronJob which starts it."""

from __future__ import annotations

from functools import partial

from yardarm_reconciler.health.subject import Subject, mapping, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Object

QUEUE_LABEL = "kueue.x-k8s.io/queue-name"


def job(subject: Subject) -> Health:
    """A started Job is Progressing until it has succeeded: for training, running is not done.

    kstatus calls a started Job ready
    (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/core.go, ``jobConditions``), and
    gitops-engine reads Suspended without its status; we must not.
    """
    failed = subject.condition("Failed")
    if failed.get("status") == "True":
        return Health(State.FAILED, cause(failed))
    if subject.condition("Complete").get("status") == "True":
        return Health(State.SUCCEEDED)
    # Failure is decided while the last pods still end: https://kep.k8s.io/3939 (FailureTarget).
    failing = subject.condition("FailureTarget")
    if failing.get("status") == "True":
        return Health(State.FAILED, cause(failing))
    if subject.spec.get("suspend") is True:
        return queued(subject)
    return _running(subject)


def queued(subject: Subject) -> Health:
    """Of what is suspended: by a person, or because its queue has no room for it yet."""
    queue = _queue(subject.live)
    if not queue:
        return Health(State.SUSPENDED, "suspended (spec.suspend)")
    why = subject.warning("Pending", about=partial(_is_workload_of, subject))
    return Health(State.SUSPENDED, f"waits for queue {queue}" + (f": {why}" if why else ""))


def in_queue(live: Object) -> bool:
    """Whether a queue decides when this begins."""
    return bool(_queue(live))


def _queue(live: Object) -> str:
    return text(mapping(mapping(live.get("metadata")).get("labels")).get(QUEUE_LABEL))


def _is_workload_of(subject: Subject, involved: Object) -> bool:
    """Whether an event is about the Workload that Kueue made of this object: that has its kind and name, with a hash.

    https://github.com/kubernetes-sigs/kueue/blob/main/pkg/controller/jobframework/workload_names.go
    """
    name = f"{text(subject.live.get('kind')).lower()}-{text(subject.metadata.get('name'))}"
    same_namespace = involved.get("namespace") == subject.metadata.get("namespace")
    return (
        same_namespace
        and involved.get("kind") == "Workload"
        and text(involved.get("name")).rpartition("-")[0] == name
    )


def _running(subject: Subject) -> Health:
    """Neither ended nor suspended. Refused pods are told by events alone: a Job has no condition for them.

    https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/job/job_controller.go (``manageJob``).
    """
    status, total = subject.status, subject.spec.get("completions")
    active, failed, done = (number(status.get(count)) for count in ("active", "failed", "succeeded"))
    wanted = number(subject.spec.get("parallelism", 1))
    if isinstance(total, int):
        wanted = min(wanted, total - done)
    refused = subject.warning("FailedCreate") if active < wanted else ""
    if refused:
        return Health(State.DEGRADED, f"pods are refused: {refused}")
    if not status.get("startTime"):
        return Health(State.PROGRESSING, "not started yet")
    finished = f"{done} of {total} done" if isinstance(total, int) else f"{done} done"
    return Health(
        State.PROGRESSING, f"{active} active, {finished}" + (f", {failed} failed" if failed else "")
    )


def cron_job(subject: Subject) -> Health:
    """A schedule works when it is not suspended; its runs are judged by themselves."""
    if subject.spec.get("suspend") is True:
        return Health(State.SUSPENDED, "suspended (spec.suspend)")
    return Health(State.HEALTHY)


def cause(ended: Object) -> str:
    """``BackoffLimitExceeded: Job has reached the specified backoff limit``."""
    reason, message = text(ended.get("reason")), says(ended)
    return message if message == reason or not reason else f"{reason}: {message}"


RULES = {
    GroupKind("batch", "Job"): job,
    GroupKind("batch", "CronJob"): cron_job,
}
