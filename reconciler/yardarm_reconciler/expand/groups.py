"""Replicas that span nodes: a LeaderWorkerSet, of whose pods the leaders take the requests.

https://github.com/kubernetes-sigs/lws
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from yardarm_reconciler.expand import capabilities, pod, replicated, scaling, storage
from yardarm_reconciler.expand.labels import PART, metadata, selector
from yardarm_reconciler.expand.names import GROUP_LIMIT, part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.replicated import Replicated
from yardarm_schema.workload import Program

UNLIKE_GROUPS = Code(
    "model/unlike-groups",
    title="Replicas that span nodes are a number",
    why="A LeaderWorkerSet runs a number of groups of pods, and there is no such group for each node.",
    bad="nodes: 2, replicas: perNode",
    good="nodes: 2, replicas: 4",
)
P = TypeVar("P", bound=Program)

LEADER, WORKER = "leader", "worker"

PURPOSE = "group"
"""Not the workload's own name: the controller makes a headless Service of the set's name, which must not be ours."""


def check(
    leader: Resolved[Replicated], worker: Resolved[Program], field: str, pods: int
) -> Iterator[Diagnostic]:
    """What is wrong with replicas that span nodes.

    Args:
        leader: the program that takes requests.
        worker: the other one.
        field: what says that they span nodes.
        pods: that run at one time, of both.
    """
    yield from capabilities.require(leader, field, "lws", what="a replica that spans nodes")
    yield from storage.check(worker)
    yield from storage.check_sharing(leader, pods)
    if leader.spec.per_node:
        yield UNLIKE_GROUPS.at(leader.origin("spec.replicas"), field="spec.replicas")
    else:
        yield from storage.check_unnamed(leader)


def expand(leader: Resolved[Replicated], worker: Resolved[Program], size: int) -> Iterator[Manifest]:
    """The replicas and their address, with what scales and what protects them."""
    whole = whole_of(leader)
    if leader.spec.ports:
        yield service(leader)
    running = leader_worker_set(leader, worker, size)
    yield running
    yield from scaling.scaler(whole, running.key)
    if leader.spec.fewest > 1:
        yield replicated.disruption_budget(whole)


def service(leader: Resolved[Replicated]) -> Manifest:
    """One address for all leaders."""
    return replicated.service(whole_of(leader), leaders(leader))


def leaders(leader: Resolved[Replicated]) -> Object:
    """What selects the pods that take requests."""
    return {**selector(whole_of(leader)), PART: leader.part or LEADER}


def leader_worker_set(leader: Resolved[Replicated], worker: Resolved[Program], size: int) -> Manifest:
    """The replicas, each of ``size`` pods. They start anew together: a rank cannot join the others later."""
    whole = whole_of(leader)
    spec: dict[str, Any] = {
        **({} if leader.spec.scaling else {"replicas": leader.spec.most}),
        "rolloutStrategy": {
            "type": "RollingUpdate",
            "rollingUpdateConfiguration": replicated.rolling(leader),
        },
        "leaderWorkerTemplate": {
            "size": size,
            "restartPolicy": "RecreateGroupOnPodRestart",
            "leaderTemplate": _template(leader, LEADER),
            "workerTemplate": _template(worker, WORKER),
        },
    }
    body = {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": metadata(whole, part_name(whole, PURPOSE, limit=GROUP_LIMIT)),
        "spec": spec,
    }
    return manifest(body, leader.origin("spec"))


def _template(program: Resolved[Any], role: str) -> Object:
    return pod.template(program, extra_labels={} if program.part else {PART: role})


def whole_of(program: Resolved[P]) -> Resolved[P]:
    """The same program for objects that are the whole workload's: its address, its files, how much may be away."""
    return replace(program, part="")
