"""A pod: where the reason that a person needs is written."""

from __future__ import annotations

from datetime import timedelta

from yardarm_reconciler.health.subject import Subject, mapping, mappings, moment, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import Object

SCHEDULING_GRACE = timedelta(seconds=15)
"""So long a pod may be unschedulable before that is bad news: kstatus's scheduleWindow."""

STUCK = frozenset(
    {
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "ErrImageNeverPull",
        "ErrImagePull",
        "ImageInspectError",
        "ImagePullBackOff",
        "InvalidImageName",
        "RunContainerError",
    }
)
"""Reasons why a container waits that do not pass without something being changed, or only by luck.

https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/images/types.go and
https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/container/sync_result.go
"""

START_FAILURES = ("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox")
"""Why a scheduled pod does not start, told by events alone.

https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/events/event.go
"""


def pod(subject: Subject) -> Health:
    """Running and ready, ended, or the one sentence why not, beginning with the word ``kubectl get pods`` shows."""
    phase = text(subject.status.get("phase"))
    if phase == "Succeeded":
        return Health(State.SUCCEEDED)
    if phase == "Failed":
        return Health(State.FAILED, _ended(subject))
    ready = subject.condition("Ready")
    if phase == "Running" and ready.get("status") == "True":
        return Health(State.HEALTHY)
    return _unscheduled(subject) or _stuck(subject) or _starting(subject, phase)


def _unscheduled(subject: Subject) -> Health | None:
    """No node for it: the scheduler's own words, without its report on preemption."""
    scheduled = subject.condition("PodScheduled")
    if scheduled.get("status") != "False":
        return None
    if scheduled.get("reason") == "SchedulingGated":
        gates = ", ".join(text(gate.get("name")) for gate in mappings(subject.spec.get("schedulingGates")))
        return Health(State.SUSPENDED, f"SchedulingGated: {gates}")
    since = moment(scheduled.get("lastTransitionTime"))
    waited = since is None or subject.now - since >= SCHEDULING_GRACE
    message = says(scheduled).partition(" preemption:")[0].rstrip(". ")
    return Health(State.DEGRADED if waited else State.PROGRESSING, f"Pending: {message}")


def _stuck(subject: Subject) -> Health | None:
    """A container that cannot start, or starts and dies: with how it ended last time."""
    for container in _containers(subject):
        waiting = mapping(mapping(container.get("state")).get("waiting"))
        reason = text(waiting.get("reason"))
        if reason not in STUCK:
            continue
        last = mapping(mapping(container.get("lastState")).get("terminated"))
        detail = _termination(container, last) if last else last_line(waiting.get("message"))
        restarts = number(container.get("restartCount"))
        again = f" ({restarts} restarts)" if last and restarts > 1 else ""
        return Health(State.DEGRADED, f"{reason}: {detail}{again}" if detail else reason)
    return None


def _starting(subject: Subject, phase: str) -> Health:
    """On its way, unless an event says what it lacks."""
    failure = subject.warning(*START_FAILURES) if phase == "Pending" else ""
    if failure:
        return Health(State.DEGRADED, f"Pending: {last_line(failure)}")
    if phase == "Unknown":
        return Health(State.UNKNOWN, "its node does not answer")
    for container in _containers(subject):
        last = mapping(mapping(container.get("lastState")).get("terminated"))
        if container.get("ready") is not True and last:
            return Health(State.PROGRESSING, f"restarted: {_termination(container, last)}")
    return Health(State.PROGRESSING, "running, not ready" if phase == "Running" else "starting")


def _ended(subject: Subject) -> str:
    """Why a pod is Failed: evicted and the like by its own reason, else by the container that ended badly."""
    reason, message = text(subject.status.get("reason")), text(subject.status.get("message"))
    if reason:
        return f"{reason}: {last_line(message)}" if message else reason
    for container in _containers(subject):
        ended = mapping(mapping(container.get("state")).get("terminated"))
        if number(ended.get("exitCode")) or number(ended.get("signal")):
            return _termination(container, ended)
    return last_line(message) or "failed"


def _termination(container: Object, ended: Object) -> str:
    """``main was OOMKilled (exit 137)``, ``main exited 1: no such file: /models``."""
    name, reason, code = text(container.get("name")), text(ended.get("reason")), number(ended.get("exitCode"))
    if reason not in {"", "Error", "Completed"}:
        return f"{name} was {reason} (exit {code})"
    message = last_line(ended.get("message"))
    return f"{name} exited {code}: {message}" if message else f"{name} exited {code}"


def _containers(subject: Subject) -> list[Object]:
    """Statuses of init containers first: what they lack holds up all others."""
    status = subject.status
    return [*mappings(status.get("initContainerStatuses")), *mappings(status.get("containerStatuses"))]


def last_line(message: object) -> str:
    """The last line that says something: of a traceback, the error."""
    lines = [line.strip() for line in text(message).splitlines() if line.strip()]
    return lines[-1] if lines else ""
