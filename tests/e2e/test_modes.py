"""What an environment's mode and a workload's dependencies allow."""

import pytest

from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import Action, Cause, State, Sync


def test_a_dependent_waits_for_the_health_of_what_it_needs(site: Site):
    """Nothing of it is written until its dependency is healthy, and the report says what it waits for."""
    slow = site.service("model", labels={STAGE_LABEL: "slow-load"})
    site.write(slow, site.service("agent", dependsOn=["Service/model"]))
    site.commit()
    first = site.look()
    assert not [line for line in first.objects if line.endswith("/agent")]
    assert "waits for Service/" in first.of(f"Service/{site.team}/agent").reason
    assert "create deployments/model" in first.objects

    def goes() -> bool:
        done = site.look()
        healthy = done.of(f"Service/{site.team}/model").health.state is State.HEALTHY
        wrote = "create deployments/agent" in done.objects
        assert healthy or not wrote
        return wrote

    wait_until("the dependent", goes)
    site.until_quiet()


def test_a_dependent_waits_for_the_end_of_a_run(site: Site):
    """A job that it needs must have succeeded."""
    site.write(
        site.job("index", labels={STAGE_LABEL: "keep-running"}),
        site.service("api", dependsOn=["BatchJob/index"]),
    )
    site.commit()
    site.look()
    waiting = site.look()

    assert not [line for line in waiting.objects if line.endswith("/api")]
    site.write(site.job("index"), site.service("api", dependsOn=["BatchJob/index"]))
    site.commit()
    site.api.delete(site.path("batch/jobs", site.names("batch/jobs")[0]))
    assert "create deployments/api" not in site.look().objects


def test_mode_plan_writes_nothing(site: Site):
    """Not an object and not a record; the report says what would happen."""
    site.sync = {"mode": "plan"}
    site.write(site.service("api"), site.job("index"))
    site.commit()
    done = site.look()

    assert done.writes == []
    assert {each.sync for each in done.report.workloads} == {Sync.OUT_OF_SYNC}
    assert {c.key.kind for c in done.changes(Action.CREATED)} >= {"Namespace", "Deployment", "Job"}
    assert site.api.get(f"/api/v1/namespaces/{site.namespace}") is None


def test_mode_plan_leaves_what_runs_as_it_is(site: Site):
    """Neither changes nor drift nor removals are written once an environment only plans, which is remembered."""
    site.write(site.service("api"), site.service("web"), site.service("old"))
    site.commit()
    site.look()
    site.sync = {"mode": "plan"}
    site.write(site.service("api", replicas=2))
    site.remove("old")
    site.commit()
    site.api.patch(site.path("apps/deployments", "web"), {"spec": {"replicas": 5}})
    done, again = site.look(), site.look()

    assert (done.objects, again.writes) == ([], [])
    would = {(c.key.kind, c.key.name, c.action) for c in done.changes(Action.CONFIGURED, Action.DELETED)}
    assert {
        ("Deployment", "api", Action.CONFIGURED),
        ("Deployment", "web", Action.CONFIGURED),
        ("Deployment", "old", Action.DELETED),
    } <= would

    site.platform["environment"] = {"clusters": "typo"}
    site.commit()
    site.start()
    assert site.look().objects == []


@pytest.mark.parametrize("harm", ["changed", "deleted"])
def test_mode_apply_reports_drift_and_does_not_repair_it(site: Site, harm: str):
    """What git changes goes out; what live changed is only told."""
    site.sync = {"mode": "apply"}
    site.write(site.service("api"), site.service("web"))
    site.commit()
    site.look()
    if harm == "changed":
        site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 5}})
    else:
        site.api.delete(site.path("services", "api"))
    site.write(site.service("web", replicas=2))
    site.commit()
    done, again = site.look(), site.look()

    assert not [line for line in done.objects if line.endswith("/api")]
    assert "patch deployments/web" in done.objects
    assert again.writes == []
    drifted = again.of(f"Service/{site.team}/api")
    assert drifted.sync is Sync.OUT_OF_SYNC
    assert [c.cause for c in drifted.changes if c.action in {Action.HELD, Action.SKIPPED}] == [Cause.DRIFT]
