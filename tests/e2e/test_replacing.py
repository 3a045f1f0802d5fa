"""What an API server does not let anybody change: made anew where a commit asks for it, said before, and nothing else."""

from tests.e2e.harness import Site
from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.model.change import Action, Cause, Sync

SET = "apps/statefulsets"


def stateful(site: Site, size: str) -> None:
    """A service with storage of each replica's own."""
    data = {"path": "/data", "size": size, "perReplica": True}
    site.write(site.service("store", volumes={"data": data}))
    site.commit()


def test_what_cannot_be_changed_is_shown_and_then_made_anew(site: Site):
    """A StatefulSet whose claim template changes: `diff` says replaced, a sync deletes and creates, claims stay."""
    stateful(site, "1Gi")
    site.look()
    before = site.live(SET, "store")
    (claim,) = before["spec"]["volumeClaimTemplates"]
    stateful(site, "2Gi")
    _, shown = site.cli("diff")
    assert "replaced" in shown
    assert site.live(SET, "store")["metadata"]["uid"] == before["metadata"]["uid"]

    done = site.look()
    after = site.live(SET, "store")
    (change,) = done.changes(Action.REPLACED)
    assert (change.key.kind, change.cause) == ("StatefulSet", Cause.GIT)
    assert done.objects == ["delete statefulsets/store", "create statefulsets/store"]
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert after["spec"]["volumeClaimTemplates"] != [claim]
    assert site.look().objects == []


def test_a_claim_is_never_made_anew(site: Site):
    """Its data would be gone: the change is refused, whole, and what runs stays."""
    site.write(site.service("store", volumes={"data": {"path": "/data", "size": "2Gi"}}))
    site.commit()
    site.look()
    (claim,) = site.names("persistentvolumeclaims")
    uid = site.live("persistentvolumeclaims", claim)["metadata"]["uid"]
    site.write(
        site.service("store", volumes={"data": {"path": "/data", "size": "1Gi"}}, env={"LEVEL": "debug"})
    )
    site.commit()
    refused = site.look()

    assert refused.objects == []
    assert refused.of(f"Service/{site.team}/store").sync is Sync.OUT_OF_SYNC
    assert site.live("persistentvolumeclaims", claim)["metadata"]["uid"] == uid


def test_what_another_program_changed_for_good_is_not_made_anew(site: Site):
    """No commit asks for it: it is said that it cannot be changed back, and nothing is deleted."""
    stateful(site, "1Gi")
    site.look()
    made = site.live(SET, "store")
    site.api.delete(site.path(SET, "store"))
    body = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "store", "labels": {PART_OF: part_of(site.unit)}},
        "spec": {**made["spec"], "podManagementPolicy": "OrderedReady", "serviceName": "other"},
    }
    answer = site.api.request(
        "PATCH",
        site.path(SET, "store"),
        body,
        query={"fieldManager": "yardarm", "force": "true"},
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    assert answer.status == 201, answer.message
    done = site.look()

    assert [line for line in done.objects if line.startswith(("delete", "create"))] == []
