"""The engine on a directory: what it keeps, what it deletes, and what it asks first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.engine import Engine, actions, batch_job, of, service
from yardarm_reconciler.inventory.records import RunState
from yardarm_reconciler.model.change import Action, Sync

API, ETL = "Service/nlp/api", "BatchJob/nlp/etl"
BROKEN = service("api", replicsa=2)


@pytest.fixture
def engine(tmp_path: Path):
    """An engine over an empty directory, with one service and one job."""
    with ThreadPoolExecutor(4) as pool:
        yield Engine(
            tmp_path / "dev",
            pool,
            {"workloads/api.yaml": service("api"), "workloads/etl.yaml": batch_job("etl")},
        )


def more(engine: Engine, count: int) -> None:
    """Add services, each with a claim."""
    volumes = {"data": {"path": "/data", "size": "1Gi"}}
    for number in range(count):
        engine.files[f"workloads/more/w{number}.yaml"] = service(f"w{number}", volumes=volumes)


def without(engine: Engine, part: str) -> None:
    """Remove the files whose path has that part."""
    engine.files = {path: text for path, text in engine.files.items() if part not in path}


def test_a_second_pass_changes_nothing(engine):
    """The same commit again, by a new process: everything is unchanged."""
    engine.turn()
    before = engine.inventory()

    assert actions(engine.turn()) == {}
    assert engine.inventory() == before


def test_drift_is_repaired_to_what_git_says(engine):
    """A file that was edited by hand is put back."""
    engine.turn()
    (path,) = engine.directory.glob("nlp-dev/Deployment.apps/api.yaml")
    good = path.read_text()
    path.write_text(good.replace("replicas: 1", "replicas: 7"))

    assert actions(engine.turn()) == {"Deployment/api": Action.CONFIGURED}
    assert path.read_text() == good


def test_a_held_workload_is_repaired_from_its_last_good_bytes(engine):
    """The spec is invalid, an object is deleted by hand: it comes back as it last was, the others go on."""
    engine.turn()
    engine.files["workloads/api.yaml"] = BROKEN
    engine.files["workloads/new.yaml"] = service("new")
    next(engine.directory.glob("nlp-dev/Service/api.yaml")).unlink()

    report = engine.turn()

    assert actions(report)["Service/api"] is Action.CREATED
    assert actions(report)["Deployment/new"] is Action.CREATED
    assert of(report, API).sync is Sync.HELD


def test_a_held_job_whose_run_still_waits_starts_nothing(engine):
    """The run waits for a person; the spec turns invalid: repairing the last good bytes does not start it."""
    engine.confirm_runs = True
    engine.turn()
    engine.files["workloads/etl.yaml"] = batch_job("etl", replicsa=1)

    engine.turn()

    assert not any(name.startswith("Job/") for name in engine.objects())


def test_runs_wait_on_a_cluster_without_inventory_until_confirmed(engine):
    """They may have run before: a person says so, once."""
    engine.confirm_runs = True
    engine.turn()
    engine.turn()
    assert not any(name.startswith("Job/") for name in engine.objects())

    engine.confirm("runs")
    engine.turn()

    assert any(name.startswith("Job/") for name in engine.objects())


def test_a_job_that_was_deleted_by_hand_is_lost_and_never_recreated(engine):
    """Nobody saw its end, so nobody repeats it."""
    engine.turn()
    next(engine.directory.glob("nlp-dev/Job.batch/*.yaml")).unlink()

    engine.turn()
    engine.turn()

    assert [run.state for run in engine.runs(ETL)] == [RunState.LOST]
    assert not any(name.startswith("Job/") for name in engine.objects())


def test_an_upgrade_of_yardarm_starts_no_run(engine):
    """Another renderer version with the same input writes no object."""
    engine.turn()
    engine.renderer = "2"

    assert actions(engine.turn()) == {}


def test_one_removed_spec_takes_its_objects_along(engine):
    """What git no longer has goes, and nothing else."""
    more(engine, 4)
    engine.turn()
    kept = {name for name in engine.objects() if "w0" not in name}
    without(engine, "w0")

    engine.turn()

    assert engine.objects() == kept | {"PersistentVolumeClaim/w0-data"}


@pytest.mark.parametrize("what", ["", "more"])
def test_a_mass_removal_is_held_until_it_is_confirmed(engine, what):
    """An emptied repository and a removed directory delete nothing before a person says yes to exactly that."""
    more(engine, 8)
    engine.turn()
    before = engine.objects()
    without(engine, what)

    report = engine.turn()
    assert engine.objects() == before
    assert [guard.name for guard in report.guards] == ["prune"]

    engine.confirm("prune")
    engine.turn()
    assert not any(name.startswith("Deployment/w") for name in engine.objects())


def test_a_removal_that_is_held_is_still_repaired(engine):
    """Until a person decides, what runs is kept as it was, by hand or not."""
    more(engine, 8)
    engine.turn()
    without(engine, "more")
    next(engine.directory.glob("nlp-dev/Deployment.apps/w3.yaml")).unlink()

    assert actions(engine.turn()) == {"Deployment/w3": Action.CREATED}


def test_a_digest_in_git_confirms_too(engine):
    """The same yes can be part of the pull request that needs it."""
    more(engine, 8)
    engine.turn()
    without(engine, "more")
    (guard,) = engine.turn().guards

    engine.sync = {"confirm": [guard.digest[:12]]}
    engine.turn()

    assert "Deployment/w0" not in engine.objects()


def test_what_keeps_data_stays_and_is_not_counted_or_brought_back_later(engine):
    """After a confirmed removal claims stay; later passes neither guard them again nor revive their workloads."""
    more(engine, 12)
    engine.turn()
    without(engine, "more")
    engine.confirm("prune")
    engine.turn()
    with engine.opened() as (_, journal):
        journal.read()
        journal.update_parent(lambda parent: type(parent)(**{**_fields(parent), "confirmations": ()}))

    report = engine.turn()

    assert actions(report) == {}
    assert [guard.name for guard in report.guards] == ["data"]
    assert len([name for name in engine.objects() if name.startswith("PersistentVolumeClaim")]) == 12

    engine.confirm("data")
    engine.turn()
    assert not any(name.startswith("PersistentVolumeClaim") for name in engine.objects())


def _fields(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def test_nothing_is_deleted_while_a_file_cannot_be_read(engine):
    """A syntax error in one file and a removal in another: the removed workload may have moved there."""
    more(engine, 4)
    engine.turn()
    before = engine.objects()
    without(engine, "w0")
    engine.files["workloads/api.yaml"] = "kind: [\n"

    report = engine.turn()

    assert engine.objects() == before
    assert of(report, API).sync is Sync.HELD


def test_a_foreign_object_is_left_alone_until_its_adoption_is_confirmed(engine):
    """An object of a name that we want but did not make is a conflict of that workload alone."""
    foreign = engine.directory / "nlp-dev" / "Service" / "api.yaml"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: nlp-dev}\n")
    text = foreign.read_text()

    report = engine.turn()
    assert foreign.read_text() == text
    assert actions(report)["Service/api"] is Action.CONFLICT
    assert any(name.startswith("Job/etl") for name in engine.objects())

    engine.confirm("adoption")
    assert actions(engine.turn())["Service/api"] is Action.ADOPTED
    assert actions(engine.turn()) == {}


def test_an_invalid_environment_freezes_and_still_repairs(engine):
    """Nothing new goes out, and what runs is kept as it was."""
    engine.turn()
    engine.files["platform/dev.yaml"] = (
        "apiVersion: yardarm.dev/v1alpha1\nkind: Environment\nmetadata: {name: dev}\nspec: {}\n"
    )
    engine.files["workloads/new.yaml"] = service("new")
    next(engine.directory.glob("nlp-dev/Service/api.yaml")).unlink()

    assert actions(engine.turn()) == {"Service/api": Action.CREATED}


def test_mode_plan_writes_nothing_and_says_what_it_would_do(engine):
    """The environment only reports."""
    engine.sync = {"mode": "plan"}

    report = engine.turn()

    assert actions(report)["Deployment/api"] is Action.CREATED
    assert engine.objects() == set()


def test_mode_apply_reports_drift_and_leaves_it(engine):
    """A change of git goes out, a change by hand stays and is said."""
    engine.sync = {"mode": "apply"}
    engine.turn()
    path = next(engine.directory.glob("nlp-dev/Deployment.apps/api.yaml"))
    path.write_text(path.read_text().replace("replicas: 1", "replicas: 7"))

    assert actions(engine.turn()) == {"Deployment/api": Action.HELD}
    assert "replicas: 7" in path.read_text()


def test_a_workload_that_changes_its_kind_takes_along_what_both_have(engine):
    """The ServiceAccount of that name is neither deleted nor a conflict."""
    engine.turn()
    engine.files["workloads/etl.yaml"] = service("etl")

    report = engine.turn()

    assert "ServiceAccount/etl" in engine.objects()
    assert not any(name.startswith("Job/") for name in engine.objects())
    assert actions(report)["Deployment/etl"] is Action.CREATED
    assert actions(engine.turn()) == {}
