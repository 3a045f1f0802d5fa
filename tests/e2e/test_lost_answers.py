"""An answer that is lost on its way is not a conflict with ourselves."""

from collections.abc import Iterator

import pytest

from tests.controlplane.faults import Match, Refuse, ResetAfter, ResetBefore
from tests.controlplane.proxy import Proxy
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import Action, Sync

REAL = r"(?!.*dryRun).*"


@pytest.fixture
def behind(site: Site, proxy: Proxy, tmp_path) -> Iterator[Site]:
    """A site whose reconciler reaches the API server through the proxy."""
    site.kubeconfig = proxy.write_kubeconfig(tmp_path / "proxied", token=site.dev.reconciler_token)
    site.write(site.service("api"), site.job("index"))
    site.commit()
    yield site
    proxy.faults.clear()


LOST = {
    "namespace": Match("PATCH", "/api/v1/namespaces/[^/]*", REAL, nth=1),
    "deployment": Match("PATCH", ".*/deployments/api", REAL, nth=1),
    "service": Match("PATCH", ".*/services/api", REAL, nth=1),
    "job": Match("PATCH", ".*/jobs/.*", REAL, nth=1),
    "first record": Match("POST", ".*/yardarm-system/configmaps", nth=1),
    "second record": Match("POST", ".*/yardarm-system/configmaps", nth=2),
    "settled record": Match("PUT", ".*/yardarm-system/configmaps/.*", nth=1),
}


@pytest.mark.parametrize("what", LOST)
@pytest.mark.parametrize("fault", [ResetAfter(), ResetBefore()], ids=["after", "before"])
def test_a_lost_answer_is_recognised(behind: Site, proxy: Proxy, what: str, fault: ResetAfter | ResetBefore):
    """The write took place once or not at all before it was asked again: one object, created, no conflict."""
    proxy.faults.add(LOST[what], fault)
    first = behind.look()

    assert first.report.error == ""
    assert first.changes(Action.CONFLICT, Action.FAILED, Action.SKIPPED, Action.UNCHANGED) == []
    assert {each.sync for each in first.report.workloads} == {Sync.SYNCED}
    creations = [line for line in first.objects if line.startswith("create ")]
    assert sorted(set(creations)) == sorted(creations) == sorted(first.objects)
    assert len([line for line in creations if line.startswith("create jobs/")]) == 1
    behind.until_quiet()
    assert behind.start()().writes == []


def test_a_busy_api_server_is_asked_again(behind: Site, proxy: Proxy):
    """429 and 503 with and without Retry-After delay a pass, and fail nothing."""
    proxy.faults.add(Match("PATCH", ".*/deployments/.*", nth=1), Refuse(429, retry_after_seconds=1))
    proxy.faults.add(Match("PATCH", ".*/services/.*", nth=1), Refuse(503))
    proxy.faults.add(Match("GET", ".*/jobs", nth=1), Refuse(503))
    first = behind.look()

    assert first.report.error == ""
    assert {each.sync for each in first.report.workloads} == {Sync.SYNCED}
