"""`yardarm run`: the program itself over two environments, told of commits, failures and its end."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.controlplane.environment import Environment
from tests.controlplane.plane import ControlPlane
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site, bind_rights, write_settings
from tests.e2e.running import Running, reconciler

STOPS_WITHIN_SECONDS = 10.0
"""Of a busy machine; a request that is tried again until its deadline would take half a minute."""


@pytest.fixture(scope="module")
def second(control_plane: ControlPlane) -> Iterator[Environment]:
    """Another environment, on an API server of its own that may be harmed."""
    made = control_plane.fresh()
    bind_rights(made)
    yield made
    made.api_server.resume()
    control_plane.stop_environment(made)


@pytest.fixture
def running(site: Site, second: Environment, tmp_path: Path) -> Iterator[Running]:
    """One repository, two environments, and the program over both."""
    other = "other"
    site.platform["more"] = {
        f"platform/{other}.yaml": {
            "apiVersion": "yardarm.dev/v1alpha1",
            "kind": "Environment",
            "metadata": {"name": other},
            "spec": {"cluster": other},
        }
    }
    deploy(site, 1)
    unit = f"u-{secrets.token_hex(4)}"
    file = write_settings(
        tmp_path / "settings.yaml",
        site.repository,
        {site.environment: site.dev.reconciler_kubeconfig, other: second.reconciler_kubeconfig},
        {site.environment: site.unit, other: unit},
        interval="1s",
    )
    with reconciler(file, tmp_path / "stderr") as made:
        yield made
        second.api_server.resume()


def deploy(site: Site, replicas: int) -> str:
    """Commit a workload for both environments."""
    document = site.service("api", replicas=replicas)
    document["spec"]["environments"]["other"] = {}
    site.write(document)
    return site.commit()


def follows(running: Running, environment: str, revision: str) -> None:
    """Wait until an environment was brought to a revision."""
    wait_until(f"{environment} at {revision[:7]}", lambda: revision in running.revisions(environment))


def replicas(environment: Environment, site: Site, name: str) -> int:
    """What runs in an environment."""
    with environment.api() as api:
        live = api.get(f"/apis/apps/v1/namespaces/{site.team}-{name}/deployments/api")
    return int((live or {}).get("spec", {}).get("replicas", 0))


def test_commits_flow_to_both_and_neither_waits_for_the_other(
    running: Running, site: Site, second: Environment
):
    """Both follow and repair; one whose API server is frozen holds up nobody, and catches up by itself; SIGTERM ends it all."""
    first = site.commit()
    follows(running, site.environment, first)
    follows(running, "other", first)

    site.api.delete(site.path("services", "api"))
    wait_until("the Service back", lambda: site.live("services", "api") is not None)

    second.api_server.pause()
    frozen = deploy(site, 2)
    follows(running, site.environment, frozen)
    assert replicas(site.dev, site, site.environment) == 2
    assert frozen not in running.revisions("other")

    second.api_server.resume()
    follows(running, "other", frozen)
    assert replicas(second, site, "other") == 2

    code, seconds = running.stop()
    assert code == 0
    assert seconds < STOPS_WITHIN_SECONDS


def test_an_api_server_that_is_down_is_reported_and_does_not_keep_the_program_from_ending(
    running: Running, site: Site, second: Environment
):
    """While one environment is unreachable the other follows git, and SIGTERM is heard at once."""
    follows(running, "other", site.commit())
    second.api_server.kill()
    try:
        later = deploy(site, 3)
        follows(running, site.environment, later)
        code, seconds = running.stop()
    finally:
        second.restart_api_server()

    assert (code, later in running.revisions("other")) == (0, False)
    assert seconds < STOPS_WITHIN_SECONDS
