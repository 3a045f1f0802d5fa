"""Replicas that span nodes: LeaderWorkerSet.

Its status counts groups: https://github.com/kubernetes-sigs/lws/blob/main/api/leaderworkerset/v1/leaderworkerset_types.go
"""

from __future__ import annotations

from functools import partial

from yardarm_reconciler.health.subject import Subject, number, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Object

LEADER_WORKER_SET = GroupKind("leaderworkerset.x-k8s.io", "LeaderWorkerSet")

SET_NAME = "leaderworkerset.sigs.k8s.io/name"
"""Label of its pods, which are controlled by StatefulSets of its own, of the leaders and of each group."""


def leader_worker_set(subject: Subject) -> Health:
    """All groups are of the newest template and ready, and none is left over.

    A group is ready when all its pods are. There is no deadline: what keeps a group from it, its pods say.
    """
    status, wanted = subject.status, number(subject.spec.get("replicas", 1))
    updated, ready = number(status.get("updatedReplicas")), number(status.get("readyReplicas"))
    total = number(status.get("replicas"))
    if ready < wanted:
        refused = subject.warning("FailedCreate", about=partial(_makes_its_pods, subject.metadata))
        if refused:
            return Health(State.DEGRADED, f"pods are refused: {refused}")
    if updated < wanted:
        return Health(State.PROGRESSING, f"{updated} of {wanted} groups updated")
    if total > wanted:
        return Health(State.PROGRESSING, f"{total - wanted} groups still to go")
    if ready < wanted:
        return Health(State.PROGRESSING, f"{ready} of {wanted} groups ready")
    return Health(State.HEALTHY)


def _makes_its_pods(group: Object, involved: Object) -> bool:
    """Whether an object is a StatefulSet of the set's: that of the leaders has its name, those of groups their number."""
    name, of = text(involved.get("name")), text(group.get("name"))
    number_of_group = name.removeprefix(f"{of}-")
    ours = name == of or (name != number_of_group and number_of_group.isdecimal())
    return ours and (involved.get("kind"), involved.get("namespace")) == (
        "StatefulSet",
        group.get("namespace"),
    )


RULES = {LEADER_WORKER_SET: leader_worker_set}
