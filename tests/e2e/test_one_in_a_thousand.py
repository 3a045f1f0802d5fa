"""One workload of a thousand is wrong: all others go on, and what runs of it is kept as it was."""

import pytest

from tests.controlplane.client import Object
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import Sync

THOUSAND = 1000
WRONG = "w500"


def settings(site: Site, name: str, level: str) -> Object:
    """The smallest workload that there is: one ConfigMap."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"level": level}}
    return site.document("RawResources", name, {"manifests": [{"inline": body}]})


@pytest.mark.timeout(300)
def test_one_that_is_wrong_holds_nobody_else_and_its_drift_is_repaired(site: Site):
    """All others are at the new commit; the one is held at its last good, also where somebody edits it."""
    names = [f"w{number}" for number in range(THOUSAND)]
    site.write(*(settings(site, name, "1") for name in names), path="all.yaml")
    site.commit()
    site.look()
    wrong = settings(site, WRONG, "2")
    wrong["spec"]["unheard-of"] = 1
    site.write(*(settings(site, name, "2") if name != WRONG else wrong for name in names), path="all.yaml")
    site.commit()
    changed = site.look()

    held = [each.id for each in changed.report.workloads if each.sync is Sync.HELD]
    assert held == [f"RawResources/{site.team}/{WRONG}"]
    levels = [
        each["data"]["level"] for each in site.api.list(site.path("configmaps")) if "level" in each["data"]
    ]
    assert (levels.count("2"), levels.count("1")) == (THOUSAND - 1, 1)

    site.api.patch(site.path("configmaps", WRONG), {"data": {"level": "by hand"}})
    repaired = site.look()

    assert repaired.objects == [f"patch configmaps/{WRONG}"]
    assert site.live("configmaps", WRONG)["data"] == {"level": "1"}
