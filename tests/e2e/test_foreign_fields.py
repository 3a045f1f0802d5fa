"""What people add to our objects by hand: seen, said, undone; and what programs add, which is theirs."""

from tests.e2e.harness import Pass, Site
from yardarm_reconciler.kube.managed import foreign
from yardarm_reconciler.model.change import Action, Cause, State, Sync

STRATEGIC = "application/strategic-merge-patch+json"
SIDECAR = {
    "name": "miner",
    "image": "registry.example.com/miner:1",
    "resources": {"limits": {"nvidia.com/gpu": "8", "memory": "1Gi"}},
}


def deployed(site: Site) -> dict[str, object]:
    """One service as it is applied; gives its pod template."""
    site.write(site.service("api", env={"LEVEL": "info"}))
    site.commit()
    site.look()
    return pod(site)


def pod(site: Site) -> dict[str, object]:
    """The template's spec as it is now."""
    return dict(site.live("apps/deployments", "api")["spec"]["template"]["spec"])


def edit(site: Site, spec: dict[str, object], manager: str = "kubectl-edit") -> None:
    """Change the template as `kubectl edit` does."""
    answer = site.api.request(
        "PATCH",
        site.path("apps/deployments", "api"),
        {"spec": {"template": spec}},
        query={"fieldManager": manager},
        headers={"Content-Type": STRATEGIC},
    )
    assert answer.status == 200, answer.message


def repaired(site: Site) -> Pass:
    """A pass that undoes, and one after it that finds nothing more."""
    done = site.look()
    assert site.look().objects == []
    return done


def test_a_sidecar_with_devices_is_undone(site: Site):
    """Eight devices that no budget knows of: gone with the next pass, and said which field and who."""
    before = deployed(site)
    edit(site, {"spec": {"containers": [SIDECAR]}})
    done = repaired(site)

    assert pod(site) == before
    (change,) = [c for c in done.of(f"Service/{site.team}/api").changes if c.action is Action.CONFIGURED]
    assert change.cause is Cause.DRIFT
    assert [(each.path, each.before) for each in change.fields] == [
        ("spec.template.spec.containers[miner]", "set by kubectl-edit")
    ]


def test_access_to_the_host_and_a_variable_are_undone(site: Site):
    """A flag of the pod and one more variable: neither is a field that we would apply."""
    before = deployed(site)
    edit(
        site,
        {
            "spec": {
                "hostPID": True,
                "containers": [{"name": "main", "env": [{"name": "DEBUG", "value": "1"}]}],
            }
        },
    )
    repaired(site)

    assert pod(site) == before


def test_what_was_hidden_by_clearing_managed_fields_is_undone(site: Site):
    """Without an entry nothing is anybody's: what was there then is nobody's of ours, and goes."""
    before = deployed(site)
    edit(site, {"spec": {"hostPID": True}})
    path = site.path("apps/deployments", "api")
    site.api.patch(path, {"metadata": {"managedFields": [{}]}})
    assert not site.live("apps/deployments", "api")["metadata"].get("managedFields")
    site.look()
    site.look()

    assert pod(site) == before
    assert site.look().objects == []


def test_a_restart_by_hand_is_not_undone(site: Site):
    """To take the note away would restart everything once more."""
    deployed(site)
    noted = {"kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z"}
    edit(site, {"metadata": {"annotations": noted}}, "kubectl-rollout")

    assert site.look().objects == []
    edit(site, {"metadata": {"annotations": {"by.example.com/hand": "1"}}})
    assert site.look().objects != []
    template = site.live("apps/deployments", "api")["spec"]["template"]
    assert template["metadata"]["annotations"] == noted


def test_what_a_program_adds_stays_and_is_not_taken_over(site: Site):
    """An annotation of another manager is no drift, also after a repair of what a person did."""
    deployed(site)
    site.api.request(
        "PATCH",
        site.path("apps/deployments", "api"),
        {"metadata": {"annotations": {"tool.example.com/note": "1"}}},
        query={"fieldManager": "tool"},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert site.look().objects == []
    edit(site, {"spec": {"hostPID": True}})
    repaired(site)

    live = site.live("apps/deployments", "api")
    assert live["metadata"]["annotations"]["tool.example.com/note"] == "1"
    assert foreign(live["metadata"]["managedFields"]) == ()


def test_what_a_program_takes_beyond_the_budget_is_never_synced(site: Site):
    """Devices that a webhook adds are not undone, but the workload is Degraded and says so until they are gone."""
    deployed(site)
    edit(site, {"spec": {"containers": [SIDECAR], "hostPID": True}}, manager="injector")
    done = site.look()

    workload = done.of(f"Service/{site.team}/api")
    assert done.objects == []
    assert (workload.sync, workload.health.state) == (Sync.OUT_OF_SYNC, State.DEGRADED)
    assert workload.health.reason.startswith("policy/foreign-field: Deployment/api: ")
    assert all(what in workload.health.reason for what in ("hostPID", "8 nvidia.com/gpu"))

    edit(
        site,
        {"spec": {"containers": [{"$patch": "delete", "name": "miner"}], "hostPID": None}},
        manager="injector",
    )
    assert site.look().of(f"Service/{site.team}/api").sync is Sync.SYNCED
