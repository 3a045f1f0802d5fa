"""The control plane for pytest: `tests/conftest.py` names this module as a plugin.

One control plane a session. Under pytest-xdist each worker has its own (550 MB, 5 s): the audit
log is an oracle only while nobody else writes, and a killed API server is nobody else's trouble.
A test that uses any of these fixtures has the marker `controlplane` by that alone.
"""

import secrets
from collections.abc import Iterator

import pytest

from tests.controlplane import plane
from tests.controlplane.audit import AuditLog
from tests.controlplane.build import assets
from tests.controlplane.client import Api
from tests.controlplane.custom_resources import prepare
from tests.controlplane.environment import Environment
from tests.controlplane.equipment import equip
from tests.controlplane.plane import ControlPlane
from tests.controlplane.proxy import Proxy, fault_proxy


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs the control plane, so that `-m "not controlplane"` is the one way to skip it."""
    fixtures = getattr(item, "fixturenames", ())
    if "control_plane" in fixtures:
        item.add_marker("controlplane")
    if "platform" in fixtures:
        item.add_marker(pytest.mark.xdist_group("platform"))  # it takes 2 GB and 20 s: one worker has it


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build before the first test: a cold build takes longer than any test's time limit allows."""
    needed = any(item.get_closest_marker("controlplane") for item in session.items)
    if needed and not session.config.option.collectonly:
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():  # its progress is for whoever waits for it
            assets()
            if any("platform" in getattr(item, "fixturenames", ()) for item in session.items):
                prepare()


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The session's control plane; ask it for environments: `control_plane.environment("staging")`."""
    started = plane.start(tmp_path_factory.mktemp("controlplane"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def dev(control_plane: ControlPlane) -> Environment:
    """The environment that most tests share; a test keeps to a namespace or a team of its own."""
    return control_plane.environment("dev")


@pytest.fixture(scope="session")
def platform(control_plane: ControlPlane) -> Environment:
    """An environment with machines of every vendor; `install` gives it other projects' kinds as they are needed."""
    environment = control_plane.environment("platform")
    with environment.api() as client:
        equip(client)
    return environment


@pytest.fixture
def api(dev: Environment) -> Iterator[Api]:
    """A raw client of `dev` as admin."""
    with dev.api() as client:
        yield client


@pytest.fixture
def namespace(api: Api) -> Iterator[str]:
    """A new namespace in `dev`; its deletion is begun, not awaited, when the test ends."""
    name = f"test-{secrets.token_hex(4)}"
    api.post("/api/v1/namespaces", {"metadata": {"name": name}})
    yield name
    api.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def config_maps(namespace: str) -> str:
    """The path of the ConfigMaps in a new namespace: the plainest objects there are."""
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def audit(dev: Environment, api: Api) -> AuditLog:
    """The audit log of `dev`."""
    return AuditLog(dev.audit_log, api)


@pytest.fixture
def proxy(dev: Environment) -> Iterator[Proxy]:
    """A proxy in front of `dev` whose faults are the test's to add."""
    with fault_proxy(dev) as running:
        yield running
