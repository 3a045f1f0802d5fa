"""One workload: the worst object speaks, in the words of its pods."""

from datetime import UTC, datetime
from pathlib import Path

import yaml

from yardarm_reconciler.health import Surroundings, rollup
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import Key

CASES = Path(__file__).parents[2] / "cases" / "health"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEPLOYMENT = Key("apps", "Deployment", "nlp-dev", "qwen3-32b")
JOB = Key("batch", "Job", "nlp-dev", "reranker-ft-8f31c2aa")
ACCOUNT = Key("", "ServiceAccount", "nlp-dev", "qwen3-32b")
REPLICA_SET = {
    "metadata": {"name": "qwen3-32b-7c", "uid": "rs1", "ownerReferences": [{"uid": "d1", "controller": True}]}
}


def load(name):
    """The object of a fixture."""
    return yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))["live"]


def pod(name, owner, **metadata):
    """A pod of a fixture, controlled by the object with that uid."""
    live = load(name)
    references = [{"uid": owner, "controller": True}]
    return live | {"metadata": live["metadata"] | {"ownerReferences": references} | metadata}


def deployment(name, *pods, sets=(REPLICA_SET,)):
    """The health of a workload of one Deployment and its pods."""
    return rollup({DEPLOYMENT: load(name)}, [DEPLOYMENT], Surroundings(pods, sets), NOW)


def job(name, *pods):
    """The health of a workload of one Job and its pods."""
    return rollup({JOB: load(name)}, [JOB], Surroundings(pods), NOW)


def test_a_pod_without_a_node_explains_its_deployment():
    """The scheduler's words reach the workload, with how many pods they are about."""
    health = deployment("deployment-starting", pod("pod-ready", "rs1"), pod("pod-unschedulable", "rs1"))

    assert health.state is State.DEGRADED
    assert health.reason == "1 of 2 pods Pending: 0/5 nodes are available: 5 Insufficient nvidia.com/gpu"


def test_the_deployment_keeps_its_state_where_it_is_worse():
    """A rollout that failed stays failed; its pods only say why."""
    health = deployment("deployment-deadline-exceeded", pod("pod-oomkilled", "rs1"))

    assert health.state is State.FAILED
    assert "OOMKilled" in health.reason


def test_pods_of_somebody_else_do_not_count():
    """A pod that no object of the workload controls says nothing about it."""
    health = deployment("deployment-starting", pod("pod-unschedulable", "rs-of-another"))

    assert health == Health(State.PROGRESSING, "0 of 2 replicas available")


def test_pods_that_are_going_do_not_count():
    """An old pod that is being deleted is no news."""
    going = pod("pod-crashloopbackoff", "rs1", deletionTimestamp="2026-11-23T11:59:59Z")

    assert deployment("deployment-rolling-out", going).state is State.PROGRESSING


def test_a_healthy_deployment_needs_no_explanation():
    """What works is not talked into trouble by one pod."""
    assert deployment("deployment-healthy", pod("pod-not-ready", "rs1")) == Health(State.HEALTHY)


def test_starting_pods_are_told_beside_the_progress():
    """While nothing is wrong, both the count and what the pods do are told."""
    health = deployment("deployment-starting", pod("pod-creating", "rs1"), pod("pod-creating", "rs1"))

    assert health == Health(State.PROGRESSING, "0 of 2 replicas available; 2 of 2 pods starting")


def test_a_replica_set_that_is_refused_by_quota_degrades_its_deployment():
    """The ReplicaSet knows of the quota before the Deployment repeats it."""
    refused = {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota: yardarm-devices"}
    replica_set = REPLICA_SET | {"spec": {"replicas": 2}, "status": {"conditions": [refused]}}

    health = deployment("deployment-starting", sets=[replica_set])

    assert health.state is State.DEGRADED
    assert "exceeded quota" in health.reason


def test_a_retried_job_tells_how_the_last_pod_failed():
    """A pod that failed does not fail a Job that tries again, but it is told."""
    health = job("job-running", pod("pod-failed-oomkilled", "j1"), pod("pod-ready", "j1"))

    assert health.state is State.PROGRESSING
    assert health.reason.endswith("last failure: main was OOMKilled (exit 137)")


def test_a_failed_job_tells_how_its_last_pod_failed():
    """Of several failed pods the newest has the last word."""
    old = pod("pod-failed-oomkilled", "j1", creationTimestamp="2026-11-23T10:00:00Z")
    new = pod("pod-failed", "j1", creationTimestamp="2026-11-23T11:00:00Z")

    health = job("job-failed", old, new)

    assert health.state is State.FAILED
    assert health.reason.endswith("last failure: main exited 2")


def test_a_job_whose_pods_find_no_node_is_degraded():
    """A Job has no word for it; its pods have."""
    assert job("job-running", pod("pod-unschedulable", "j1")).state is State.DEGRADED


def test_a_pod_of_a_group_explains_its_set():
    """A LeaderWorkerSet's pods belong to StatefulSets that nobody looks at: its name on them is enough."""
    key = Key("leaderworkerset.x-k8s.io", "LeaderWorkerSet", "nlp-production", "llama-405b-group")
    labels = {"leaderworkerset.sigs.k8s.io/name": "llama-405b-group"}
    ours = pod("pod-unschedulable", "sts1", labels=labels, namespace="nlp-production")
    others = pod("pod-crashloopbackoff", "sts2", labels=labels, namespace="nlp-dev")

    health = rollup({key: load("leaderworkerset-starting")}, [key], Surroundings([ours, others]), NOW)

    assert health.state is State.DEGRADED
    assert health.reason == "its pod: Pending: 0/5 nodes are available: 5 Insufficient nvidia.com/gpu"


def test_pods_of_the_jobs_of_a_set_explain_it():
    """A JobSet's pods belong to Jobs that nobody looks at: the run that they carry tells whose they are."""
    key = Key("jobset.x-k8s.io", "JobSet", "nlp-dev", "pretrain-1")
    live = load("jobset-running")
    live["metadata"]["labels"] = {"yardarm.dev/run": "1a2b3c4d"}
    ours = pod("pod-unschedulable", "job1", labels={"yardarm.dev/run": "1a2b3c4d"})
    former = pod("pod-crashloopbackoff", "job0", labels={"yardarm.dev/run": "0a0b0c0d"})

    health = rollup({key: live}, [key], Surroundings([ours, former]), NOW)

    assert health.state is State.DEGRADED
    assert health.reason.endswith("its pod: Pending: 0/5 nodes are available: 5 Insufficient nvidia.com/gpu")


def test_pods_of_a_ray_cluster_explain_it():
    """They are its own, with no set between."""
    key = Key("ray.io", "RayCluster", "nlp-dev", "cluster")
    live = load("raycluster-starting")
    owned = pod("pod-unschedulable", live["metadata"]["uid"])

    health = rollup({key: live}, [key], Surroundings([owned]), NOW)

    assert "Insufficient nvidia.com/gpu" in health.reason


def test_what_a_queue_waits_for_is_told():
    """Kueue says it in an event about the Workload that it made of the run."""
    key = Key("jobset.x-k8s.io", "JobSet", "nlp-dev", "pretrain-1")
    case = yaml.safe_load((CASES / "jobset-queued.yaml").read_text(encoding="utf-8"))

    health = rollup({key: case["live"]}, [key], Surroundings(events=case["events"]), NOW)

    assert health.state is State.SUSPENDED
    assert "could not assign flavors" in health.reason


def test_what_is_not_there_is_missing():
    """An expected object that nobody saw outranks those that work."""
    health = rollup({ACCOUNT: load("serviceaccount-there")}, [ACCOUNT, DEPLOYMENT], Surroundings(), NOW)

    assert health == Health(State.MISSING, "Deployment/qwen3-32b is missing")


def test_a_finished_job_makes_its_workload_succeeded():
    """Objects that merely exist do not turn Succeeded into Healthy."""
    live = {ACCOUNT: load("serviceaccount-there"), JOB: load("job-complete")}

    assert rollup(live, [ACCOUNT, JOB], Surroundings(), NOW) == Health(State.SUCCEEDED)


def test_the_reason_of_an_object_that_has_no_pods_names_it():
    """A workload has many objects: who has a problem is part of the reason."""
    key = Key("", "Service", "nlp-dev", "qwen3-32b")

    health = rollup({key: load("service-load-balancer-pending")}, [key], Surroundings(), NOW)

    assert health == Health(
        State.PROGRESSING, "Service/qwen3-32b: waits for the address of its load balancer"
    )


def test_a_workload_of_no_objects_is_unknown():
    """Nothing to look at is not health."""
    assert rollup({}, [], Surroundings(), NOW).state is State.UNKNOWN
