"""What there is of a workload: its objects, and what controllers made of them, found by whom it belongs to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest

from tests.unit.given import Given, looked_at, made, record
from yardarm_reconciler.family import MADE
from yardarm_reconciler.health.rollup import CONTROLLERS
from yardarm_reconciler.inventory.records import EntryState, Record, Run, RunState
from yardarm_reconciler.model.change import State
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.report.tree import Node
from yardarm_reconciler.standing import tree_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
GPU = {"containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": "2", "cpu": "1"}}}]}


def nodes(given: Given, one: Record) -> tuple[Node, ...]:
    """Its objects as they are."""
    found, said = looked_at(given, one)
    return tree_of(one, found.members[one.id], said, NOW, told=given.reports_health).nodes


def flat(several: Iterable[Node], depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Depth, name and health of each."""
    for node in several:
        yield depth, f"{node.key.kind}/{node.key.name}", str(node.health.state)
        yield from flat(node.made, depth + 1)


DEPLOYMENT = made(
    "Deployment", "api", version="apps/v1", spec={"replicas": 1}, status={"availableReplicas": 1}
)
NEW = made(
    "ReplicaSet", "api-2", "api", "apps/v1", spec={"replicas": 1}, status={"readyReplicas": 1, "replicas": 1}
)
OLD = made("ReplicaSet", "api-1", "api", "apps/v1", spec={"replicas": 0}, status={"replicas": 0})
POD = made("Pod", "api-2-x", "api-2", spec=GPU | {"nodeName": "gpu-1"}, status=READY)
VOLUME = made("PersistentVolumeClaim", "api-2-x-tmp", "api-2-x", status={"phase": "Bound"})


def test_what_controllers_made_stands_below_what_it_was_made_of():
    """In as many steps as there are; what belongs to others, and ReplicaSets of the past, is left out."""
    theirs = made("Pod", "stranger", "somebody-else", spec=GPU, status=READY)

    (deployment,) = nodes(Given([DEPLOYMENT, OLD, NEW, POD, VOLUME, theirs]), record(DEPLOYMENT))

    assert [(depth, name) for depth, name, _ in flat([deployment])] == [
        (0, "Deployment/api"),
        (1, "ReplicaSet/api-2"),
        (2, "Pod/api-2-x"),
        (3, "PersistentVolumeClaim/api-2-x-tmp"),
    ]
    assert deployment.held() == {"nvidia.com/gpu": 2}
    assert deployment.made[0].made[0].machine == "gpu-1"


@pytest.mark.parametrize(
    ("spec", "status", "held"),
    [
        ({}, {"phase": "Pending"}, {}),
        ({"nodeName": "gpu-1"}, {"phase": "Succeeded"}, {}),
        ({"nodeName": "gpu-1"}, {"phase": "Pending"}, {"nvidia.com/gpu": 2}),
    ],
)
def test_a_pod_holds_devices_from_its_node_to_its_end(spec, status, held):
    """Before it nothing is taken from others, and after it all is free."""
    pod = made("Pod", "api-2-x", "api-2", spec=GPU | spec, status=status)

    (deployment,) = nodes(Given([DEPLOYMENT, NEW, pod]), record(DEPLOYMENT))

    assert deployment.held() == held


@pytest.mark.parametrize(
    ("annotations", "held"),
    [({}, {"gpu.nvidia.com": 1}), ({"resource.kubernetes.io/extended-resource-claim": "true"}, {})],
)
def test_devices_of_a_claim_are_counted_once(annotations, held):
    """Those that the scheduler claims for a resource of the pod are the pod's."""
    results = {"results": [{"driver": "gpu.nvidia.com", "device": "gpu-0"}]}
    claim = made(
        "ResourceClaim", "gpu", "api", "resource.k8s.io/v1", status={"allocation": {"devices": results}}
    )
    claim["metadata"]["annotations"] = annotations
    pod = made("Pod", "api", spec={"containers": [], "nodeName": "gpu-1"}, status=READY)

    (found,) = nodes(Given([pod, claim]), record(pod))

    assert found.held() == held


def test_only_what_may_come_of_the_workload_is_looked_for():
    """A ConfigMap has no descendants: nothing is listed for it but its own kind."""
    given = Given([made("ConfigMap", "settings"), POD])

    nodes(given, record(given.objects[0]))

    assert {each.kind.kind for each in given.listed} <= {"ConfigMap", "Event"}


def test_objects_that_own_one_another_in_a_circle_end():
    """Anyone may write owners: what we wrote stays at the top."""
    schedule = made("CronJob", "etl", version="batch/v1")
    job = made("Job", "etl-1", "etl-1-x", "batch/v1")
    pod = made("Pod", "etl-1-x", "etl-1", spec={"containers": []})

    found = nodes(Given([schedule, job, pod]), record(schedule, job))

    assert [(depth, name) for depth, name, _ in flat(found)] == [
        (0, "CronJob/etl"),
        (0, "Job/etl-1"),
        (1, "Pod/etl-1-x"),
    ]


def test_what_may_not_be_listed_is_told():
    """And the rest is shown."""
    given = Given([DEPLOYMENT, NEW, POD], frozenset({"Pod"}))

    found, _ = looked_at(given, record(DEPLOYMENT))

    assert found.unread == ("cannot list Pod (answer 403)",)
    assert [each.made[0].key.kind for each in found.members["Service/nlp/api"]] == ["ReplicaSet"]


def test_runs_that_are_gone_say_how_they_ended():
    """The last of each step; those before it are history, and what was to be deleted and is gone is no more."""
    runs = tuple(
        Run(name, Key("batch", "Job", "dev", name), state)
        for name, state in (("a", RunState.FAILED), ("b", RunState.SUCCEEDED))
    )
    gone = record(made("ConfigMap", "settings"), state=EntryState.DELETING, runs=runs)

    found = nodes(Given([]), gone)

    assert [*flat(found)] == [(0, "Job/b", State.SUCCEEDED)]


def test_what_is_explained_by_its_pods_leads_to_them():
    """Every controller whose health is told by pods has a way down to these."""
    assert MADE.keys() >= CONTROLLERS


def test_what_is_missing_is_missing():
    """An object that somebody deleted; one that is kept for its data says so."""
    (missing,) = nodes(Given([]), record(DEPLOYMENT))
    (kept,) = nodes(Given([VOLUME]), record(VOLUME, state=EntryState.RETAINED))

    assert missing.health.state is State.MISSING
    assert "holds data" in kept.state
