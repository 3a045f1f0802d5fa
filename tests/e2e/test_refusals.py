"""What the API server refuses: asked first, so that a workload is changed whole or not at all."""

from collections.abc import Iterator

import pytest

from tests.controlplane.waiting import wait_until
from tests.e2e.admission import few_replicas
from tests.e2e.harness import Pass, Site
from yardarm_reconciler.model.change import Action, State, Sync

DENIED = "no more than three replicas here"


@pytest.fixture
def policy(site: Site) -> Iterator[None]:
    """A policy in the team's namespace that denies Deployments of more than three replicas, once it is in force."""
    site.write(site.service("api", env={"LEVEL": "info"}), site.service("web"))
    site.commit()
    site.look()
    with few_replicas(site, DENIED, of="web"):
        yield


def written(done: Pass, name: str) -> list[str]:
    """Accepted writes to objects of a workload of that name."""
    return [line for line in done.objects if line.endswith(f"/{name}")]


@pytest.mark.usefixtures("policy")
def test_one_refused_change_keeps_its_workload_whole(site: Site):
    """A denied update writes nothing of its workload, says why, and keeps no other workload from going on."""
    peer = {"ingress": [{"workload": "web"}]}
    site.write(
        site.service("api", replicas=4, ports={"http": 9090}, network=peer), site.service("web", replicas=2)
    )
    site.commit()
    done = site.look()

    assert written(done, "api") == []
    assert sorted(written(done, "web")) == ["create poddisruptionbudgets/web", "patch deployments/web"]
    (failed,) = done.changes(Action.FAILED)
    assert failed.key.name == "api"
    assert DENIED in failed.reason
    assert done.of(f"Service/{site.team}/api").sync is Sync.OUT_OF_SYNC

    site.write(site.service("api", replicas=3, ports={"http": 9090}, network=peer))
    site.commit()
    assert "patch deployments/api" in site.look().objects


@pytest.mark.usefixtures("policy")
def test_every_change_is_asked_about_before_the_first_write(site: Site):
    """All dry-runs of a pass come before its first write to an object, and what is new is not asked about."""
    site.write(site.service("api", replicas=2, ports={"http": 9090}), site.service("web", replicas=2))
    site.write(site.service("new"))
    site.commit()
    done = site.look()
    applied = [each for each in done.asked if each.verb == "patch"]
    kinds = [each.dry_run for each in applied]

    assert kinds == sorted(kinds, reverse=True)
    assert {(each.resource, each.name) for each in done.asked.dry_runs()} == {
        ("deployments", "api"),
        ("networkpolicies", "api"),
        ("services", "api"),
        ("deployments", "web"),
    }


@pytest.mark.usefixtures("policy")
def test_a_refused_create_stops_what_comes_after_it(site: Site):
    """A new workload whose Deployment is denied has no PodDisruptionBudget, and is tried again."""
    site.write(site.service("new", replicas=5))
    site.commit()
    first, again = site.look(), site.look()

    assert "create serviceaccounts/new" in first.objects
    assert "poddisruptionbudgets" not in str(first.objects)
    assert [each.reason for each in again.changes(Action.FAILED)] == [
        f"{first.changes(Action.FAILED)[0].reason}"
    ]
    assert DENIED in again.changes(Action.FAILED)[0].reason

    site.write(site.service("new", replicas=2))
    site.commit()
    assert sorted(written(site.look(), "new")) == [
        "create deployments/new",
        "create poddisruptionbudgets/new",
    ]


def test_an_immutable_input_is_refused_and_nothing_is_deleted(site: Site):
    """A claim's class cannot change: the sync fails with the reason and the line, and the claim stays."""
    volume = {"path": "/data", "size": "1Gi"}
    site.write(site.service("db", volumes={"data": volume}))
    site.commit()
    site.look()
    claim = site.live("persistentvolumeclaims", "db-data")["metadata"]["uid"]
    site.write(site.service("db", volumes={"data": {**volume, "class": "fast"}}, env={"A": "1"}))
    site.commit()
    done = site.look()
    code, said = site.cli("sync")

    (failed,) = done.changes(Action.FAILED)
    assert failed.reason.startswith("Immutable: ")
    assert failed.origin.path == "workloads/db.yaml"
    assert (done.objects, code) == ([], 4)
    assert "Traceback" not in said
    assert site.live("persistentvolumeclaims", "db-data")["metadata"]["uid"] == claim


def test_a_right_that_is_missing_fails_one_workload(site: Site):
    """What the reconciler may not write is Forbidden, with a reason, and holds up nobody else."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    rbac = "/apis/rbac.authorization.k8s.io/v1/clusterroles/yardarm-e2e"
    role = site.api.get(rbac)
    without = [rule for rule in role["rules"] if rule["resources"] != ["poddisruptionbudgets"]]
    site.api.patch(rbac, {"rules": [*without, {**REDUCED, "verbs": ["get", "list"]}]})
    try:
        wait_until("the right gone", lambda: not may_create(site))
        site.write(site.service("api", replicas=2), site.service("web"))
        site.commit()
        done = site.look()
    finally:
        site.api.patch(rbac, {"rules": role["rules"]})
    wait_until("the right back", lambda: may_create(site))

    (failed,) = done.changes(Action.FAILED)
    assert failed.reason.startswith("Forbidden: ")
    assert "create deployments/web" in done.objects


REDUCED = {"apiGroups": ["policy"], "resources": ["poddisruptionbudgets"]}


def may_create(site: Site) -> bool:
    """Whether the reconciler may create PodDisruptionBudgets."""
    with site.dev.api(site.dev.reconciler_token) as api:
        body = {
            "spec": {
                "resourceAttributes": {
                    "verb": "create",
                    "group": "policy",
                    "resource": "poddisruptionbudgets",
                }
            }
        }
        answer = api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    return bool(answer.body.get("status", {}).get("allowed"))


def test_a_quota_that_refuses_pods_is_the_reason_that_status_shows(site: Site):
    """A Deployment whose pods a ResourceQuota refuses is Degraded with the quota's own words."""
    site.write(site.service("seed"))
    site.commit()
    site.look()
    quota = {"metadata": {"name": "tight"}, "spec": {"hard": {"pods": "1"}}}
    site.api.post(site.path("resourcequotas"), quota)

    def used() -> str | None:
        return (site.live("resourcequotas", "tight").get("status") or {}).get("used", {}).get("pods")

    wait_until("the seed's pod counted", lambda: used() == "1")
    site.write(site.service("api"))
    site.commit()

    def told() -> bool:
        return "exceeded quota: tight" in site.look().of(f"Service/{site.team}/api").health.reason

    wait_until("the reason", told)
    assert site.look().of(f"Service/{site.team}/api").health.state is State.DEGRADED
    assert "exceeded quota: tight" in site.cli("status", "--format", "json")[1]
