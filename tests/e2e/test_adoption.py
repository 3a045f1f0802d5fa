"""What is not ours is never changed, whatever kind it is of, until a person says so."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.controlplane.client import Api, Object
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import IMAGE, Site, url_of
from tests.rendering import REPOSITORY, render
from tests.trees import MemoryTree
from yardarm_reconciler.expand import EXPANDERS
from yardarm_reconciler.model.change import Action, Sync
from yardarm_reconciler.model.manifest import Manifest

SMALL: dict[str, Any] = {"ports": {"http": 8080}}
EVERYTHING: dict[str, Any] = {
    "accelerator": "gpu:1",
    "resources": {"cpu": 1, "memory": "1Gi"},
    "files": {"/etc/app/app.conf": {"content": "on"}},
    "volumes": {"data": {"path": "/data", "size": "1Gi", "access": "many"}},
}
OWN_DATA = {"data": {"path": "/data", "size": "1Gi", "perReplica": True}}
INGRESS = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "raw"},
    "spec": {"defaultBackend": {"service": {"name": "raw", "port": {"number": 80}}}},
}
MAXIMAL: dict[str, tuple[str, dict[str, Any]]] = {
    "all-of-a-service": ("Service", {**EVERYTHING, **SMALL, "replicas": 2}),
    "all-of-a-job": ("BatchJob", EVERYTHING),
    "one-a-node": ("Service", {**SMALL, "replicas": "perNode"}),
    "with-own-data": ("Service", {**SMALL, "replicas": 1, "volumes": OWN_DATA}),
    "scaled": ("Service", {**SMALL, "scaling": {"min": 1, "max": 2, "metric": "cpu", "target": "70%"}}),
    "a-consumer": ("StreamProcessor", {"source": {"redis": {"server": "redis:6379", "list": "items"}}}),
    "a-model": (
        "ModelService",
        {
            "runtime": "vllm",
            "model": {"uri": "pvc://weights/a"},
            "accelerator": "gpu:1",
            "resources": {"cpu": 1, "memory": "4Gi"},
        },
    ),
    "claimed": ("BatchJob", {"accelerator": "claimed:1"}),
    "trained": ("TrainingJob", {"nodes": 2}),
    "in-steps": (
        "Pipeline",
        {"defaults": {"image": IMAGE, "resources": {"memory": "16Mi"}}, "steps": {"a": {}}},
    ),
    "scheduled": ("ScheduledJob", {"schedule": {"cron": "0 0 1 1 *"}}),
    "shared": ("Volume", {"size": "1Gi"}),
    "as-written": (
        "RawResources",
        {
            "manifests": [
                {"inline": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "raw"}}},
                {"inline": INGRESS},
            ]
        },
    ),
    "with-rights": (
        "Service",
        {**SMALL, "identity": {"rules": [{"resources": ["configmaps"], "verbs": ["get"]}]}},
    ),
}
"""By name, the kind and spec of workloads that together make an object of every kind that expanders know."""

OWN_GROUPS = {
    "v1",
    "apps",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
}
"""API groups that are Kubernetes' own: what serves the kinds of others is no part of these tests."""

CLAIMED = {
    "apiVersion": "yardarm.dev/v1alpha1",
    "kind": "AcceleratorClass",
    "metadata": {"name": "claimed"},
    "spec": {"vendor": "nvidia", "type": "gpu"},
}


def documents(site: Site) -> dict[str, Object]:
    """The maximal workloads by name, of a team with a budget, where devices may be claimed."""
    site.platform["team"] = {"budgets": {site.environment: {"accelerators": {"gpu": 8}}}}
    site.platform["more"] = {"platform/claimed.yaml": CLAIMED}
    site.platform["environment"] = {
        "capabilities": ["dra"],
        "policy": {"rules": ["configmaps"], "resources": ["ConfigMap", "Ingress.networking.k8s.io"]},
        "accelerators": {
            "gpu": {"resource": "nvidia.com/gpu"},
            "claimed": {"resource": "example.com/gpu", "dra": {"deviceClass": "gpu.example.com"}},
        },
    }
    return {name: site.document(kind, name, spec) for name, (kind, spec) in MAXIMAL.items()}


def manifests(site: Site) -> dict[str, Manifest]:
    """What they come to: of each kind one object."""
    site.write(*documents(site).values())
    made = render(MemoryTree(site.tree()), site.environment)
    site.files.clear()
    assert not [each for each in made.diagnostics if each.is_error]
    return {each.key.kind: each for each in reversed(made.manifests)}


def kinds() -> list[str]:
    """Every kind of object that they come to."""
    nowhere: Any = None
    return sorted(manifests(Site(nowhere, nowhere, nowhere, nowhere, nowhere, team="t")))


@pytest.mark.slow
def test_the_maximal_specs_cover_every_kind():
    """A new kind of workload or of object needs a line above, and is then covered by itself."""
    known = {
        document["kind"]
        for file in REPOSITORY.glob("tests/cases/expand*/*/expected.yaml")
        for document in yaml.safe_load_all(file.read_bytes())
        if document and document["apiVersion"].partition("/")[0] in OWN_GROUPS
    }

    assert {kind for kind, _ in MAXIMAL.values()} | {"Team"} == {*EXPANDERS}
    assert {*kinds()} == known


@pytest.mark.parametrize("kind", kinds())
def test_a_foreign_object_is_never_changed(site: Site, kind: str):
    """It is written by nobody of ours, its workload says conflict, the others go on; a confirmation adopts it."""
    target = manifests(site)[kind]
    name = target.body["metadata"]["labels"].get("yardarm.dev/workload", "")
    if kind != "Namespace":
        site.write(site.service("seed"))
        site.commit()
        site.look()
    url = url_of(site.api, target.key)
    foreign = plant(site.api, url, target)
    site.write(documents(site).get(name) or site.service("web"), site.service("other"))
    site.commit()
    met, again = site.look(), site.start()()

    assert not [r for r in (*met.asked.writes(), *again.asked.writes()) if r.uri.partition("?")[0] == url]
    assert "yardarm" not in managers(site.api.get(url))
    assert [str(c.key) for c in again.changes(Action.CONFLICT)] == [str(target.key)]
    assert again.objects == again.deletes == []
    assert len([each for each in again.report.workloads if each.sync is Sync.OUT_OF_SYNC]) >= 1
    owner = next(w for w in again.report.workloads for c in w.changes if c.action is Action.CONFLICT)
    if not owner.id.startswith("Team/"):
        assert "create deployments/other" in met.objects
    if kind == "Job":
        # A run of somebody else is nobody's to adopt: it may be another computation.
        assert again.report.guards == ()
        return

    site.confirm(again.guard("adoption"))
    adopted = site.start()()
    assert [str(c.key) for c in adopted.changes(Action.ADOPTED)] == [str(target.key)]
    live = site.api.get(url)
    assert live["metadata"]["uid"] == foreign["metadata"]["uid"]
    assert "yardarm" in managers(live)
    assert adopted.deletes == []
    site.look()
    assert site.look().changes(Action.CONFLICT, Action.FAILED, Action.CONFIGURED) == []


def test_an_adoption_that_is_confirmed_in_git_happens(site: Site):
    """The digest in Environment.sync.confirm is as good as the command."""
    site.write(site.service("seed"))
    site.commit()
    site.look()
    spec = {"ports": [{"port": 8080}]}
    site.api.post(site.path("services"), {"metadata": {"name": "api"}, "spec": spec})
    site.write(site.service("api"))
    site.commit()
    guard = site.look().guard("adoption")
    site.sync = {"confirm": [guard.digest[:12]]}
    site.commit()
    site.look()
    site.look()

    assert site.live("services", "api")["metadata"]["labels"]["yardarm.dev/team"] == site.team
    assert site.look().report.guards == ()


def test_what_cannot_be_adopted_is_neither_changed_nor_deleted(site: Site):
    """A foreign Deployment with another selector, which nobody can change, is refused with a reason."""
    site.write(site.service("seed"))
    site.commit()
    site.look()
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": pod}
    foreign = site.api.post(site.path("apps/deployments"), {"metadata": {"name": "api"}, "spec": spec})
    site.write(site.service("api"))
    site.commit()
    site.confirm(site.look().guard("adoption"))
    refused = site.look()

    (failed,) = refused.changes(Action.FAILED)
    assert failed.reason.startswith("Immutable: ")
    assert refused.deletes == []
    assert site.live("apps/deployments", "api")["metadata"]["uid"] == foreign["metadata"]["uid"]


def plant(api: Api, url: str, ours: Manifest) -> Object:
    """Put an object of the same name there that somebody else made, in place of ours if that is there."""
    there = api.get(url)
    if there is not None:
        api.delete(url)
        uid = there["metadata"]["uid"]
        wait_until(f"{url} gone", lambda: (api.get(url) or {}).get("metadata", {}).get("uid") != uid)
    body = {key: value for key, value in ours.body.items() if key != "metadata"}
    metadata = {"name": ours.key.name, "annotations": {"example.com/owner": "somebody"}}
    api.post(url.rpartition("/")[0], {**body, "metadata": metadata})
    return api.get(url)


def managers(live: Object) -> set[str]:
    """Who has written to an object."""
    return {each["manager"] for each in live["metadata"]["managedFields"]}
