"""Accelerators on nodes that the real scheduler fills."""

import pytest

from tests.controlplane.nodes import add_nodes, gpu_node
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import State, Sync


@pytest.fixture
def fleet(site: Site):
    """Two nodes of two devices each that only this team's pods fit."""
    add_nodes(
        site.api, [gpu_node(f"{site.team}-{number}", product=site.team, count=2) for number in range(2)]
    )
    yield
    for number in range(2):
        site.api.delete(f"/api/v1/nodes/{site.team}-{number}")


def model(site: Site, name: str, count: int = 2):
    """A server that needs devices."""
    return site.service(name, accelerator=f"gpu:{count}", resources={"cpu": 1, "memory": "1Gi"})


@pytest.mark.usefixtures("fleet")
def test_one_workload_more_than_there_are_devices_says_what_is_missing(site: Site):
    """Two run; the third is synced but not healthy, in the scheduler's words."""
    site.write(*(model(site, name) for name in ("one", "two")))
    site.commit()
    site.look()
    full = site.until_quiet()
    assert {each.health.state for each in full.report.workloads} == {State.HEALTHY}
    pods = site.api.list(site.path("pods"))
    assert {each["status"]["phase"] for each in pods} == {"Running"}
    assert len({each["spec"]["nodeName"] for each in pods}) == 2

    site.write(model(site, "three"))
    site.commit()
    site.look()

    def told() -> bool:
        return "Insufficient nvidia.com/gpu" in site.look().of(f"Service/{site.team}/three").health.reason

    wait_until("the scheduler's reason", told)
    waiting = site.look().of(f"Service/{site.team}/three")
    assert waiting.sync is Sync.SYNCED
    assert waiting.health.state in {State.PROGRESSING, State.DEGRADED}
    assert "Insufficient nvidia.com/gpu" in site.cli("status", "--format", "json")[1]


@pytest.mark.usefixtures("fleet")
def test_what_the_budget_does_not_cover_is_not_started(site: Site):
    """The last of three is held in review of the whole, with the sum; the others run, and the quota holds too."""
    site.platform["team"] = {"budgets": {site.environment: {"accelerators": {"gpu": 4}}}}
    site.write(*(model(site, name) for name in ("a", "b", "c")))
    site.commit()
    done = site.look()

    assert site.names("apps/deployments") == ["a", "b"]
    held = done.of(f"Service/{site.team}/c")
    assert held.sync is Sync.HELD
    assert held.reason.startswith("budget/team-exceeded")
    assert site.live("resourcequotas", "yardarm-accelerators")["spec"]["hard"] == {
        "requests.nvidia.com/gpu": "4"
    }

    site.remove("a")
    site.commit()
    # Deleted first, and only then is what it held somebody else's.
    assert "create deployments/c" not in site.look().objects
    assert "create deployments/c" in site.look().objects
    assert site.names("apps/deployments") == ["b", "c"]
