"""Pipelines on a real API server: each step is begun once, when what it needs has succeeded, by a program that may die."""

from tests.controlplane.client import Object
from tests.controlplane.configuration import STAGE_LABEL
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import Pass, Site
from yardarm_reconciler.model.change import State

STEPS = {
    "tokenize": {"shards": {"count": 2}},
    "check": {},
    "train": {"needs": ["tokenize"], "kind": "TrainingJob", "framework": "torch", "nodes": 2},
    "eval": {"needs": ["train", "check"]},
}


def pipeline(site: Site, **spec: object) -> Object:
    """Four steps, of which two may begin at once; their pods end by themselves unless labelled otherwise."""
    defaults = {"image": "registry.example.com/team/app:1.0", "resources": {"cpu": "10m", "memory": "16Mi"}}
    return site.document("Pipeline", "weekly", {"defaults": defaults, "steps": STEPS, **spec})


def begun(*passes: Pass) -> list[str]:
    """The steps whose Jobs these passes created, in order."""
    lines = [line for each in passes for line in each.objects if line.startswith("create jobs/")]
    return [line.removeprefix("create jobs/weekly-").rpartition("-")[0] for line in lines]


def end(site: Site, step: str, phase: str) -> None:
    """Let the pods of a step end, as kubelets would report it, and wait until its Job has."""
    (name,) = [each for each in site.names("batch/jobs") if each.startswith(f"weekly-{step}-")]

    def pods() -> list[Object]:
        found = site.api.list(site.path("pods"), labelSelector=f"batch.kubernetes.io/job-name={name}")
        return [pod for pod in found if pod["status"]["phase"] not in {"Succeeded", "Failed"}]

    def ended() -> bool:
        for pod in pods():
            site.api.patch(
                site.path("pods", pod["metadata"]["name"]) + "/status", {"status": {"phase": phase}}
            )
        conditions = site.live("batch/jobs", name)["status"].get("conditions", [])
        return any(each["type"] in {"Complete", "Failed"} for each in conditions)

    wait_until(f"{name} ended", ended)


def test_each_step_begins_once_when_what_it_needs_has_succeeded(site: Site):
    """In the order that needs say, by whichever process is alive; afterwards nothing is written any more."""
    site.write(pipeline(site))
    site.commit()
    first = site.look()
    assert sorted(begun(first)) == ["check", "tokenize"]

    passes = [first]

    def all_over() -> bool:
        passes.append(site.look())
        return passes[-1].of(f"Pipeline/{site.team}/weekly").health.state is State.SUCCEEDED

    wait_until("the pipeline", all_over, limit_seconds=90)
    assert begun(*passes)[2:] == ["train", "eval"]

    later = [site.look(), site.start()(), site.start()()]
    assert begun(*later) == []
    assert [each.objects for each in later] == [[], [], []]
    assert len(site.names("batch/jobs")) == 4


def test_a_step_that_fails_keeps_the_later_ones_from_beginning(site: Site):
    """Also after a restart; the steps that do not need it run on, and the status says which one failed."""
    site.write(pipeline(site, labels={STAGE_LABEL: "keep-running"}))
    site.commit()
    first = site.look()
    end(site, "tokenize", "Failed")
    end(site, "check", "Succeeded")
    later = [site.look(), site.look(), site.start()()]

    assert sorted(begun(first)) == ["check", "tokenize"]
    assert begun(*later) == []
    health = later[-1].of(f"Pipeline/{site.team}/weekly").health
    assert health.state is State.FAILED


def test_a_changed_step_runs_again_with_all_that_need_it_and_nothing_else(site: Site):
    """The other steps keep their results; nothing new begins while a run of the old kind still goes on."""
    site.write(pipeline(site, labels={STAGE_LABEL: "keep-running"}))
    site.commit()
    site.look()
    end(site, "tokenize", "Succeeded")
    end(site, "check", "Succeeded")
    assert begun(site.look()) == ["train"]

    changed = {**STEPS, "tokenize": {"shards": {"count": 2}, "args": ["--all"]}}
    site.write(pipeline(site, labels={STAGE_LABEL: "keep-running"}, steps=changed))
    site.commit()
    assert begun(site.look(), site.look()) == []

    end(site, "train", "Succeeded")
    assert begun(site.look(), site.look()) == ["tokenize"]
