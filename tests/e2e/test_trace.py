"""From what people find in a cluster to the line that made it."""

import json

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site


def traced(site: Site, *arguments: str) -> list[dict[str, object]]:
    """What `yardarm trace` says, one for each object that it may be."""
    done = site.program("trace", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return [each["trace"] for each in json.loads(done.stdout)["environments"]]


def running(site: Site) -> str:
    """A service that runs; the name of its pod."""
    site.write(site.service("web"))
    site.commit()
    site.write(site.service("api"))
    site.commit()
    site.look()
    wait_until("pods", lambda: len(site.names("pods")) == 2)
    return next(name for name in site.names("pods") if name.startswith("api-"))


def test_an_object_leads_to_its_line_and_its_last_commit(site: Site):
    """By any name that kubectl takes too; the commit is that of its own file, and not the newest."""
    running(site)
    newest = site.commit_only({**site.tree(), "workloads/more.yaml": b"# nothing\n"})
    site.look()

    (web,) = traced(site, "deploy/web")
    (same,) = traced(site, "deployments.apps/web", "-n", site.namespace)

    assert web == same
    assert (web["workload"], web["path"], web["line"]) == (
        f"Service/{site.team}/web",
        "workloads/web.yaml",
        4,
    )
    assert newest not in {web["revision"], web["changed"]}
    assert web["changed"]
    assert web["state"] == "as applied"


def test_a_pod_is_traced_through_what_owns_it(site: Site):
    """Up to the object that the unit has written."""
    pod = running(site)

    (found,) = traced(site, f"pod/{pod}", "-n", site.namespace)

    kinds = [str(each).partition("/")[0] for each in found["objects"]]
    assert kinds == ["Pod", "ReplicaSet.apps", "Deployment.apps"]
    assert found["workload"] == f"Service/{site.team}/api"


def test_what_people_changed_is_told(site: Site):
    """Whether it is as it was applied, and who wrote it last."""
    running(site)
    container = {"name": "debug", "image": "registry.example.com/debug:1"}
    site.api.request(
        "PATCH",
        site.path("apps/deployments", "api"),
        {"spec": {"replicas": 2, "template": {"spec": {"containers": [container]}}}},
        query={"fieldManager": "kubectl-edit"},
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    )

    (api,) = traced(site, "deployment/api")

    assert api["state"] == "changed since it was applied"
    assert api["writer"] == "kubectl-edit"
    assert any("debug" in str(each) for each in api["foreign"])


def test_what_nobody_wrote_is_not_traced(site: Site):
    """An object of others in the same namespace, and one that is not there."""
    running(site)
    site.api.post(site.path("configmaps"), {"metadata": {"name": "theirs"}})

    for name in ("configmap/theirs", "deployment/unheard-of"):
        done = site.program("trace", name)
        assert done.returncode == 1
        assert "no unit has written" in done.stderr
