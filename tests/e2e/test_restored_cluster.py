"""A cluster that comes back from a backup of its etcd, under a program that has seen what came after."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.controlplane import plane, ready
from tests.controlplane.audit import AuditLog
from tests.controlplane.environment import Environment
from tests.controlplane.nodes import add_nodes, cpu_node
from tests.controlplane.plane import ControlPlane
from tests.controlplane.waiting import wait_until
from tests.e2e.following import changes, following
from tests.e2e.harness import Site, bind_rights
from tests.e2e.phases import STAYS
from yardarm_reconciler.model.change import Action

pytestmark = [
    pytest.mark.controlplane,
    pytest.mark.timeout(300),
    # A TLS handshake that an API server cuts off while it comes up leaves a socket to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <ssl:ResourceWarning"),
]


@dataclass
class Backup:
    """One etcd of its own, its data kept aside and put back."""

    plane: ControlPlane
    environment: Environment
    place: Path

    def take(self) -> None:
        """Keep a copy of everything that is stored now."""
        self._down()
        shutil.copytree(self.plane.folder / "etcd", self.place)
        self._up()

    def restore(self) -> None:
        """Go back to the copy."""
        self._down()
        shutil.rmtree(self.plane.folder / "etcd")
        shutil.copytree(self.place, self.plane.folder / "etcd")
        self._up()

    def _down(self) -> None:
        self.environment.api_server.kill()
        self.plane.etcd.stop()

    def _up(self) -> None:
        self.plane.etcd.start()
        ready.etcd_is_ready(self.plane.etcd_url, self.plane.etcd)
        self.environment.restart_api_server()


@pytest.fixture
def backup(tmp_path: Path) -> Iterator[Backup]:
    """A control plane that nobody else uses."""
    folder = tmp_path / "plane"
    folder.mkdir()
    made = plane.start(folder)
    try:
        environment = made.environment("dev")
        bind_rights(environment)
        with environment.api() as api:
            add_nodes(api, [cpu_node("cpu")])
        yield Backup(made, environment, tmp_path / "backup")
    finally:
        made.stop()


def test_after_a_restoration_nothing_is_deleted_and_no_run_is_started_before_a_yes(
    backup: Backup, tmp_path: Path, pool: Executor
):
    """A run that was started after the backup is not in the ledger any more, and must not be repeated by itself."""
    with backup.environment.api() as api:
        site = Site(backup.environment, api, AuditLog(backup.environment.audit_log, api), tmp_path, pool)
        site.write(site.service("api"), site.service("old"), site.service("older"))
        site.commit()
        with following(site) as program:
            program.quiet()
            backup.take()
            site.remove("old")
            site.write(site.service("web"), site.job("index", labels=STAYS))
            site.commit()
            wait_until("applied", lambda: not program.turn().error and bool(site.names("batch/jobs")))
            wait_until("pruned", lambda: site.names("apps/deployments") == ["api", "older", "web"])
            backup.restore()
            mark = site.audit.mark()
            wait_until("noticed", lambda: [g.name for g in program.turn().guards] == ["restored"])
            held = program.told[-1]

            wait_until("the rest applied", lambda: "web" in site.names("apps/deployments"))
            assert site.names("apps/deployments") == ["api", "old", "older", "web"]
            assert site.names("batch/jobs") == []
            writes = [each.verb for each in program.since(mark).writes() if each.resource == "jobs"]
            assert writes == []
            assert changes(held, Action.DELETED) == []
            # Another process, which has not seen what was, keeps to it.
            assert [guard.name for guard in site.start()().report.guards] == ["restored"]
            assert site.names("batch/jobs") == []

            site.confirm(held.guards[0])
            wait_until("the run", lambda: bool(site.names("batch/jobs")))
            wait_until("the rest gone", lambda: "old" not in site.names("apps/deployments"))
            wait_until("over", lambda: program.turn().guards == ())
