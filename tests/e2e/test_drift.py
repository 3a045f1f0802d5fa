"""A pass writes what differs, and nothing else: the audit log tells."""

from tests.e2e.harness import Site
from yardarm_reconciler.inventory.records import PART_OF
from yardarm_reconciler.model.change import Action, Cause, Sync


def test_a_second_pass_writes_nothing_at_all(site: Site):
    """The same commit again is no write, in the same process and in a new one."""
    site.write(site.service("api", replicas=2))
    site.commit()
    first = site.look()
    again, reborn = site.look(), site.start()()

    assert "create deployments/api" in first.objects
    assert (again.writes, reborn.writes) == ([], [])
    assert again.of(f"Service/{site.team}/api").sync is Sync.SYNCED


def test_a_drifted_field_is_put_back_by_one_write(site: Site):
    """A person's change to one object is one PATCH of that object, after its dry-run."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    site.look()
    site.api.patch(site.path("apps/deployments", "api"), {"spec": {"replicas": 5}})
    repaired = site.look()

    assert repaired.objects == ["patch deployments/api"]
    assert [each.dry_run for each in repaired.asked.about("deployments", group="apps").verb("patch")] == [
        True,
        False,
    ]
    assert site.live("apps/deployments", "api")["spec"]["replicas"] == 1
    (change,) = [c for c in repaired.of(f"Service/{site.team}/api").changes if c.cause is Cause.DRIFT]
    assert [each.path for each in change.fields] == ["spec.replicas"]
    assert site.look().objects == []


def test_what_somebody_edits_with_kubectl_is_put_back(site: Site):
    """A field of ours that an Update by another manager took over is ours again after one write."""
    site.write(site.service("api", env={"LEVEL": "info"}))
    site.commit()
    site.look()
    container = {"name": "main", "env": [{"name": "LEVEL", "value": "debug"}]}
    answer = site.api.request(
        "PATCH",
        site.path("apps/deployments", "api"),
        {"spec": {"template": {"spec": {"containers": [container]}}}},
        query={"fieldManager": "kubectl-edit"},
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    )
    assert answer.status == 200, answer.message
    repaired = site.look()

    assert repaired.objects == ["patch deployments/api"]
    (main,) = site.live("apps/deployments", "api")["spec"]["template"]["spec"]["containers"]
    assert main["env"] == [{"name": "LEVEL", "value": "info"}]


def test_a_hand_deleted_object_comes_back_by_one_create(site: Site):
    """What a person deletes is drift, too."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    site.api.delete(site.path("services", "api"))
    repaired = site.look()

    assert repaired.objects == ["create services/api"]
    assert [
        c.cause for c in repaired.of(f"Service/{site.team}/api").changes if c.action is Action.CREATED
    ] == [Cause.DRIFT]
    assert site.look().writes == []


def test_a_removed_label_comes_back_without_a_second_object(site: Site):
    """An object that lost the label by which we list is found by name and repaired, not made again."""
    site.write(site.service("api"))
    site.commit()
    site.look()
    before = site.live("services", "api")
    site.api.patch(site.path("services", "api"), {"metadata": {"labels": {PART_OF: None}}})
    repaired = site.look()

    after = site.live("services", "api")
    assert repaired.objects == ["patch services/api"]
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["labels"] == before["metadata"]["labels"]
    assert site.look().writes == []


def test_what_other_controllers_write_is_not_drift(site: Site):
    """A field that is nobody's but another manager's, and status, stay as they are and cost no write."""
    site.write(site.service("api"))
    site.commit()
    site.until_quiet()
    site.api.patch(
        site.path("apps/deployments", "api"), {"metadata": {"annotations": {"other.example.com/seen": "1"}}}
    )

    assert site.look().writes == []
    assert site.live("apps/deployments", "api")["metadata"]["annotations"]["other.example.com/seen"] == "1"
