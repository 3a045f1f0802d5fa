"""Runs: started once, never as drift, never again once they have ended or are gone."""

from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Pass, Site
from yardarm_reconciler.model.change import Action, State


def creates(done: Pass) -> list[str]:
    """Jobs that a pass created."""
    return [line for line in done.objects if line.startswith("create jobs/")]


def finished(site: Site) -> str:
    """A job that has succeeded, and that this was seen; its object's name."""
    site.write(site.job("index"))
    site.commit()
    assert len(creates(site.look())) == 1
    done = site.until_quiet()
    assert done.of(f"BatchJob/{site.team}/index").health.state is State.SUCCEEDED
    (name,) = site.names("batch/jobs")
    return name


def running(site: Site, **spec: object) -> str:
    """A job that runs and does not end by itself; its object's name."""
    site.write(site.job("index", labels={STAGE_LABEL: "keep-running"}, **spec))
    site.commit()
    assert len(creates(site.look())) == 1
    (name,) = site.names("batch/jobs")
    return name


def gone(site: Site, name: str) -> None:
    """Delete a Job by hand and wait until it is gone."""
    site.api.delete(site.path("batch/jobs", name))
    wait_until(f"{name} gone", lambda: site.live("batch/jobs", name) is None)


def test_a_finished_job_that_is_deleted_is_not_run_again(site: Site):
    """Its end was seen: the ledger says that it succeeded, in every later process."""
    gone(site, finished(site))
    here, again, reborn = site.look(), site.look(), site.start()()

    assert [creates(each) for each in (here, again, reborn)] == [[], [], []]
    assert reborn.of(f"BatchJob/{site.team}/index").health.state is State.SUCCEEDED
    assert reborn.writes == []


def test_a_job_that_its_ttl_removes_is_not_run_again(site: Site):
    """What the TTL controller deletes is no drift."""
    name = finished(site)
    site.api.patch(site.path("batch/jobs", name), {"spec": {"ttlSecondsAfterFinished": 0}})
    wait_until("the TTL controller", lambda: site.live("batch/jobs", name) is None)

    assert creates(site.look()) + creates(site.start()()) == []


def test_a_running_job_that_is_deleted_is_lost_and_not_run_again(site: Site):
    """Nobody saw its end: the status says so, and only a person starts it anew."""
    gone(site, running(site))
    here, reborn = site.look(), site.start()()

    assert creates(here) + creates(reborn) == []
    health = reborn.of(f"BatchJob/{site.team}/index").health
    assert health.state is State.UNKNOWN
    assert "gone" in health.reason


def test_a_job_that_is_changed_by_hand_is_not_drift(site: Site):
    """After its creation a run belongs to the cluster."""
    name = running(site)
    site.look()
    site.api.patch(site.path("batch/jobs", name), {"spec": {"suspend": True}})

    assert site.look().objects == []
    assert site.live("batch/jobs", name)["spec"]["suspend"] is True


def test_a_changed_spec_starts_exactly_one_new_run(site: Site):
    """Another input is another run, once; the finished one stays as history."""
    old = finished(site)
    site.write(site.job("index", args=["--all"]))
    site.commit()
    first, then = site.look(), [site.look(), site.start()()]

    assert len(creates(first)) == 1
    assert [creates(each) for each in then] == [[], []]
    assert first.deletes == []
    assert old in site.names("batch/jobs")
    assert len(site.names("batch/jobs")) == 2


def test_a_change_of_resources_starts_no_run(site: Site):
    """How much memory a finished run would get is not what it computes."""
    finished(site)
    site.write(site.job("index", resources={"cpu": "20m", "memory": "32Mi"}))
    site.commit()

    assert creates(site.look()) + creates(site.look()) == []


def test_a_new_run_waits_for_the_end_of_the_old_one(site: Site):
    """overlap: finish starts nothing while the old run lives, and starts it when that has ended."""
    old = running(site)
    site.look()
    site.write(site.job("index", labels={STAGE_LABEL: "keep-running"}, args=["--all"]))
    site.commit()
    assert creates(site.look()) == []

    complete(site, old)
    site.look()
    site.look()
    assert len(site.names("batch/jobs")) == 2


def test_a_new_run_cancels_the_old_one_where_the_spec_says_so(site: Site):
    """overlap: cancel deletes the old Job, and starts the new one."""
    old = running(site, overlap="cancel")
    site.look()
    site.write(site.job("index", labels={STAGE_LABEL: "keep-running"}, overlap="cancel", args=["--all"]))
    site.commit()
    done = site.look()
    wait_until("the old run gone", lambda: old not in site.names("batch/jobs"))
    later = site.look()

    assert f"delete jobs/{old}" in done.objects
    assert len(creates(done) + creates(later)) == 1
    assert site.look().objects == []


def test_an_upgrade_of_yardarm_starts_no_run(site: Site):
    """Another renderer with the same input changes no run, and after one pass nothing at all."""
    finished(site)
    upgraded = site.start(renderer="9.9.9")

    assert upgraded().objects == []
    assert upgraded().writes == []


def test_a_changed_default_of_the_platform_starts_no_run(site: Site):
    """What the team wrote is what makes a run; a default of the environment that reaches its pods does not."""
    finished(site)
    site.platform["environment"] = {"defaults": {"shutdown": {"grace": "50s"}}}
    revision = site.commit()
    here, reborn = site.look(), site.start()()

    assert (here.report.revision, here.report.error) == (revision, "")
    assert creates(here) + creates(reborn) == []
    assert here.deletes + reborn.deletes == []


def test_what_a_queue_does_to_a_suspended_job_is_no_change_of_ours(site: Site):
    """Kueue gives it nodes and lets it go: nothing is put back or made anew, whatever changes on our side."""
    waits = {"target": {"kind": "Job"}, "merge": {"spec": {"suspend": True}}}
    spec = {"labels": {STAGE_LABEL: "keep-running"}, "patch": {"resources": [waits]}}
    site.write(site.job("index", **spec))
    site.commit()
    assert len(creates(site.look())) == 1
    (name,) = site.names("batch/jobs")
    path = site.path("batch/jobs", name)
    nodes = {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
    }
    for change in ({"template": {"spec": nodes}}, {"suspend": False}):
        admitted = site.api.patch(path, {"spec": change})

    here, upgraded = site.look(), site.start(renderer="9.9.9")()
    site.write(site.job("index", resources={"cpu": "20m", "memory": "32Mi"}, **spec))
    site.commit()
    changed = site.look()

    assert [each.objects for each in (here, upgraded, changed)] == [[], [], []]
    assert [each.changes(Action.FAILED, Action.REPLACED) for each in (here, upgraded, changed)] == [
        [],
        [],
        [],
    ]
    live = site.live("batch/jobs", name)
    assert (live["metadata"]["uid"], live["spec"]["suspend"]) == (admitted["metadata"]["uid"], False)
    assert nodes.items() <= live["spec"]["template"]["spec"].items()


def test_runs_on_a_cluster_without_inventory_wait_for_a_person(site: Site):
    """They may have run before: everything else is applied, and a confirmation starts them, once."""
    site.bootstrap = "confirm"
    site.write(site.job("index"), site.service("api"))
    site.commit()
    first, again, reborn = site.look(), site.look(), site.start()()
    assert "create deployments/api" in first.objects
    assert [creates(each) for each in (first, again, reborn)] == [[], [], []]

    site.confirm(reborn.guard("runs"))
    confirmed = site.look()
    assert len(creates(confirmed)) == 1
    assert [creates(site.look()), creates(site.start()())] == [[], []]


def test_a_job_that_comes_later_does_not_wait(site: Site):
    """Only runs that were there when the inventory began may have run before."""
    site.bootstrap = "confirm"
    site.write(site.job("index"))
    site.commit()
    site.look()
    site.write(site.job("second"))
    site.commit()

    (created,) = creates(site.look())
    assert created.startswith("create jobs/second-")


def complete(site: Site, name: str) -> None:
    """Let a Job's pod succeed, as a kubelet would report it."""
    (pod,) = site.api.list(site.path("pods"), labelSelector=f"batch.kubernetes.io/job-name={name}")
    path = site.path("pods", pod["metadata"]["name"]) + "/status"
    site.api.patch(path, {"status": {"phase": "Succeeded"}})

    def ended() -> bool:
        conditions = site.live("batch/jobs", name)["status"].get("conditions", [])
        return any(each["type"] == "Complete" for each in conditions)

    wait_until(f"{name} complete", ended)


def test_a_run_that_a_person_wants_once_more_runs_exactly_once_more(site: Site):
    """Though it has succeeded, and whether or not its object is still there; while it runs the order is refused."""
    name = finished(site)
    first = site.live("batch/jobs", name)
    code, said = site.cli("rerun", f"{site.team}/index")
    assert code == 0, said
    made: list[str] = []

    def again() -> bool:
        made.extend(creates(site.look()))
        return bool(made)

    wait_until("the run begins anew", again)
    assert (site.live("batch/jobs", name) or {})["metadata"]["uid"] != (first or {})["metadata"]["uid"]
    site.until_quiet()
    gone(site, name)
    assert made + creates(site.look()) + creates(site.start()()) == made
    assert site.cli("rerun", f"{site.team}/index")[0] == 0
    assert len(creates(site.look())) == 1
    assert site.cli("rerun", f"{site.team}/nothing")[0] == 2
