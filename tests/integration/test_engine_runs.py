"""Runs: never started twice, whatever happens to specs, inventory and Jobs in between."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.integration.engine import Engine, actions, batch_job, of, service
from yardarm_reconciler.inventory.records import PART_OF, RunState
from yardarm_reconciler.model.change import Action

ETL = "BatchJob/nlp/etl"


@pytest.fixture
def engine(tmp_path: Path):
    """A unit with a job, not synced yet."""
    with ThreadPoolExecutor(4) as pool:
        yield Engine(tmp_path / "dev", pool, {"workloads/etl.yaml": batch_job("etl")})


def spec(engine: Engine, **fields: object) -> None:
    """Change the job."""
    engine.files["workloads/etl.yaml"] = batch_job("etl", **fields)


def jobs(engine: Engine) -> int:
    """How many Jobs there are."""
    return sum(name.startswith("Job/") for name in engine.objects())


def foreign(engine: Engine, name: str) -> Path:
    """An object of a name that we want, made by somebody else."""
    path = engine.directory / "nlp-dev" / "Service" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: nlp-dev}}\n")
    return path


@pytest.mark.parametrize("broken", [batch_job("etl", replicsa=1), "kind: [\n"])
def test_a_run_that_could_not_be_read_at_first_waits_for_a_person_too(engine, broken):
    """A new cluster, and a spec that is invalid when it is first looked at: mended, it may have run before."""
    engine.confirm_runs = True
    good = engine.files["workloads/etl.yaml"]
    engine.files |= {"workloads/etl.yaml": broken, "workloads/api.yaml": service("api")}
    engine.turn()
    engine.files["workloads/etl.yaml"] = good

    report = engine.turn()
    assert [guard.name for guard in report.guards] == ["runs"]
    assert jobs(engine) == 0

    engine.confirm("runs")
    engine.turn()
    assert jobs(engine) == 1


def test_a_job_that_comes_after_all_others_were_settled_starts_at_once(engine):
    """Only what may have run before the inventory began waits."""
    engine.confirm_runs = True
    engine.files["workloads/api.yaml"] = service("api", replicsa=1)
    engine.turn()
    engine.files["workloads/api.yaml"] = service("api")
    engine.confirm("runs")
    engine.turn()
    engine.files["workloads/other.yaml"] = batch_job("other")

    engine.turn()

    assert jobs(engine) == 2


def test_a_yes_to_adoption_before_the_first_sync_starts_no_run(engine):
    """The first word that a new inventory hears is of something else: runs go on waiting."""
    engine.confirm_runs = True
    engine.files["workloads/api.yaml"] = service("api")
    foreign(engine, "api")
    engine.confirm("adoption")

    report = engine.turn()

    assert actions(report)["Service/api"] is Action.ADOPTED
    assert [guard.name for guard in report.guards] == ["runs"]
    assert jobs(engine) == 0


def test_a_spec_that_goes_back_to_what_it_was_starts_nothing_again(engine):
    """However many runs came between, and whatever history keeps of their objects."""
    names = ["a", "b", "c", "d", "a"]
    started = 0
    for name in names:
        spec(engine, env={"INPUT": name}, history=1)
        for _ in range(2):
            report = engine.turn()
            started += sum(each is Action.CREATED for key, each in actions(report).items() if "Job/" in key)
            for path in engine.directory.glob("nlp-dev/Job.batch/*.yaml"):
                path.unlink()

    assert started == len(names) - 1


def test_a_run_whose_label_somebody_removed_is_not_lost(engine):
    """Lists do not show it any more, and it still runs: another run waits for its end."""
    engine.turn()
    (path,) = engine.directory.glob("nlp-dev/Job.batch/*.yaml")
    body = yaml.safe_load(path.read_text())
    del body["metadata"]["labels"][PART_OF]
    path.write_text(yaml.safe_dump(body))
    spec(engine, env={"INPUT": "other"})

    report = engine.turn()

    assert [run.state for run in engine.runs(ETL)] == [RunState.STARTED]
    assert "waits for the end" in of(report, ETL).reason


def test_a_run_that_never_began_does_not_count_for_rerun_never(engine):
    """Its create was held up by what it depends on, and its spec was changed meanwhile: the new one starts."""
    engine.files["workloads/api.yaml"] = service("api")
    spec(engine, rerun="never", dependsOn=["Service/api"])
    path = foreign(engine, "api")
    engine.turn()
    path.unlink()
    spec(engine, rerun="never", dependsOn=["Service/api"], env={"INPUT": "other"})

    engine.turn()
    engine.turn()

    assert jobs(engine) == 1


def test_a_cancelled_run_and_its_successor_never_hold_devices_together(engine):
    """overlap: cancel first deletes the old run, and starts the new one when it is gone."""
    engine.turn()
    spec(engine, env={"INPUT": "other"}, overlap="cancel")

    engine.turn()
    assert jobs(engine) == 0
    engine.turn()
    assert jobs(engine) == 1
    assert [run.state for run in engine.runs(ETL)] == [RunState.CANCELLED, RunState.STARTED]


def test_a_pass_that_only_plans_is_the_last_word_of_an_environment_that_becomes_unreadable(engine):
    """Told to write nothing it writes nothing, though the platform file that says so is broken now."""
    engine.files["workloads/api.yaml"] = service("api")
    engine.turn()
    engine.sync = {"mode": "plan"}
    engine.turn()
    engine.files["platform/dev.yaml"] = "kind: [\n"
    next(engine.directory.glob("nlp-dev/Service/api.yaml")).unlink()

    engine.turn()

    assert "Service/api" not in engine.objects()
