"""The same inputs for us and for kubectl: what would change, and what goes."""

from __future__ import annotations

import json

import pytest

from tests.e2e.harness import Site
from tests.e2e.kubectl import NEW, Kubectl, applied, cover, without_selectors
from yardarm_reconciler.cli import exits

STRATEGIC = {"Content-Type": "application/strategic-merge-patch+json"}


def our_diff(site: Site) -> dict[tuple[str, str], set[str]]:
    """``yardarm diff``: by kind and name, the paths that would change."""
    done = site.program("diff", "--format", "json")
    assert done.returncode == exits.FOUND, done.stderr
    (environment,) = json.loads(done.stdout)["environments"]
    actions = [each for workload in environment["workloads"] for each in workload["actions"]]
    return {
        (each["object"]["kind"], each["object"]["name"]): {
            without_selectors(field["path"]) for field in each["fields"]
        }
        or {NEW}
        for each in actions
        if each["action"] in {"configured", "created"}
    }


def drift(site: Site, resource: str, body: dict) -> None:
    """Change what we own, as somebody with kubectl does."""
    answer = site.api.request(
        "PATCH", site.path(resource, "api"), body, query={"fieldManager": "kubectl-edit"}, headers=STRATEGIC
    )
    assert answer.status == 200, answer.message


@pytest.fixture
def running(site: Site) -> Site:
    """Two services as they were applied."""
    site.write(
        site.service(
            "api", env={"LEVEL": "info", "MODE": "a"}, files={"/etc/app/app.conf": {"content": "on"}}
        ),
        site.service("same"),
    )
    site.commit()
    site.look()
    return site


def test_a_change_in_git_is_the_same_difference(running: Site):
    """Changed, added and removed fields of several objects: kubectl finds the same places in the same objects."""
    running.write(
        running.service(
            "api", env={"LEVEL": "debug"}, replicas=3, ports={"http": 8081}, labels={"example.com/tier": "a"}
        )
    )
    running.commit()

    found, theirs = our_diff(running), Kubectl(running).diff(applied(running))

    assert sorted(found) == sorted(theirs)
    assert {key: (found[key], theirs[key]) for key in found if not cover(found[key], theirs[key])} == {}


def test_what_people_changed_is_the_same_difference(running: Site):
    """Drift of fields that we apply, next to a change in git."""
    drift(running, "apps/deployments", {"spec": {"replicas": 4}})
    drift(running, "networking.k8s.io/networkpolicies", {"spec": {"policyTypes": ["Egress"]}})
    drift(running, "services", {"metadata": {"labels": {"app.kubernetes.io/name": "else"}}})
    running.write(running.service("api", env={"LEVEL": "debug", "MODE": "a"}))
    running.commit()

    found, theirs = our_diff(running), Kubectl(running).diff(applied(running))

    assert {kind for kind, _ in found} >= {"Deployment", "Service"}
    assert sorted(found) == sorted(theirs)
    assert {key: (found[key], theirs[key]) for key in found if not cover(found[key], theirs[key])} == {}


def test_what_kubectl_does_not_see_is_seen(running: Site):
    """A container that somebody added is no field of ours: an apply leaves it, and kubectl says that nothing differs."""
    sidecar = {"name": "miner", "image": "registry.example.com/miner:1"}
    drift(running, "apps/deployments", {"spec": {"template": {"spec": {"containers": [sidecar]}}}})

    assert Kubectl(running).diff(applied(running)) == {}
    assert our_diff(running) == {("Deployment", "api"): {"spec.template.spec.containers"}}


def test_what_goes_is_the_same(running: Site):
    """A service that is removed, and a part of one that is not wanted any more."""
    other = f"{running.namespace}-kubectl"
    running.api.post("/api/v1/namespaces", {"metadata": {"name": other}})
    kubectl = Kubectl(running)
    running.write(running.service("gone"), running.service("third"))
    running.commit()
    running.look()
    assert kubectl.prune(other, applied(running)) == set()

    running.remove("gone")
    running.write(running.service("api", env={"LEVEL": "info", "MODE": "a"}))
    running.commit()
    deleted = {
        (line.split()[1].partition("/")[0], line.rpartition("/")[2]) for line in running.look().deletes
    }

    pruned = kubectl.prune(other, applied(running))
    assert {name for _, name in deleted} >= {"gone"}
    assert {(kind.partition(".")[0] + "s", name) for kind, name in pruned} == {
        (kind.replace("policies", "policys"), name) for kind, name in deleted
    }
