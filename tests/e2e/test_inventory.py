"""What happens to the record of what is ours, and to what is ours without it."""

import pytest

from tests.controlplane.waiting import wait_until
from tests.e2e.harness import RECORDS, Site
from yardarm_reconciler.model.change import Action, Sync

RECORD_PATH = f"/api/v1/namespaces/{RECORDS}/configmaps"


def records(site: Site) -> list[str]:
    """URL paths of the unit's records."""
    found = site.api.list(RECORD_PATH, labelSelector=f"yardarm.dev/unit={site.unit}")
    return sorted(f"{RECORD_PATH}/{each['metadata']['name']}" for each in found)


def deployed(site: Site) -> None:
    """A server and a run that has ended."""
    site.write(site.service("api"), site.job("index"))
    site.commit()
    site.look()
    site.until_quiet()


def test_a_lost_inventory_neither_deletes_nor_runs_anything(site: Site):
    """Everything is there but the record, which is made anew; a person confirms it, and that the run may be counted."""
    site.bootstrap = "confirm"
    site.write(site.service("api"), site.job("index"))
    site.commit()
    site.confirm(site.look().guard("runs"))
    site.look()
    site.until_quiet()
    jobs = [site.live("batch/jobs", name)["metadata"]["uid"] for name in site.names("batch/jobs")]
    for path in records(site):
        site.api.delete(path)
    lost = site.start()()
    assert lost.objects == []
    assert {each.name for each in lost.report.guards} == {"inventory", "runs"}
    reborn = site.start()()
    assert (reborn.objects, {each.name for each in reborn.report.guards}) == ([], {"inventory", "runs"})

    site.confirm(reborn.guard("inventory"))
    found = site.look()
    assert found.changes(Action.CONFLICT, Action.FAILED, Action.CREATED) == []
    site.confirm(site.look().guard("runs"))
    site.look()
    quiet = site.until_quiet()
    assert {each.sync for each in quiet.report.workloads} == {Sync.SYNCED}
    assert [site.live("batch/jobs", name)["metadata"]["uid"] for name in site.names("batch/jobs")] == jobs


def test_what_a_lost_inventory_would_have_pruned_is_a_stray(site: Site):
    """Nothing says any more that it was to go: it is shown, and goes after a yes to just these objects."""
    site.write(site.service("api"), site.service("old"))
    site.commit()
    site.look()
    for path in records(site):
        site.api.delete(path)
    site.remove("old")
    site.commit()
    lost = site.start()()
    assert lost.objects == []
    assert {each.name for each in lost.report.guards} == {"inventory", "stray"}
    assert any(id_.endswith("/old") for id_ in lost.guard("stray").ids)

    site.confirm(lost.guard("inventory"))
    assert site.look().objects == []
    site.confirm(site.look().guard("stray"))
    site.look()
    assert site.names("apps/deployments") == ["api"]
    assert site.look().report.guards == ()


def test_somebody_elses_object_with_our_label_is_not_taken_for_ours(site: Site):
    """Controllers copy labels: without our entry in its managed fields it is in nobody's way, and never deleted."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    for path in records(site):
        site.api.delete(path)
    labels = site.live("services", "api")["metadata"]["labels"]
    site.api.post(
        site.path("services"),
        {"metadata": {"name": "copy", "labels": labels}, "spec": {"ports": [{"port": 1}]}},
    )
    lost = site.start()()

    assert {each.name for each in lost.report.guards} == {"inventory"}
    assert lost.objects == []


@pytest.mark.parametrize("harm", ["shard gone", "shard edited", "parent edited"])
def test_a_damaged_inventory_stops_the_unit(site: Site, harm: str):
    """Half a record is no record: nothing is written until a person has looked."""
    deployed(site)
    parent, shard = records(site)
    if harm == "shard gone":
        site.api.delete(shard)
    elif harm == "shard edited":
        site.api.patch(shard, {"binaryData": {"record": "AAAA"}})
    else:
        site.api.patch(parent, {"data": {"record": "{}"}})
    site.api.delete(site.path("services", "api"))
    here, reborn = site.look(), site.start()()

    assert (here.writes, reborn.writes) == ([], [])
    assert "damaged" in reborn.report.error
    assert site.cli("sync")[0] == 5


def test_two_programs_at_once_write_nothing_twice(site: Site):
    """The one that wrote last leads; the other is told so at its next write, and may take over afterwards."""
    site.write(site.service("api"))
    site.commit()
    one, other = site.start(), site.start()
    one()
    site.write(site.service("api", replicas=2))
    site.commit()
    taken = other()
    late = one()

    assert "patch deployments/api" in taken.objects
    assert late.objects == []
    assert "another process" in late.report.error
    site.write(site.service("api", replicas=3))
    site.commit()
    assert "patch deployments/api" in one().objects


def test_a_deleted_namespace_comes_back_with_all_that_was_in_it(site: Site):
    """But for the run, which is lost: it is not started again."""
    deployed(site)
    site.api.delete(f"/api/v1/namespaces/{site.namespace}")
    meanwhile = site.look()
    wait_until("the namespace gone", lambda: site.api.get(f"/api/v1/namespaces/{site.namespace}") is None)
    site.look()
    back = site.until_quiet()

    assert not [line for line in meanwhile.objects if line.startswith("delete ")]
    assert site.names("apps/deployments") == ["api"]
    assert site.names("batch/jobs") == []
    assert {each.sync for each in back.report.workloads} == {Sync.SYNCED}


def test_an_object_that_was_replaced_by_hand_is_a_conflict(site: Site):
    """Deleted and made anew by somebody else under its name: theirs, until a person says otherwise."""
    deployed(site)
    site.api.delete(site.path("services", "api"))
    spec = {"ports": [{"name": "http", "port": 8080}]}
    theirs = site.api.post(site.path("services"), {"metadata": {"name": "api"}, "spec": spec})
    site.look()
    done = site.look()

    assert [c.key.kind for c in done.changes(Action.CONFLICT)] == ["Service"]
    assert done.objects == []
    assert (
        site.live("services", "api")["metadata"]["resourceVersion"] == theirs["metadata"]["resourceVersion"]
    )
