"""Kueue: what waits for quota, and the queue that it waits in."""

from __future__ import annotations

from yardarm_reconciler.health.subject import Subject, says
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind

WORKLOAD = GroupKind("kueue.x-k8s.io", "Workload")


def workload(subject: Subject) -> Health:
    """What Kueue makes of each job in a queue: admitted or not, and why not.

    https://github.com/kubernetes-sigs/kueue/blob/main/apis/kueue/v1beta2/workload_types.go (conditions)
    """
    if subject.condition("Finished").get("status") == "True":
        return Health(State.SUCCEEDED)
    if subject.condition("Admitted").get("status") == "True":
        return Health(State.HEALTHY)
    for kind in ("Evicted", "QuotaReserved"):
        found = subject.condition(kind)
        if found and (found.get("status") == "True") == (kind == "Evicted"):
            return Health(State.SUSPENDED, says(found))
    return Health(State.PROGRESSING, "not admitted yet")


def local_queue(subject: Subject) -> Health:
    """A queue works when the ClusterQueue behind it does.

    https://github.com/kubernetes-sigs/kueue/blob/main/apis/kueue/v1beta2/localqueue_types.go
    """
    active = subject.condition("Active")
    if active.get("status") == "True":
        return Health(State.HEALTHY)
    return Health(
        State.DEGRADED if active else State.PROGRESSING, says(active) or "its controller has not seen it yet"
    )


RULES = {WORKLOAD: workload, GroupKind("kueue.x-k8s.io", "LocalQueue"): local_queue}
