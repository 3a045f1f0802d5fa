"""Fetches on a real API server: what serves waits for its model, and never for longer than it must."""

from tests.controlplane.client import Object
from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.waiting import wait_until
from tests.e2e.fetched import CACHE, commit_model
from tests.e2e.harness import Pass, Site
from yardarm_reconciler.model.change import State, WorkloadReport


def running(site: Site) -> str:
    """The Job that fetches."""
    (name,) = [each["metadata"]["name"] for each in site.api.list(site.path("batch/jobs")) if not over(each)]
    return name


def end(site: Site) -> None:
    """Let the fetch that runs succeed, as a kubelet would report it."""
    name = running(site)

    def ended() -> bool:
        for pod in site.api.list(site.path("pods"), labelSelector=f"batch.kubernetes.io/job-name={name}"):
            path = site.path("pods", pod["metadata"]["name"]) + "/status"
            site.api.patch(path, {"status": {"phase": "Succeeded"}})
        return over(site.live("batch/jobs", name))

    wait_until(f"{name} ended", ended)


def fail(site: Site) -> None:
    """Let the fetch that runs fail, without the minutes that its retries take."""
    name = running(site)
    site.api.patch(site.path("batch/jobs", name), {"spec": {"activeDeadlineSeconds": 1}})
    wait_until(f"{name} failed", lambda: over(site.live("batch/jobs", name)))


def over(job: Object) -> bool:
    """Whether a Job has ended."""
    conditions = job.get("status", {}).get("conditions", [])
    return any(each["type"] in {"Complete", "Failed"} for each in conditions)


def served(site: Site) -> list[str]:
    """The claims that the pods of the server mount."""
    deployment = site.live("apps/deployments", "llama")
    volumes = deployment["spec"]["template"]["spec"]["volumes"] if deployment else []
    found = (each.get("persistentVolumeClaim") for each in volumes)
    return [each["claimName"] for each in found if each]


def told(site: Site, done: Pass) -> WorkloadReport:
    """What a pass said of the service."""
    return done.of(f"ModelService/{site.team}/llama")


def serving(site: Site, path: str) -> str:
    """A model that is fetched and served; the claim that it lies in."""
    commit_model(site, path)
    site.look()
    end(site)
    site.until_quiet()
    (claim,) = served(site)
    return claim


def test_a_model_is_served_once_it_is_fetched(site: Site):
    """The claim and the Job come first; until it has succeeded nothing else does, and nothing is written twice."""
    commit_model(site, "a")
    first, second = site.look(), site.look()

    assert len(site.names("persistentvolumeclaims")) == len(site.names("batch/jobs")) == 1
    assert site.names("apps/deployments") == second.objects == []
    assert told(site, second).health.state is State.PROGRESSING
    assert "create deployments/llama" not in first.objects

    end(site)
    assert "create deployments/llama" in site.look().objects
    assert told(site, site.until_quiet()).health.state is State.HEALTHY
    assert [site.look().objects, site.start()().objects] == [[], []]


def test_the_old_model_is_served_until_the_new_one_is_there(site: Site):
    """Its claim stays even then, until a person lets it go: so the way back is short."""
    old = serving(site, "a")
    commit_model(site, "b")
    site.look()

    assert served(site) == [old]
    assert told(site, site.look()).health.state is State.PROGRESSING

    end(site)
    done = site.until_quiet()
    (new,) = served(site)
    assert new != old
    assert site.names("persistentvolumeclaims") == sorted([old, new])
    assert done.guard("data")

    commit_model(site, "a")
    site.look()
    assert served(site) == [old]


def test_a_fetch_that_fails_leaves_the_old_model_alone_until_it_is_run_again(site: Site):
    """It is said, not tried for ever; a person begins it anew, in whichever process."""
    old = serving(site, "a")
    commit_model(site, "b")
    site.look()
    fail(site)

    assert told(site, site.look()).health.state is State.FAILED
    assert (served(site), site.start()().objects) == ([old], [])

    code, said = site.cli("rerun", f"{site.team}/llama")
    assert code == 0, said
    wait_until("the fetch begins again", lambda: created(site.look()))
    end(site)
    site.until_quiet()
    assert served(site) != [old]


def test_a_claim_that_is_gone_is_filled_before_it_is_served(site: Site):
    """An empty claim is never taken for the one that was filled, and nobody need say yes to it."""
    commit_model(site, "a")
    site.look()
    end(site)
    (claim,) = site.names("persistentvolumeclaims")
    old = site.live("persistentvolumeclaims", claim)["metadata"]["uid"]
    site.api.delete(site.path("persistentvolumeclaims", claim))

    wait_until("the fetch begins again", lambda: created(site.look()))

    def another() -> bool:
        site.look()
        found = site.live("persistentvolumeclaims", claim)
        return found is not None and found["metadata"]["uid"] != old

    wait_until("the claim is another", another)
    assert served(site) == []

    end(site)
    site.until_quiet()
    assert served(site) == [claim]


def test_why_a_fetch_does_not_come_on_is_said_of_its_service(site: Site):
    """Its pods have another name than the service, and are its own all the same."""
    commit_model(site, "a", "image-pull")
    site.look()

    def explained() -> bool:
        health = told(site, site.look()).health
        return "image" in health.reason and health.state is State.DEGRADED

    wait_until("the reason is told", explained)


def created(done: Pass) -> bool:
    """Whether a pass created a Job."""
    return any(line.startswith("create jobs/") for line in done.objects)


def test_a_training_begins_when_its_model_is_there(site: Site):
    """Only the fetch runs until it has succeeded; then the training does, once."""
    site.platform["more"] = {"platform/cache.yaml": CACHE}
    site.platform["environment"] = {"caches": {"shared": {}}}
    fetched = {"uri": "s3://models/base", "cache": "shared"}
    spec = {"run": "tune", "model": fetched, "labels": {STAGE_LABEL: "keep-running"}}
    site.write(site.document("TrainingJob", "tune", spec))
    site.commit()
    site.look()
    site.look()

    (fetch,) = site.names("batch/jobs")
    assert fetch.startswith("tune-fetch-")

    end(site)
    wait_until("the training begins", lambda: created(site.look()))
    assert running(site) != fetch
    assert [site.look().objects, site.start()().objects] == [[], []]
