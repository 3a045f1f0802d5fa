"""A definition drops a version by which objects of ours were applied, or as which some may be stored."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from copy import deepcopy

import pytest

from tests.controlplane.client import Object
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import RECORDS, Pass, Site
from yardarm_reconciler.model.change import Action

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
ROLES = "/apis/rbac.authorization.k8s.io/v1"
VERBS = ["get", "list", "watch", "create", "patch", "delete"]


@pytest.fixture
def group(site: Site) -> Iterator[str]:
    """A group whose kind Thing is served as v1alpha1 and v1, and may be written by the reconciler."""
    name = f"g{secrets.token_hex(3)}.example.com"
    definition = {
        "metadata": {"name": f"things.{name}"},
        "spec": {
            "group": name,
            "names": {"kind": "Thing", "plural": "things"},
            "scope": "Namespaced",
            "versions": versions("v1alpha1", "v1"),
        },
    }
    rule = {"apiGroups": [name], "resources": ["things"], "verbs": VERBS}
    subject = {"kind": "ServiceAccount", "namespace": RECORDS, "name": "yardarm"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    site.api.post(DEFINITIONS, definition)
    site.api.post(f"{ROLES}/clusterroles", {"metadata": {"name": name}, "rules": [rule]})
    binding = {"metadata": {"name": name}, "roleRef": role, "subjects": [subject]}
    site.api.post(f"{ROLES}/clusterrolebindings", binding)
    things = f"/apis/{name}/v1/namespaces/default/things"
    wait_until("the kind is served", lambda: site.api.request("GET", things).status == 200)
    yield name
    for path in (f"{ROLES}/clusterrolebindings/{name}", f"{ROLES}/clusterroles/{name}"):
        site.api.delete(path)
    site.api.delete(f"{DEFINITIONS}/things.{name}")


def versions(*names: str) -> list[Object]:
    """Versions of a definition, the last of which is stored."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return [
        {"name": name, "served": True, "storage": name == names[-1], "schema": deepcopy(schema)}
        for name in names
    ]


def wanted(site: Site, group: str, version: str, size: int) -> None:
    """Commit one object of the kind, as it is written."""
    kind = f"Thing.{group}"
    site.platform["environment"] = {"policy": {"resources": [kind]}, "accounting": {kind: {"pods": []}}}
    body = {"apiVersion": f"{group}/{version}", "kind": "Thing", "metadata": {"name": "one"}}
    spec = {"manifests": [{"inline": {**body, "spec": {"size": size}}}]}
    site.write(site.document("RawResources", "raw", spec))
    site.commit()


def test_an_object_of_a_version_that_is_gone_is_changed_all_the_same(site: Site, group: str):
    """`diff` says what stands in the way, a sync renews it and goes on, and after that nothing is left to do."""
    wanted(site, group, "v1alpha1", 1)
    assert site.look().report.error == ""
    site.api.patch(f"{DEFINITIONS}/things.{group}", {"spec": {"versions": versions("v1")}})
    wanted(site, group, "v1", 2)
    old = f"/apis/{group}/v1alpha1/namespaces/{site.namespace}/things/one"
    wait_until("it is gone", lambda: site.api.request("GET", old).status == 404)
    # The API server forgets what it knew of a version a moment after it serves it no longer.
    wait_until("it is noticed", lambda: "managedFields" in site.cli("diff")[1])

    done = site.start()()
    (change,) = done.changes(Action.CONFIGURED)
    live = site.api.get(f"/apis/{group}/v1/namespaces/{site.namespace}/things/one")
    assert change.key.kind == "Thing"
    assert live is not None
    assert live["spec"] == {"size": 2}
    assert site.start()().objects == []


@pytest.fixture
def defines(site: Site) -> Iterator[str]:
    """A group of which the team may define the kind Thing; what it has defined is taken away."""
    name = f"g{secrets.token_hex(3)}.example.com"
    rule = {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": VERBS}
    subject = {"kind": "ServiceAccount", "namespace": RECORDS, "name": "yardarm"}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    site.api.post(f"{ROLES}/clusterroles", {"metadata": {"name": name}, "rules": [rule]})
    binding = {"metadata": {"name": name}, "roleRef": role, "subjects": [subject]}
    site.api.post(f"{ROLES}/clusterrolebindings", binding)
    site.platform["environment"] = {
        "policy": {"resources": ["CustomResourceDefinition.apiextensions.k8s.io"]}
    }
    yield name
    for path in (f"{ROLES}/clusterrolebindings/{name}", f"{ROLES}/clusterroles/{name}"):
        site.api.delete(path)
    site.api.delete(f"{DEFINITIONS}/things.{name}")


def define(site: Site, group: str, kept: list[Object]) -> Pass:
    """Commit the definition with these versions, and make a pass."""
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
            "scope": "Namespaced",
            "versions": kept,
        },
    }
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "beside"},
        "data": {"n": str(len(kept))},
    }
    site.write(site.document("RawResources", "raw", {"manifests": [{"inline": body}, {"inline": settings}]}))
    site.commit()
    return site.look()


@pytest.mark.slow
def test_a_version_as_which_objects_may_be_stored_is_not_taken_away(site: Site, defines: str):
    """The workload waits as a whole, untried; once the version is out of the status, the same commit goes through."""
    assert define(site, defines, versions("v1alpha1")).changes(Action.FAILED) == []
    held = define(site, defines, versions("v1"))
    (change,) = {each.reason for each in held.changes(Action.SKIPPED)}
    tried = [each for each in held.asked if each.dry_run]
    assert (held.objects, tried) == ([], [])
    assert "stored as v1alpha1" in change
    assert "status.storedVersions" in change

    old, new = versions("v1alpha1", "v1")
    assert len(define(site, defines, [{**old, "served": False}, new]).objects) == 2
    where = f"{DEFINITIONS}/things.{defines}"
    site.api.patch(f"{where}/status", {"status": {"storedVersions": ["v1"]}})
    wait_until("it is gone", lambda: define(site, defines, versions("v1")).changes(Action.SKIPPED) == [])
    live = site.api.get(where)
    assert live is not None
    assert [each["name"] for each in live["spec"]["versions"]] == ["v1"]
