"""The manifests on a real API server, and the program there with its ServiceAccount's token and nothing more."""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest
import yaml

from tests.controlplane.client import Answer, Api
from tests.controlplane.custom_resources import install as install_kinds
from tests.controlplane.environment import free_ports
from tests.controlplane.nodes import add_nodes, cpu_node
from tests.controlplane.plane import ControlPlane
from tests.controlplane.waiting import wait_until
from tests.deploy.installed import ENVIRONMENTS, PAGE, TEAMS, Installed, install, shell
from tests.deploy.manifests import BASE, NAMESPACE
from tests.e2e.running import Running, reconciler
from tests.invoking import invoke

pytestmark = pytest.mark.slow

WRITES = "/apis/rbac.authorization.k8s.io/v1/clusterroles/yardarm-writes"
APPLY = "kubectl apply --server-side --force-conflicts -k install"
"""A right that somebody took by hand is another's field: whoever brings it back says so."""

SERVICES = {(environment, f"Service/{team}/api") for environment in ENVIRONMENTS for team in TEAMS}
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"


@pytest.fixture(scope="module")
def installed(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A cluster that has nothing but the manifests, and nodes."""
    cluster = control_plane.fresh()
    with cluster.api() as api:
        add_nodes(api, [cpu_node("one"), cpu_node("two")])
    yield install(cluster, tmp_path_factory.mktemp("installed"))
    control_plane.stop_environment(cluster)


@pytest.fixture
def admin(installed: Installed) -> Iterator[Api]:
    """The cluster as its admin sees it."""
    with installed.cluster.api() as api:
        yield api


@pytest.fixture
def account(installed: Installed) -> Iterator[Api]:
    """The cluster as the reconciler's account sees it."""
    with installed.cluster.api(installed.token) as api:
        yield api


def asked(port: int, path: str) -> tuple[int, bytes]:
    """What the program answers; 0 where it does not listen yet."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except urllib.error.URLError:
        return 0, b""


def workloads(port: int) -> dict[tuple[str, str], dict[str, Any]]:
    """All that the program says of workloads, by environment and id."""
    _, content = asked(port, "/api/v1/status")
    return {
        (environment["name"], each["id"]): each
        for environment in json.loads(content)["environments"]
        for each in environment["workloads"]
    }


def follows(running: Running, revision: str) -> None:
    """Wait until both environments were brought to a revision."""
    for name in ENVIRONMENTS:
        wait_until(f"{name} at {revision[:7]}", lambda name=name: revision in running.revisions(name))


def take(admin: Api, resource: str) -> None:
    """Take a resource out of the rules that are bound."""
    role = admin.get(WRITES)
    assert role is not None
    left = [
        {**each, "resources": [name for name in each["resources"] if name != resource]}
        for each in role["rules"]
    ]
    admin.patch(WRITES, {"rules": [each for each in left if each["resources"]]})


def out_of_sync(port: int) -> dict[tuple[str, str], str]:
    """Why workloads are not in sync."""
    return {key: each["reason"] for key, each in workloads(port).items() if each["sync"] != "synced"}


def probes() -> set[str]:
    """The paths that the kubelet asks."""
    deployment = yaml.safe_load((BASE / "deployment.yaml").read_text(encoding="utf-8"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return {each["httpGet"]["path"] for name, each in container.items() if name.endswith("Probe")}


def fenced(answer: Answer) -> bool:
    """Whether it was the fence that refused something."""
    return answer.status == HTTPStatus.FORBIDDEN and "yardarm-fence" in answer.message


def test_pods_of_the_reconciler_come_under_its_own_restrictions(installed: Installed, admin: Api):
    """Both replicas pass the namespace's Pod Security level, find all that they mount, and are on two nodes."""
    wait_until("both pods", lambda: len(admin.list(PODS)) == 2)
    pods = admin.list(PODS)

    assert len({each["spec"]["nodeName"] for each in pods}) == 2
    (mounted,) = [each["configMap"]["name"] for each in pods[0]["spec"]["volumes"] if "configMap" in each]
    settings = admin.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/{mounted}")
    assert settings is not None
    assert settings["data"]["settings.yaml"] == (installed.clone / "install/settings.yaml").read_text()


def test_with_its_token_alone_two_teams_in_two_environments_are_kept_in_force(installed: Installed):
    """Two replicas: one brings all of it to git, the other stands by; both answer their probes."""
    first = installed.commit(1)
    ports = free_ports(2)
    with ExitStack() as running:
        leader = running.enter_context(reconciler(installed.settings(ports[0]), installed.folder / "1.err"))
        follows(leader, first)
        other = running.enter_context(reconciler(installed.settings(ports[1]), installed.folder / "2.err"))
        wait_until("a standby", lambda: other.standby)
        for port, path in itertools.product(ports, probes()):
            wait_until(path, lambda port=port, path=path: asked(port, path)[0] == HTTPStatus.OK)
        told = workloads(ports[0])
        errors = [line for line in leader.lines if line["error"]]

    assert {each["sync"] for each in told.values()} == {"synced"}
    assert {key for key in told if key[1].startswith("Service/")} == SERVICES
    assert errors == []


def test_a_rule_that_is_missing_is_named_and_the_manifests_bring_it_back(installed: Installed, admin: Api):
    """By the pass that needs it, and by `yardarm doctor` as the rule to give; all else goes on."""
    first = installed.commit(3)
    (port,) = free_ports(1)
    settings = installed.settings(port)
    with reconciler(settings, installed.folder / "3.err") as running:
        follows(running, first)
        wait_until("all of it", lambda: not out_of_sync(port))
        take(admin, "deployments")
        second = installed.commit(4)
        wait_until("the failures", lambda: out_of_sync(port).keys() == SERVICES)
        reasons = out_of_sync(port).values()
        code, said = invoke("doctor", "--config", str(settings))
        installed.run(APPLY)
        follows(running, second)
        wait_until("all of it again", lambda: not out_of_sync(port))

    assert all('Forbidden: we cannot patch resource "deployments"' in reason for reason in reasons)
    assert code == 1
    assert "may not create, delete, get, patch deployments.apps" in " ".join(said.output.split())


def test_a_namespace_that_its_owner_has_labelled_may_be_written_in(
    installed: Installed, account: Api, admin: Api
):
    """As the page says; before, and in any that has no label, the fence refuses it."""
    (label,) = [each for each in shell(PAGE.read_text(encoding="utf-8")) if " label " in each]
    admin.post("/api/v1/namespaces", {"metadata": {"name": "nlp-production"}})
    path = "/api/v1/namespaces/nlp-production/configmaps"
    wait_until("the fence", lambda: fenced(account.request("POST", path, {"metadata": {"name": "a"}})))

    installed.run(label)

    wait_until(
        "a way in",
        lambda: account.request("POST", path, {"metadata": {"name": "a"}}).status == HTTPStatus.CREATED,
    )


@pytest.mark.timeout(600)  # the operator's kinds are made once, where they are not in the cache
def test_what_watches_it_is_taken_as_objects_of_the_operator(installed: Installed):
    """Strictly, by the schemas of the Prometheus operator: a field that it does not know is an error."""
    install_kinds(installed.cluster, ["prometheusOperator"])

    installed.run("kubectl apply --server-side --force-conflicts --dry-run=server -k monitored")


def test_what_its_account_may_write_is_fenced_in(account: Api, admin: Api):
    """With rights in all namespaces it reaches those of teams alone, and cannot make one such by a label."""
    maps = "/api/v1/namespaces/{}/configmaps"
    body = {"metadata": {"name": "a"}}
    labelled = {"name": "team-x", "labels": {"yardarm.dev/team": "x"}}
    admin.post("/api/v1/namespaces", {"metadata": {"name": "other"}})
    wait_until("the fence", lambda: fenced(account.request("POST", maps.format("other"), body)))

    claim = {"apiVersion": "v1", "kind": "Namespace", "metadata": {**labelled, "name": "other"}}
    assert fenced(account.request("POST", maps.format("kube-system"), body))
    assert fenced(account.request("POST", "/api/v1/namespaces", {"metadata": {"name": "another"}}))
    assert fenced(account.request("DELETE", "/api/v1/namespaces/other"))
    assert fenced(account.apply("/api/v1/namespaces/other", claim))
    assert fenced(account.request("POST", f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts", body))
    account.post("/api/v1/namespaces", {"metadata": labelled})
    account.post(maps.format("team-x"), body)
    account.post(maps.format(NAMESPACE), body)
