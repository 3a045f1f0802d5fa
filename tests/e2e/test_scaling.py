"""Replicas change hands between us and a scaler without a moment of too few."""

from __future__ import annotations

from typing import Any

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site

SCALING: dict[str, Any] = {"min": 2, "max": 5, "metric": "cpu", "target": "70%"}
DEPLOYMENT = "apps/deployments"


def committed(site: Site, **spec: Any) -> None:
    """A server with these replicas, or this scaling."""
    site.write(site.service("api", **spec))
    site.commit()


def replicas(site: Site) -> int:
    """How many its Deployment has."""
    return int(site.live(DEPLOYMENT, "api")["spec"]["replicas"])


def test_a_scaler_takes_over_the_replicas_that_there_are(site: Site):
    """They are handed over by a write of their own, before the number goes out of ours; then nothing is written."""
    committed(site, replicas=3)
    site.look()
    committed(site, scaling=SCALING)
    taken = site.look()

    assert replicas(site) == 3
    managers = {each["manager"] for each in site.live(DEPLOYMENT, "api")["metadata"]["managedFields"]}
    assert "yardarm-handover" in managers
    assert taken.objects.count("patch deployments/api") == 2
    assert "create horizontalpodautoscalers/api" in taken.objects
    assert site.look().writes == []


def test_what_a_scaler_decides_is_no_drift(site: Site):
    """Kubernetes' own autoscaler brings it to the least replicas; we leave it alone, in this life and in the next."""
    committed(site, scaling=SCALING)
    site.look()
    wait_until("scaled", lambda: replicas(site) == SCALING["min"])

    assert site.look().objects == []
    assert site.start()().objects == []
    assert replicas(site) == SCALING["min"]


def test_a_number_in_the_spec_comes_after_the_scaler_is_gone(site: Site):
    """Else the scaler would undo it."""
    committed(site, scaling=SCALING)
    site.look()
    committed(site, replicas=1)
    back = site.look()

    gone, set_ = "delete horizontalpodautoscalers/api", "patch deployments/api"
    assert back.objects.index(gone) < back.objects.index(set_)
    assert replicas(site) == 1
    assert site.look().objects == []


def test_a_scaler_that_lingers_is_waited_for(site: Site):
    """KEDA's objects go when KEDA lets them: until then a number would be undone."""
    committed(site, scaling=SCALING)
    site.look()
    wait_until("scaled", lambda: replicas(site) == SCALING["min"])
    scaler = f"/apis/autoscaling/v2/namespaces/{site.namespace}/horizontalpodautoscalers/api"
    site.api.patch(scaler, {"metadata": {"finalizers": ["example.com/not-yet"]}})
    committed(site, replicas=1)
    waiting = site.look()

    assert "patch deployments/api" not in waiting.objects
    assert replicas(site) == SCALING["min"]

    site.api.patch(scaler, {"metadata": {"finalizers": []}})
    wait_until("set", lambda: "patch deployments/api" in site.look().objects)
    assert replicas(site) == 1
