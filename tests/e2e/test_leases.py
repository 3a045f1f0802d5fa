"""Two reconcilers, one cluster: who leads, who takes over, and that nobody writes out of turn. The audit log tells."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.controlplane.audit import Request
from tests.controlplane.faults import Delay, Match
from tests.controlplane.proxy import Proxy, fault_proxy
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import RECONCILER, RECORDS, Site, write_settings
from tests.e2e.running import Running, reconciler

pytestmark = [pytest.mark.controlplane, pytest.mark.timeout(240)]

LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{RECORDS}/leases/yardarm"
LATE_SECONDS = 12.0
"""How long the proxy keeps a request whose sender is dead by then."""


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    """Everything that a test starts ends with it."""
    with ExitStack() as stack:
        yield stack


def settings_of(site: Site, kubeconfig: Path | None = None) -> Path:
    """Settings that poll twice a second."""
    file = site.folder / ("proxied.yaml" if kubeconfig else "direct.yaml")
    return write_settings(
        file,
        site.repository,
        {site.environment: kubeconfig or site.dev.reconciler_kubeconfig},
        {site.environment: site.unit},
        interval="1s",
    )


def start(site: Site, processes: ExitStack, name: str, kubeconfig: Path | None = None) -> Running:
    """One more reconciler."""
    return processes.enter_context(reconciler(settings_of(site, kubeconfig), site.folder / f"{name}.err"))


def leader(site: Site) -> str:
    """Who holds the lease: ``host/pid/…``, or nothing."""
    return str(((site.api.get(LEASE) or {}).get("spec") or {}).get("holderIdentity") or "")


def leads(site: Site, running: Running) -> bool:
    """Whether this process holds the lease."""
    return leader(site).split("/")[1:2] == [str(running.process.pid)]


def writes_of(site: Site, mark: int, running: Running) -> list[Request]:
    """What one process has written since a mark, accepted or not; dry-runs write nothing."""
    verbs = ("create", "update", "patch", "delete")
    asked = site.audit.since(mark).by(RECONCILER).verb(*verbs)
    mine = f"/{running.process.pid})"
    return [each for each in asked if each.user_agent.endswith(mine) and not each.dry_run]


def replicas(site: Site, name: str = "api") -> int:
    """How many a service has."""
    return int((site.live("apps/deployments", name) or {}).get("spec", {}).get("replicas", -1))


def deploy(site: Site, count: int = 1, **spec: object) -> str:
    """Commit so many services."""
    for number in range(count):
        site.write(site.service("api" if not number else f"api{number}", **spec))
    return site.commit()


def test_one_leads_the_other_stands_by_and_takes_over_when_it_is_let_go(site: Site, processes: ExitStack):
    """SIGTERM releases the lease; a sync by hand meanwhile does nothing and names the holder; status says it is looked at."""
    deploy(site, replicas=1)
    first = start(site, processes, "first")
    wait_until("the first leads", lambda: leads(site, first) and replicas(site) == 1)
    second = start(site, processes, "second")
    wait_until("the second stands by", lambda: second.standby)

    code, said = site.cli("sync")
    assert code == 5
    by_hand = site.program("sync")
    assert (by_hand.returncode, str(first.process.pid) in by_hand.stderr) == (5, True), said
    assert "looked at" in site.program("status").stdout

    mark = site.audit.mark()
    code, _ = first.stop()
    later = deploy(site, replicas=2)
    wait_until("the second leads", lambda: replicas(site) == 2)
    assert code == 0
    assert leads(site, second)
    wait_until("it says so", lambda: later in second.revisions(site.environment))
    assert not [each for each in writes_of(site, mark, first) if each.resource != "leases"]


def test_a_leader_that_is_frozen_beyond_its_lease_writes_nothing_when_it_thaws(
    site: Site, processes: ExitStack
):
    """It is stopped in the middle of writing; the other finishes the work; thawed, it stands by."""
    deploy(site, replicas=1)
    first = start(site, processes, "first")
    wait_until("the first leads", lambda: leads(site, first) and replicas(site) == 1)
    second = start(site, processes, "second")
    wait_until("the second stands by", lambda: second.standby)

    deploy(site, 25, replicas=2)
    wait_until("it is in the middle", lambda: len(site.names("apps/deployments")) > 3)
    os.kill(first.process.pid, signal.SIGSTOP)
    before = len(site.names("apps/deployments"))
    wait_until("the second took over", lambda: leads(site, second))
    wait_until("all is there", lambda: len(site.names("apps/deployments")) == 25)
    mark = site.audit.mark()
    os.kill(first.process.pid, signal.SIGCONT)
    wait_until("the first stands by", lambda: first.standby)
    changed = deploy(site, replicas=3)
    wait_until("the second goes on", lambda: changed in second.revisions(site.environment))

    assert before < 25
    # Headers may have left before it was stopped; without their body, which the fence keeps, they are no write.
    assert [each for each in writes_of(site, mark, first) if each.wrote] == []
    assert replicas(site) == 3


@pytest.fixture
def proxy(site: Site) -> Iterator[Proxy]:
    """Between the first reconciler and the API server."""
    with fault_proxy(site.dev) as made:
        yield made


def test_writes_of_a_dead_leader_that_arrive_late_do_no_harm(site: Site, proxy: Proxy, processes: ExitStack):
    """An update is repaired, a create finds its name taken, and no run starts twice."""
    kubeconfig = proxy.write_kubeconfig(site.folder / "proxied.kubeconfig", token=site.dev.reconciler_token)
    deploy(site, replicas=1)
    first = start(site, processes, "first", kubeconfig)
    wait_until("the first leads", lambda: leads(site, first) and replicas(site) == 1)

    kept = Match("PATCH", "/apis/(apps/v1/.*/deployments/api|batch/v1/.*/jobs/.*)", "(?!.*dryRun).*")
    before = proxy.faults.count(kept)
    proxy.faults.add(kept, Delay(LATE_SECONDS))
    mark = site.audit.mark()
    site.write(site.job("etl", run="true"))
    deploy(site, replicas=2)
    wait_until("both are on their way", lambda: proxy.faults.count(kept) >= before + 2)
    first.process.kill()
    first.process.wait()
    deploy(site, replicas=3)
    second = start(site, processes, "second")
    wait_until("the second leads", lambda: leads(site, second))
    wait_until("it has done it all", lambda: replicas(site) == 3 and len(site.names("batch/jobs")) == 1)

    def late() -> list[Request]:
        return [each for each in writes_of(site, mark, first) if each.resource in {"deployments", "jobs"}]

    wait_until("the late ones have arrived", lambda: len(late()) == 2)
    wait_until("what they did is undone", lambda: replicas(site) == 3)
    assert {each.code for each in late() if each.resource == "jobs"} == {409}
    created = [
        each for each in site.audit.since(mark).writes().about("jobs", group="batch") if each.code == 201
    ]
    assert len(created) == 1


def test_a_leader_that_crashed_on_this_machine_is_not_waited_for(site: Site, processes: ExitStack):
    """Its container starts again and goes on at once, with an epoch of its own."""
    deploy(site, replicas=1)
    first = start(site, processes, "first")
    wait_until("the first leads", lambda: leads(site, first) and replicas(site) == 1)
    first.process.kill()
    first.process.wait()
    deploy(site, replicas=2)
    done = site.program("sync", "--format", "json")

    assert done.returncode == 0, done.stdout
    assert replicas(site) == 2
    assert json.loads(done.stdout)["exit"] == 0
    assert leader(site) == ""
