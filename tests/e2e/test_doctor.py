"""What stands in the way on a real API server, asked by the account that is to do the work."""

import json
from typing import Any

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site
from tests.e2e.test_refusals import REDUCED, may_create


def examined(site: Site) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """The exit code, and what was found in the environment, by topic."""
    code, said = site.cli("doctor", "--format", "json")
    (environment,) = json.loads(said)["environments"]
    topics: dict[str, list[dict[str, Any]]] = {}
    for each in environment["checks"]:
        topics.setdefault(each["topic"], []).append(each)
    return code, topics


def test_where_nothing_is_in_the_way_every_fact_is_told(site: Site):
    """Before the first sync and after it; who holds the lease is told while somebody does."""
    site.write(site.service("api", replicas=2))
    site.commit()

    code, before = examined(site)
    site.look()
    _, after = examined(site)

    assert code == 0, before
    assert {each["mark"] for topic, found in before.items() for each in found if topic != "inventory"} == {
        "fine"
    }
    assert before["inventory"][0]["mark"] == "note"
    assert site.unit in after["inventory"][0]["said"]
    assert "system:serviceaccount:yardarm-system:yardarm" in before["cluster"][0]["said"]
    assert {"repository", "cluster", "clock", "lease", "apis", "rights"} <= set(before)


def test_a_right_that_is_missing_is_named_with_the_rule_that_gives_it(site: Site):
    """Just the verbs that are missing, where they are needed."""
    site.write(site.service("api", replicas=2))
    site.commit()
    rbac = "/apis/rbac.authorization.k8s.io/v1/clusterroles/yardarm-e2e"
    role = site.api.get(rbac)
    assert role is not None
    without = [rule for rule in role["rules"] if rule["resources"] != ["poddisruptionbudgets"]]
    reading = {**REDUCED, "verbs": ["get", "list", "watch"]}
    site.api.patch(rbac, {"rules": [*without, reading]})
    try:
        wait_until("the right gone", lambda: not may_create(site))
        code, found = examined(site)
    finally:
        site.api.patch(rbac, {"rules": role["rules"]})
    wait_until("the right back", lambda: may_create(site))

    (right,) = found["rights"]
    assert code == 1
    assert right["said"] == f"may not create, delete, patch poddisruptionbudgets.policy in {site.namespace}"
    assert '{apiGroups: ["policy"], resources: [poddisruptionbudgets]' in right["fix"]


def test_what_the_cluster_does_not_serve_is_told_with_who_wants_it(site: Site):
    """A capability that is only declared, and the kind that a workload is rendered to because of it."""
    site.platform["environment"] = {
        "capabilities": ["keda", "gatewayAPI"],
        "metrics": {"prometheus": "http://prometheus.monitoring:9090"},
    }
    scaling = {"min": 2, "max": 4, "metric": {"query": "sum(waiting)"}, "target": 5}
    site.write(site.service("api", scaling=scaling))
    site.commit()

    code, found = examined(site)

    assert code == 1
    assert "no ScaledObject.keda.sh" in found["apis"][0]["said"]
    assert f"Service/{site.team}/api" in found["apis"][0]["said"]
    assert {each["mark"] for each in found["capabilities"]} == {"note"}
    assert "platform/environment.yaml:" in found["capabilities"][0]["fix"]
