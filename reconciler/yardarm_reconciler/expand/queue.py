"""Queues: what waits for quota until all of its pods may run, and near one another (Kueue).

Never ``suspend``: Kueue's webhook sets it, and takes it back when there is quota.
https://kueue.sigs.k8s.io/docs/tasks/run/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand.capabilities import has, require
from yardarm_reconciler.expand.labels import RUN, metadata
from yardarm_reconciler.model.manifest import Manifest, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.pod import Topology
from yardarm_schema.replicated import Replicated
from yardarm_schema.runs import Finite
from yardarm_schema.workload import Program

NO_QUEUE = Code(
    "field/topology-needs-queue",
    title="Nobody would place the pods near one another",
    why="Kueue chooses the place when it admits what waits in a queue; what waits in none it does not look at.",
    bad="scheduling: {topology: {level: rack}} of a team without a queue",
    good="scheduling: {queue: nlp, topology: {level: rack}}",
)

NOT_QUEUED = Code(
    "field/queue-of-every-node",
    title="What runs on every node waits in no queue",
    why="Kueue does not manage DaemonSets: their pods are bound to their nodes from the start.",
    bad="replicas: perNode, scheduling: {queue: nlp}",
    good="replicas: 3, scheduling: {queue: nlp}",
)

QUEUE = "kueue.x-k8s.io/queue-name"
PRIORITY = "kueue.x-k8s.io/priority-class"
NEAR = "kueue.x-k8s.io/podset-{}-topology"


def name_of(workload: Resolved[Any]) -> str | None:
    """The queue that it waits in: the one it names; jobs else in the team's first that the environment has.

    Servers wait in none unless they say so: each of their pods would be admitted by itself, a rollout's too.
    """
    spec = workload.spec
    asked: str | None = spec.scheduling.queue
    ends = isinstance(spec, Finite) or spec.COMPUTES
    if asked is not None or not ends or not has(workload, "kueue"):
        return asked
    return next((name for name in workload.team_spec.queues if name in workload.environment.queues), None)


def labels(workload: Resolved[Any]) -> dict[str, str]:
    """Labels of the object that waits as a whole; none where it waits for nothing."""
    name = name_of(workload)
    if name is None:
        return {}
    asked = workload.spec.scheduling.priority
    priority = workload.environment.priorities[asked].kueue if asked is not None else None
    return {QUEUE: name, **({PRIORITY: priority} if priority is not None else {})}


def queued(workload: Resolved[Any], name: str) -> dict[str, Any]:
    """Metadata of an object that waits in a queue, if it does."""
    meta = metadata(workload, name)
    meta["labels"] |= labels(workload)
    return meta


def metadata_of_run(workload: Resolved[Any], name: str) -> dict[str, Any]:
    """Metadata of an object that is a run: which, and what it waits in."""
    meta = queued(workload, name)
    meta["labels"][RUN] = workload.run_id
    return meta


def placement(program: Resolved[Program]) -> dict[str, str]:
    """Annotations of pods that shall be near one another."""
    asked = program.spec.scheduling.topology
    if asked is None or not _placed_by_queue(asked):
        return {}
    return {NEAR.format(asked.mode or "required"): program.environment.topologies[asked.level]}


def check(program: Resolved[Program]) -> Iterator[Diagnostic]:
    """Refuse a queue, or a place that only a queue gives, where there is none."""
    asked = program.spec.scheduling
    if asked.queue is not None:
        yield from require(program, "spec.scheduling.queue", "kueue")
        if isinstance(program.spec, Replicated) and program.spec.per_node:
            field = "spec.scheduling.queue"
            yield NOT_QUEUED.at(program.origin(field), field=field)
    if asked.topology is not None and _placed_by_queue(asked.topology):
        field = "spec.scheduling.topology"
        yield from require(program, field, "kueue")
        if has(program, "kueue") and asked.queue is None and name_of(program) is None:
            yield NO_QUEUE.at(program.origin(field), field=field)


def local_queues(team: Resolved[Any]) -> Iterator[Manifest]:
    """The team's queues in its namespace: where its workloads join the ClusterQueues that the platform made.

    Quota lies in these, by flavour: they are the platform's own objects, as nodes are.
    """
    for name in team.team_spec.queues:
        queue = team.environment.queues.get(name)
        if queue is not None and has(team, "kueue"):
            body = {
                "apiVersion": "kueue.x-k8s.io/v1beta2",
                "kind": "LocalQueue",
                "metadata": metadata(team, name),
            }
            yield manifest({**body, "spec": {"clusterQueue": queue.cluster_queue}}, team.origin("spec.queue"))


def _placed_by_queue(asked: Topology) -> bool:
    return asked.mode is not None or not asked.exclusive
