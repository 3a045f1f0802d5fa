"""What cannot be read changes nothing; what can be read goes on."""

import shutil

import pytest

from tests.e2e.harness import Site
from tests.integration.git_server import serve
from yardarm_reconciler.model.change import Action, Sync
from yardarm_reconciler.source.address import RefKind, address, ref
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.remote import Remote


def deployed(site: Site) -> None:
    """Two workloads, as they were when everything could be read."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    assert site.look().report.error == ""


def replicas(site: Site, name: str) -> int:
    """What runs."""
    return int(site.live("apps/deployments", name)["spec"]["replicas"])


def test_a_source_that_is_gone_changes_nothing(site: Site):
    """A failed fetch is 0 writes, in a process that knows the last revision and in one that knows none."""
    deployed(site)
    shutil.move(site.repository, site.folder / "elsewhere")
    here, reborn = site.look(), site.start()()

    assert (here.writes, reborn.writes) == ([], [])
    assert here.report.error.startswith("git: ")
    assert reborn.report.error.startswith("git: ")


@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 401}, {"status": 404}, {"break_after": 60}, {"break_after": 400}],
    ids=str,
)
def test_a_fetch_that_fails_changes_nothing(site: Site, fault: dict[str, int]):
    """A server that refuses, knows nothing any more or breaks off in the middle is 0 writes; afterwards it goes on."""
    with serve(site.folder) as server:
        where = address(f"{server.url}/{site.repository.name}", loopback_http=True)
        site.source = lambda: Remote(installed(), where, ref(RefKind.BRANCH, "main"), site.folder / "clones")
        deployed(site)
        old = site.look().report.revision
        site.write(site.service("web", replicas=3))
        site.remove("api")
        new = site.commit()
        for name, value in fault.items():
            setattr(server, name, value)
        here, reborn = site.look(), site.start()()

        assert (here.writes, reborn.writes) == ([], [])
        assert [each.report.error.partition(":")[0] for each in (here, reborn)] == ["git", "git"]
        server.status, server.break_after = 0, -1
        assert site.start()().report.revision == new != old
        assert replicas(site, "web") == 3


def test_a_commit_whose_objects_are_corrupt_changes_nothing(site: Site):
    """A revision that cannot be read whole does not count, however much of it can be."""
    deployed(site)
    old = site.look().report.revision
    site.write(site.service("api", replicas=3), site.service("web", replicas=3))
    new = site.commit()
    site.corrupt(new, "workloads/web.yaml")
    here, reborn = site.look(), site.start()()

    assert (here.writes, reborn.writes) == ([], [])
    assert here.report.error.startswith("git: ")
    assert here.report.revision == old
    assert replicas(site, "api") == 1


def test_drift_is_repaired_while_git_cannot_be_read(site: Site):
    """The last good revision stays in force."""
    deployed(site)
    shutil.move(site.repository, site.folder / "elsewhere")
    site.api.delete(site.path("services", "api"))

    assert site.look().objects == ["create services/api"]


def test_a_field_error_holds_one_workload_and_no_other(site: Site):
    """The invalid one keeps its last good bytes, drift included; a fix applies."""
    deployed(site)
    held = f"Service/{site.team}/api"
    site.write(site.service("api", replica=3), site.service("web", replicas=2))
    site.commit()
    broken = site.look()
    assert "patch deployments/web" in broken.objects
    assert not any(line.endswith("/api") for line in broken.objects)
    assert broken.of(held).sync is Sync.HELD
    assert [each.code.name for each in broken.report.diagnostics] == ["field/unknown"]

    site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 7}})
    assert site.start()().objects == ["patch deployments/api"]
    assert replicas(site, "api") == 1

    site.write(site.service("api", replicas=2))
    site.commit()
    fixed = site.look()
    assert "patch deployments/api" in fixed.objects
    assert fixed.of(held).sync is Sync.SYNCED


def test_a_syntax_error_holds_what_lies_in_that_file(site: Site):
    """Workloads recorded in an unreadable file stay and are repaired; others proceed; nothing is pruned."""
    site.write(site.service("a"), site.service("b"), path="both.yaml")
    site.write(site.service("web"), site.service("old"))
    site.commit()
    site.look()
    site.files["workloads/both.yaml"] = b"apiVersion: [\n"
    site.remove("old")
    site.write(site.service("web", replicas=2))
    site.commit()
    site.api.delete(site.path("services", "a"))
    broken = site.look()

    assert broken.deletes == []
    assert sorted(broken.objects) == [
        "create poddisruptionbudgets/web",
        "create services/a",
        "patch deployments/web",
    ]
    assert {each.id for each in broken.report.workloads if each.sync is Sync.HELD} == {
        f"Service/{site.team}/{name}" for name in ("a", "b", "old")
    }

    site.write(site.service("a"), site.service("b"), path="both.yaml")
    site.commit()
    fixed = site.look()
    assert len(fixed.deletes) == len(fixed.changes(Action.DELETED)) == 4
    assert site.names("apps/deployments") == ["a", "b", "web"]


def test_an_environment_that_turns_invalid_freezes_what_runs(site: Site):
    """Nothing is changed or deleted by a mistake in the Environment; drift is repaired from last good bytes."""
    deployed(site)
    site.platform["environment"] = {"clusters": "typo"}
    site.write(site.service("web", replicas=4))
    site.commit()
    site.api.delete(site.path("services", "api"))

    assert site.start()().objects == ["create services/api"]
    assert replicas(site, "web") == 1
