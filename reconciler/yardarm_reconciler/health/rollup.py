"""One workload: its objects, the pods behind them, and the one sentence that a person needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yardarm_reconciler.health.groups import LEADER_WORKER_SET, SET_NAME
from yardarm_reconciler.health.judge import group_kind, judge
from yardarm_reconciler.health.operators import SPARK_APPLICATION
from yardarm_reconciler.health.pod import pod as judge_pod
from yardarm_reconciler.health.subject import Subject, condition, mapping, mappings, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Key, Object
from yardarm_reconciler.model.operators import KUBEFLOW_JOBS
from yardarm_reconciler.model.redaction import without_secrets

WORST_FIRST = (
    State.FAILED,
    State.MISSING,
    State.DEGRADED,
    State.UNKNOWN,
    State.TERMINATING,
    State.PROGRESSING,
    State.SUSPENDED,
    State.SUCCEEDED,
    State.HEALTHY,
)
"""Which state speaks for a whole. Healthy is last: a finished Job has a healthy ServiceAccount beside it."""

ENDED = frozenset({"Succeeded", "Failed"})
"""Phases of pods that are history: they explain, but do not count."""

SETTLED = frozenset({State.HEALTHY, State.SUCCEEDED, State.SUSPENDED})
"""A controller in one of these states needs no explanation from its pods."""

JOB = GroupKind("batch", "Job")
DEPLOYMENT = GroupKind("apps", "Deployment")
MAKE_JOBS = frozenset(
    {
        GroupKind("jobset.x-k8s.io", "JobSet"),
        GroupKind("trainer.kubeflow.org", "TrainJob"),
        GroupKind("ray.io", "RayJob"),
        SPARK_APPLICATION,
    }
)
"""Runs whose pods are controlled by objects that they make."""

RUN = "yardarm.dev/run"

CONTROLLERS = MAKE_JOBS | frozenset(
    {
        JOB,
        DEPLOYMENT,
        GroupKind("apps", "StatefulSet"),
        GroupKind("apps", "DaemonSet"),
        LEADER_WORKER_SET,
        GroupKind("ray.io", "RayCluster"),
        *(GroupKind(group, kind) for group, kind in KUBEFLOW_JOBS),
    }
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What controllers made of a workload's objects: candidates, of which those that belong are picked out.

    ``events`` are core/v1 Events. More of anything does no harm.
    """

    pods: Sequence[Object] = ()
    replica_sets: Sequence[Object] = ()
    events: Sequence[Object] = ()


def rollup(
    live: Mapping[Key, Object], expected: Sequence[Key], around: Surroundings, now: datetime
) -> Health:
    """Judge one workload: its worst object speaks for it, with the reason of the pods behind it.

    ``expected`` is what the workload consists of now (of its runs, the current one); what is not in ``live``
    is missing. Pods and ReplicaSets belong by controller references, pods of groups by their set's name, events by uid.
    """
    if not expected:
        return Health(State.UNKNOWN, "has no objects")
    verdicts = []
    for key in sorted(expected):
        if key not in live:
            verdicts.append(Health(State.MISSING, f"{key.kind}/{key.name} is missing"))
            continue
        subject = Subject(live[key], now, around.events)
        verdict = judge(subject)
        if key.group_kind in CONTROLLERS:
            verdicts.append(_with_pods(subject, verdict, around))
        else:
            verdicts.append(_named(key, verdict))
    found = worst(verdicts)
    return replace(found, reason=without_secrets(found.reason))


def worst(verdicts: Iterable[Health]) -> Health:
    """The worst of several; of equals the first that gives a reason."""
    return min(verdicts, key=lambda verdict: (WORST_FIRST.index(verdict.state), not verdict.reason))


def _named(key: Key, verdict: Health) -> Health:
    """A reason that stands alone: said of which object, and none where nothing is wrong."""
    if verdict.state in {State.HEALTHY, State.SUCCEEDED}:
        return replace(verdict, reason="")
    name = f"{key.kind}/{key.name}"
    return replace(verdict, reason=f"{name}: {verdict.reason}" if verdict.reason else name)


def _with_pods(owner: Subject, verdict: Health, around: Surroundings) -> Health:
    """Explain what a controller says by what its pods say, and by what keeps it from making any."""
    if verdict.state in SETTLED or verdict.state is State.TERMINATING:
        return verdict
    owned_sets = [item for item in around.replica_sets if _owner(item) == _uid(owner.live)]
    uids = {_uid(owner.live), *map(_uid, owned_sets)}
    owned = [
        item for item in around.pods if _owner(item) in uids or _in_group(item, owner) or _of_run(item, owner)
    ]
    verdict = worst([verdict, *_refusals(owned_sets)])
    explained = _explanation(owner, [item for item in owned if _alive(item)])
    if explained is None:
        return _with_last_words(owner, verdict, owned)
    if explained.state in {State.PROGRESSING, State.SUSPENDED}:
        return replace(verdict, reason=f"{verdict.reason}; {explained.reason}")
    return replace(explained, state=worst([verdict, explained]).state)


def _of_run(pod: Object, owner: Subject) -> bool:
    """Whether a pod is of a run that others make pods for: its Jobs, its cluster. They carry the run's id along."""
    run = mapping(owner.metadata.get("labels")).get(RUN)
    pod_labels = mapping(mapping(pod.get("metadata")).get("labels"))
    return group_kind(owner) in MAKE_JOBS and bool(run) and pod_labels.get(RUN) == run


def _refusals(replica_sets: Iterable[Object]) -> Iterator[Health]:
    """Pods that quota or admission refuses: ReplicaSets say so before their Deployment repeats it."""
    for item in replica_sets:
        refused = condition(mapping(item.get("status")), "ReplicaFailure")
        if refused.get("status") == "True" and mapping(item.get("spec")).get("replicas"):
            yield Health(State.DEGRADED, f"pods are refused: {says(refused)}")


def _explanation(owner: Subject, pods: Sequence[Object]) -> Health | None:
    """Which of the living pods do not work and why: the worst state, and its most common reason."""
    verdicts = [judge_pod(Subject(item, owner.now, owner.events)) for item in pods]
    unwell = [verdict for verdict in verdicts if verdict.state is not State.HEALTHY]
    if not unwell:
        return None
    state = worst(unwell).state
    (reason, count), *_ = Counter(
        verdict.reason for verdict in unwell if verdict.state is state
    ).most_common()
    return Health(state, f"{count} of {len(pods)} pods {reason}" if len(pods) > 1 else f"its pod: {reason}")


def _with_last_words(owner: Subject, verdict: Health, pods: Sequence[Object]) -> Health:
    """Of a Job whose pods fail: how the latest of them ended."""
    failed = [item for item in pods if mapping(item.get("status")).get("phase") == "Failed"]
    if not failed or owner.live.get("kind") != JOB.kind:
        return verdict
    latest = max(failed, key=lambda item: text(mapping(item.get("metadata")).get("creationTimestamp")))
    last_words = judge_pod(Subject(latest, owner.now)).reason
    return replace(verdict, reason=f"{verdict.reason}; last failure: {last_words}")


def _in_group(pod: Object, owner: Subject) -> bool:
    """Whether a pod is of a group of a LeaderWorkerSet: its controllers are made by that, and not looked at."""
    if owner.live.get("kind") != LEADER_WORKER_SET.kind:
        return False
    found, place = mapping(pod.get("metadata")), owner.metadata
    name = mapping(found.get("labels")).get(SET_NAME)
    return (name, found.get("namespace")) == (place.get("name"), place.get("namespace"))


def _alive(pod: Object) -> bool:
    """Neither ended nor being deleted."""
    phase = mapping(pod.get("status")).get("phase")
    return phase not in ENDED and not mapping(pod.get("metadata")).get("deletionTimestamp")


def _uid(item: Object) -> str:
    return text(mapping(item.get("metadata")).get("uid"))


def _owner(item: Object) -> str | None:
    """The uid of the object that controls this one."""
    references = mappings(mapping(item.get("metadata")).get("ownerReferences"))
    return next((text(ref.get("uid")) for ref in references if ref.get("controller") is True), None)
