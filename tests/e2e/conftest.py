"""Sites: a team and a config repository of its own for each test, on one API server a worker."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.controlplane.audit import AuditLog
from tests.controlplane.client import Api
from tests.controlplane.environment import Environment
from tests.controlplane.nodes import add_nodes, cpu_node
from tests.e2e.harness import Site, bind_rights

pytest.register_assert_rewrite("tests.e2e.kill_sweep", "tests.e2e.outcomes")


@pytest.fixture(scope="session")
def ready(dev: Environment) -> Environment:
    """The shared environment, with rights for the reconciler and a node for pods that need no device."""
    bind_rights(dev)
    with dev.api() as api:
        if api.get("/api/v1/nodes/e2e-cpu") is None:
            add_nodes(api, [cpu_node("e2e-cpu")])
    return dev


@pytest.fixture(scope="session")
def pool() -> Iterator[Executor]:
    """Threads for all passes."""
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture
def site(ready: Environment, api: Api, audit: AuditLog, tmp_path: Path, pool: Executor) -> Iterator[Site]:
    """A site; the deletion of its namespace is begun, not awaited, when the test ends."""
    made = Site(ready, api, audit, tmp_path, pool)
    yield made
    api.delete(f"/api/v1/namespaces/{made.namespace}")


@pytest.fixture
def sites(
    ready: Environment, api: Api, audit: AuditLog, tmp_path: Path, pool: Executor
) -> Callable[[], Site]:
    """Makes sites, each with a folder of its own."""
    numbers = itertools.count(1)

    def make() -> Site:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        return Site(ready, api, audit, folder, pool)

    return make
