"""Objects that change hands between workloads, whose records lie in different shards of the inventory."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.engine import Engine, actions, batch_job, service
from tests.stores import MemoryStore
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.inventory import journal
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.pipeline import Machinery, reconcile

WRITES = 20
"""More than any pass here makes."""


def turn(engine: Engine, store: MemoryStore) -> Report:
    """One pass of a new process, with its inventory in that store."""
    machinery = Machinery(SystemClock(), engine.pool, engine.renderer)
    cluster = DirectoryCluster(engine.directory)
    with cluster.locked():
        records = journal.Journal(store, "u-1", cluster.identity(), engine.renderer)
        desired = engine.desired(machinery)
        return reconcile(engine.unit(), desired, engine.live(cluster), records, machinery)


def test_an_object_that_is_taken_over_is_never_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A Service becomes a BatchJob of the same name: a crash at any write of the inventory loses no entry."""
    monkeypatch.setattr(journal, "SHARD_AIM", 100)
    for writes in range(WRITES):
        with ThreadPoolExecutor(4) as pool:
            engine, store = Engine(tmp_path / str(writes), pool), MemoryStore()
            engine.files = {"workloads/api.yaml": service("api"), "workloads/web.yaml": service("web")}
            turn(engine, store)
            assert len(store.names()) > 2
            engine.files["workloads/api.yaml"] = batch_job("api")
            store.crash_after(writes)
            try:
                turn(engine, store)
                died = False
            except MemoryStore.Crash:
                died = True
            store.crash_after(None)
            turn(engine, store)
            assert actions(turn(engine, store)) == {}
        if not died:
            return
    raise AssertionError(f"a pass makes more than {WRITES} writes of the inventory")
