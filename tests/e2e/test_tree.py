"""What became of a workload's objects, on a cluster whose controllers and scheduler are real."""

import json

from tests.controlplane.nodes import add_nodes, gpu_node
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site


def test_a_tree_leads_from_a_workload_to_its_pods_and_what_they_hold(site: Site):
    """Down to a pod on a node with its devices, and to one that has none, with what happened to each; a kind that may not be listed is told."""
    add_nodes(site.api, [gpu_node(f"{site.team}-0", product=site.team, count=2)])
    site.write(
        site.service("big", accelerator="gpu:2", resources={"cpu": 1, "memory": "1Gi"}),
        site.service("late", accelerator="gpu:2", resources={"cpu": 1, "memory": "1Gi"}),
    )
    site.commit()
    site.look()

    def told() -> bool:
        running = [each for each in site.api.list(site.path("pods")) if each["status"]["phase"] == "Running"]
        reasons = {each["reason"] for each in site.api.list(site.path("events"))}
        return len(running) == 1 and "FailedScheduling" in reasons

    wait_until("one of two runs, and why the other does not is told", told)
    done = site.program("tree", "--format", "json")
    said = site.program("events", "--since", "1h", "--format", "json")
    site.api.delete(f"/api/v1/nodes/{site.team}-0")

    (environment,) = json.loads(done.stdout)["environments"]
    trees = {each["workload"].rpartition("/")[2]: each for each in environment["trees"]}
    holders = [name for name, each in trees.items() if each["devices"]]
    assert [trees[name]["devices"] for name in holders] == [{"nvidia.com/gpu": 2}]
    for name in ("big", "late"):
        (deployment,) = (each for each in trees[name]["objects"] if each["object"]["kind"] == "Deployment")
        (replica_set,) = deployment["made"]
        (pod,) = replica_set["made"]
        assert pod["object"]["kind"] == "Pod"
        assert pod["node"] == (f"{site.team}-0" if name in holders else "")
        assert "Insufficient nvidia.com/gpu" in pod["reason"] or name in holders
    assert environment["unread"] == ["cannot list ResourceClaim.resource.k8s.io (answer 403)"]
    assert "ResourceClaim" in done.stderr
    assert done.returncode == 0

    (events,) = json.loads(said.stdout)["environments"]
    (waiting,) = trees.keys() - {*holders} - {site.team}
    reasons = {each["reason"] for each in events["events"] if each["workload"].endswith(f"/{waiting}")}
    assert {"ScalingReplicaSet", "SuccessfulCreate", "FailedScheduling"} <= reasons
