"""A whole program on a directory, in process: specs in memory, files on disk, one pass at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.trees import MemoryTree
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.decide.guards import accept, confirmation
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.directory.store import DirectoryStore
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import Inventory, Run
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.model.change import Action, Report, WorkloadReport
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import Machinery, desired_for, reconcile, specs_of
from yardarm_reconciler.ports import Cluster

ROOT = """
apiVersion: yardarm.dev/v1alpha1
kind: Repository
spec: {specs: [platform, workloads], platform: [platform]}
"""

ENVIRONMENT: dict[str, object] = {
    "apiVersion": "yardarm.dev/v1alpha1",
    "kind": "Environment",
    "metadata": {"name": "dev"},
    "spec": {"cluster": "dev"},
}

TEAM = """
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: nlp}
spec: {paths: ["workloads/**"]}
"""


def service(name: str, **spec: object) -> str:
    """A small Service."""
    return _document(
        "Service",
        name,
        {"image": "registry.example.com/app:1", "resources": {"memory": "1Gi"}, "ports": {"http": 80}} | spec,
    )


def batch_job(name: str, **spec: object) -> str:
    """A small BatchJob."""
    return _document(
        "BatchJob",
        name,
        {"image": "registry.example.com/etl:1", "resources": {"memory": "1Gi"}, "run": "true"} | spec,
    )


def _document(kind: str, name: str, spec: dict[str, object]) -> str:
    made = {
        "apiVersion": "yardarm.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "team": "nlp"},
        "spec": spec | {"environments": {"dev": {}}},
    }
    return yaml.safe_dump(made)


@dataclass
class Engine:
    """One unit over a directory; ``files`` is the config repository, changed by tests between passes."""

    directory: Path
    pool: Executor
    files: dict[str, str] = field(default_factory=dict)
    sync: dict[str, object] = field(default_factory=dict)
    renderer: str = "1"
    confirm_runs: bool = False

    def tree(self) -> MemoryTree:
        """The repository as it is now, at a revision of its own."""
        environment = ENVIRONMENT | {"spec": {"cluster": "dev", "sync": self.sync}}
        files = {
            "yardarm.yaml": ROOT,
            "platform/dev.yaml": yaml.safe_dump(environment),
            "platform/nlp.yaml": TEAM,
        }
        return MemoryTree({**files, **self.files})

    @contextlib.contextmanager
    def opened(self, *, write: bool = True) -> Iterator[tuple[DirectoryCluster, Journal]]:
        """The directory and its inventory, as a new process sees them."""
        cluster = DirectoryCluster(self.directory)
        with cluster.locked() if write else contextlib.nullcontext():
            yield cluster, Journal(DirectoryStore(self.directory), "u-1", cluster.identity(), self.renderer)

    def unit(self) -> Unit:
        """As settings bind it."""
        return Unit("u-1", "dev", confirm_runs=self.confirm_runs)

    def live(self, cluster: Cluster, pool: Executor | None = None) -> Live:
        """What a new process knows of a cluster: nothing yet."""
        return Live(cluster, Polled(cluster, pool or self.pool), pool or self.pool, self.unit())

    def desired(self, machinery: Machinery) -> Desired:
        """What the repository wants now."""
        return desired_for(specs_of(self.tree(), machinery), self.unit(), machinery.memory)

    def turn(self, *, write: bool = True) -> Report:
        """One pass of a new process."""
        machinery = Machinery(SystemClock(), self.pool, self.renderer)
        desired = self.desired(machinery)
        with self.opened(write=write) as (cluster, journal):
            return reconcile(self.unit(), desired, self.live(cluster), journal, machinery, write=write)

    def confirm(self, name: str) -> None:
        """Say yes to what the guard of that name holds."""
        (guard,) = (guard for guard in self.turn(write=False).guards if guard.name == name)
        given = confirmation(guard, "ana", SystemClock().now())
        with self.opened() as (_, journal):
            journal.read()
            journal.amend_parent(lambda parent: accept(parent, given, self.unit()))

    def inventory(self) -> Inventory:
        """What is recorded now."""
        with self.opened(write=False) as (_, journal):
            return journal.read()

    def runs(self, workload: str) -> tuple[Run, ...]:
        """The ledger of a workload."""
        return self.inventory().records[workload].runs

    def objects(self) -> set[str]:
        """Every manifest in the directory, as ``Kind/name``."""
        found = self.directory.glob("*/*/*.yaml")
        return {
            f"{path.parent.name.split('.')[0]}/{path.stem}" for path in found if ".yardarm" not in path.parts
        }


def actions(report: Report) -> dict[str, Action]:
    """What happened to each object, as ``Kind/name``, unchanged ones left out."""
    return {
        f"{change.key.kind}/{change.key.name}": change.action
        for workload in report.workloads
        for change in workload.changes
        if change.action is not Action.UNCHANGED
    }


def of(report: Report, workload: str) -> WorkloadReport:
    """One workload of a report."""
    (found,) = (each for each in report.workloads if each.id == workload)
    return found
