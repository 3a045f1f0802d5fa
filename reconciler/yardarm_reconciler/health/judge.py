"""One object: the rules that hold for every kind, then that of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from yardarm_reconciler.health import (
    apps,
    batch,
    core,
    declared,
    definitions,
    groups,
    operators,
    queues,
    routes,
    scaling,
    training,
)
from yardarm_reconciler.health.subject import Subject, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind

Rule: TypeAlias = Callable[[Subject], Health]

RULES: Mapping[GroupKind, Rule] = {
    **apps.RULES,
    **batch.RULES,
    **core.RULES,
    **declared.RULES,
    **definitions.RULES,
    **groups.RULES,
    **operators.RULES,
    **queues.RULES,
    **routes.RULES,
    **scaling.RULES,
    **training.RULES,
}

CONFIRMED = frozenset(
    {
        GroupKind("apps", "Deployment"),
        GroupKind("apps", "StatefulSet"),
        GroupKind("apps", "DaemonSet"),
        GroupKind("policy", "PodDisruptionBudget"),
    }
)
"""Kinds whose controller always writes ``status.observedGeneration``: without it nothing was looked at yet."""


def judge(subject: Subject) -> Health:
    """Say whether an object works, and if not, why.

    The order is kstatus's (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/status/generic.go);
    two answers are ours: a kind that nobody knows is Unknown, not current, and what ends is not ready while it runs.
    ``Failed`` does not get well by itself; ``Degraded`` may.
    """
    kind = group_kind(subject)
    terminating = subject.metadata.get("deletionTimestamp")
    if terminating and kind != GroupKind("", "Namespace"):
        return Health(State.TERMINATING, _finalizers(subject))
    return _unobserved(subject, kind) or RULES.get(kind, conventions)(subject)


def conventions(subject: Subject) -> Health:
    """Judge a kind without a rule by the conditions that well-behaved controllers write, else it is Unknown.

    https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
    """
    stalled, ready = subject.condition("Stalled"), subject.condition("Ready")
    if stalled.get("status") == "True":
        return Health(State.FAILED, says(stalled))
    reconciling = subject.condition("Reconciling")
    if reconciling.get("status") == "True":
        return Health(State.PROGRESSING, says(reconciling))
    if ready.get("status") == "True":
        return Health(State.HEALTHY)
    if ready:
        return Health(State.PROGRESSING, says(ready))
    return Health(State.UNKNOWN, "nothing in its status says whether it works")


def group_kind(subject: Subject) -> GroupKind:
    """The group and kind that an object names itself by."""
    group, slash, _ = text(subject.live.get("apiVersion")).partition("/")
    return GroupKind(group if slash else "", text(subject.live.get("kind")))


def _unobserved(subject: Subject, kind: GroupKind) -> Health | None:
    """A status that belongs to an older spec says nothing about this one."""
    generation, observed = subject.metadata.get("generation"), subject.status.get("observedGeneration")
    if not isinstance(generation, int) or (observed is None and kind not in CONFIRMED):
        return None
    if number(observed) < generation:
        return Health(State.PROGRESSING, "its controller has not seen the newest spec yet")
    return None


def _finalizers(subject: Subject) -> str:
    """What an object that is being deleted still waits for."""
    waits = subject.metadata.get("finalizers")
    names = ", ".join(map(str, waits)) if isinstance(waits, list | tuple) else ""
    return f"waits for {names}" if names else ""
