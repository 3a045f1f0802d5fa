"""Nothing that many people would miss is deleted before one person has said so."""

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Site
from yardarm_reconciler.model.change import Action, Sync

TEN = [f"s{number}" for number in range(10)]


def deployed(site: Site, *names: str) -> None:
    """Services that run."""
    site.write(*(site.service(name) for name in names))
    site.commit()
    assert {each.sync for each in site.look().report.workloads} == {Sync.SYNCED}


def test_an_emptied_repository_deletes_nothing(site: Site):
    """After `git rm -r .` everything stays as it is, in every process, and somebody is told."""
    deployed(site, "api", "web")
    site.commit_only({})
    here, reborn = site.look(), site.start()()

    assert (here.objects, reborn.objects) == ([], [])
    assert site.names("apps/deployments") == ["api", "web"]
    code, said = site.cli("sync")
    assert code == 1
    assert "yardarm.yaml" in said


def test_a_removed_directory_waits_for_a_person(site: Site):
    """All workloads gone: none is deleted until the digest is confirmed, by the command; then all are."""
    deployed(site, "api", "web")
    site.files.clear()
    site.commit()
    held = site.look()
    assert held.deletes == []
    assert {each.sync for each in held.report.workloads} == {Sync.HELD}
    guard = held.guard("prune")
    assert {*guard.ids} == {f"Team/{site.team}", f"Service/{site.team}/api", f"Service/{site.team}/web"}
    code, said = site.cli("sync")
    assert code == 3
    assert f"yardarm confirm {guard.digest[:12]}" in said
    _, listed = site.cli("diff", "--pruned")
    assert all(id_ in listed for id_ in guard.ids)

    site.confirm(guard)
    gone = site.look()
    assert len([line for line in gone.deletes if line.startswith("delete deployments/")]) == 2
    assert site.names("apps/deployments") == []


def test_what_a_guard_holds_is_still_repaired(site: Site):
    """A removal that waits keeps its workloads at their last good state."""
    deployed(site, "api", "web")
    site.files.clear()
    site.commit()
    site.look()
    site.api.delete(site.path("apps/deployments", "api"))
    wait_until("the Deployment gone", lambda: site.live("apps/deployments", "api") is None)

    assert site.look().objects == ["create deployments/api"]


def test_a_much_smaller_commit_waits_and_goes_on_with_a_digest_in_git(site: Site):
    """Eight of ten workloads gone: held until the digest is committed in the Environment, then exactly they go."""
    deployed(site, *TEN)
    for name in TEN[2:]:
        site.remove(name)
    site.commit()
    held = site.look()
    assert held.deletes == []
    guard = held.guard("prune")
    assert len(guard.ids) == 8

    site.sync = {"confirm": [guard.digest[:12]]}
    site.commit()
    gone = site.look()
    assert len([line for line in gone.deletes if line.startswith("delete deployments/")]) == 8
    assert site.names("apps/deployments") == TEN[:2]
    site.look()
    assert site.start()().writes == []


def test_a_confirmation_is_of_one_set_only(site: Site):
    """If more is removed after somebody said yes, that yes no longer counts."""
    deployed(site, *TEN)
    for name in TEN[4:]:
        site.remove(name)
    site.commit()
    site.confirm(site.look().guard("prune"))
    site.remove(TEN[3])
    site.commit()
    held = site.look()

    assert held.deletes == []
    assert len(held.guard("prune").ids) == 7


def test_a_single_workload_is_deleted_at_once(site: Site):
    """Removing one of several is everyday work; its objects go, workloads first, and nobody else's."""
    deployed(site, "api", "web", "old")
    site.remove("old")
    site.commit()
    gone = site.look()

    assert gone.report.guards == ()
    assert gone.deletes[0] == "delete deployments/old"
    assert all(line.endswith("/old") for line in gone.objects)
    assert site.names("apps/deployments") == ["api", "web"]
    site.look()
    assert site.look().writes == []


def test_data_stays_until_it_is_confirmed_by_itself(site: Site):
    """A yes to the removal of workloads is no yes to that of claims and namespaces."""
    site.write(site.service("db", volumes={"data": {"path": "/data", "size": "1Gi"}}), site.service("web"))
    site.commit()
    site.look()
    site.files.clear()
    site.commit()
    site.confirm(site.look().guard("prune"))
    gone = site.look()
    assert site.names("apps/deployments") == []
    assert not [line for line in gone.deletes if "persistentvolumeclaims" in line or "namespaces" in line]
    assert site.names("persistentvolumeclaims") == ["db-data"]
    site.look()
    assert site.look().deletes == []

    site.confirm(site.look().guard("data"))
    last = site.look()
    assert {"delete persistentvolumeclaims/db-data", f"delete namespaces/{site.namespace}"} <= {*last.deletes}
    site.look()
    wait_until("the namespace gone", lambda: site.api.get(f"/api/v1/namespaces/{site.namespace}") is None)
    site.look()
    end = site.look()
    assert (end.writes, end.report.workloads, end.report.guards) == ([], (), ())


def test_a_workload_that_comes_back_finds_its_data(site: Site):
    """A retained claim is ours still: no adoption, the same volume."""
    site.write(site.service("db", volumes={"data": {"path": "/data", "size": "1Gi"}}), site.service("web"))
    site.commit()
    site.look()
    claim = site.live("persistentvolumeclaims", "db-data")["metadata"]["uid"]
    document = site.files["workloads/db.yaml"]
    site.remove("db")
    site.commit()
    site.look()
    site.files["workloads/db.yaml"] = document
    site.commit()
    back = site.look()

    assert back.changes(Action.CONFLICT, Action.FAILED) == []
    assert site.live("persistentvolumeclaims", "db-data")["metadata"]["uid"] == claim
    site.look()
    assert site.look().writes == []


def test_a_wrong_path_in_yardarm_yaml_deletes_nothing(site: Site):
    """A commit that points the repository elsewhere looks like an emptied one."""
    deployed(site, "api", "web")
    tree = site.tree()
    tree["yardarm.yaml"] = tree["yardarm.yaml"].replace(b"workloads", b"moved")
    site.commit_only(tree)

    assert site.look().deletes == []
    assert site.start()().deletes == []
