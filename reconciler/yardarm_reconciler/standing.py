"""How each object of a workload is in its cluster: health and reason, what it holds, and where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from yardarm_reconciler.family import DEVICE_CLAIM, Member
from yardarm_reconciler.health import Subject, judge
from yardarm_reconciler.health.rollup import ENDED
from yardarm_reconciler.health.subject import mapping, mappings, moment, text
from yardarm_reconciler.inventory.records import EntryState, Record
from yardarm_reconciler.judging import RUN_ENDS, UNSEEN
from yardarm_reconciler.live import POD, REPLICA_SET
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.devices import held
from yardarm_reconciler.model.manifest import Key, Object
from yardarm_reconciler.model.redaction import without_secrets
from yardarm_reconciler.report.tree import Node, Tree

STATES = {
    EntryState.PENDING: "whether it was made is not known yet",
    EntryState.RETAINED: "git no longer has it; it holds data and stays",
    EntryState.DELETING: "its deletion was asked for",
}
"""What is recorded of an object that is not simply ours."""

SHARED_BY_RESOURCE = "resource.kubernetes.io/extended-resource-claim"
"""Annotation of a claim that the scheduler made for an extended resource: its devices are those of the pod.

https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/api/resource/v1/types.go
"""


def tree_of(
    record: Record, members: Sequence[Member], said: Sequence[Object], now: datetime, *, told: bool
) -> Tree:
    """A workload with all its objects. ``told`` is whether the cluster reports health, ``said`` are its events."""
    ends = {run.key: RUN_ENDS[run.state] for run in record.runs if run.state in RUN_ENDS}
    nodes = tuple(_node(each, said, now, ends, told=told) for each in members)
    return Tree(record.id, record.origin, record.revision, nodes)


def _node(
    member: Member, said: Sequence[Object], now: datetime, ends: Mapping[Key, Health], *, told: bool
) -> Node:
    state = STATES.get(member.entry.state, "") if member.entry else ""
    if member.body is None:
        return Node(member.key, ends.get(member.key, Health(State.MISSING)), state=state)
    subject = Subject(member.body, now, said)
    health = judge(subject) if told else UNSEEN
    return Node(
        member.key,
        replace(health, reason=without_secrets(health.reason)),
        moment(subject.metadata.get("creationTimestamp")),
        state,
        text(subject.spec.get("nodeName")) if member.key.group_kind == POD else "",
        _devices(subject),
        tuple(_node(each, said, now, ends, told=told) for each in member.made if not _is_past(each)),
    )


def _is_past(member: Member) -> bool:
    """Whether it is a ReplicaSet that its Deployment keeps of an older template, for a way back."""
    spec = mapping(mapping(member.body).get("spec"))
    return member.key.group_kind == REPLICA_SET and not spec.get("replicas") and not member.made


def _devices(subject: Subject) -> Mapping[str, int]:
    """What is taken from others: by a pod that has a node and has not ended, by a claim that was allocated."""
    kind = text(subject.live.get("kind"))
    if kind == POD.kind:
        over = subject.status.get("phase") in ENDED
        return held(subject.spec) if subject.spec.get("nodeName") and not over else {}
    if kind != DEVICE_CLAIM.kind or SHARED_BY_RESOURCE in mapping(subject.metadata.get("annotations")):
        return {}
    allocated = mapping(mapping(subject.status.get("allocation")).get("devices")).get("results")
    return Counter(text(each.get("driver")) for each in mappings(allocated))
