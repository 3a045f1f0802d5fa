"""Trust: a team's file cannot disturb another team, and a confirmation never reaches further than its words."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.integration.engine import ENVIRONMENT, TEAM, Engine, actions, batch_job, of, service
from yardarm_reconciler.model.change import Action, Sync

API = "Service/nlp/api"


@pytest.fixture
def engine(tmp_path: Path):
    """A unit with a service and a job, that have been synced."""
    with ThreadPoolExecutor(4) as pool:
        made = Engine(
            tmp_path / "dev",
            pool,
            {"workloads/api.yaml": service("api"), "workloads/etl.yaml": batch_job("etl")},
        )
        made.turn()
        yield made


def environment(name: str = "dev", **spec: object) -> str:
    """An Environment of the same cluster."""
    return yaml.safe_dump({**ENVIRONMENT, "metadata": {"name": name}, "spec": {"cluster": "dev", **spec}})


def test_a_namespace_that_others_manage_from_now_on_is_let_go_and_never_deleted(engine):
    """Everything of the team lies in it: no confirmation of anything may take it along."""
    engine.files["platform/dev.yaml"] = environment(namespaces={"manage": False})

    report = engine.turn()

    assert report.guards == ()
    assert actions(report) == {}
    assert "Namespace/nlp-dev" in engine.objects()
    assert actions(engine.turn()) == {}


def test_a_team_that_nobody_defined_cannot_hold_another(engine):
    """Some workload says that it is of team nlp-eu, whose namespace would be that of nlp in environment eu-dev."""
    engine.files |= {
        "platform/eu.yaml": environment("eu-dev"),
        "platform/dev.yaml": environment(namespaces={"pattern": "{team}-{environment}"}),
    }
    engine.files["workloads/evil.yaml"] = service("evil").replace("team: nlp", "team: nlp-eu")
    engine.files["workloads/eu.yaml"] = service("eu").replace("dev: {}", "eu-dev: {}")

    report = engine.turn()

    assert not any(each.code.name == "namespace/collision" for each in report.diagnostics)
    assert of(report, API).sync is Sync.SYNCED


def test_a_file_that_claims_a_workload_of_another_team_changes_nothing_of_it(engine):
    """It lies where that team may not write: the rightful spec counts, the other is reported."""
    engine.files["platform/nlp.yaml"] = TEAM.replace("workloads/**", "workloads/*.yaml")
    engine.files["workloads/other/api.yaml"] = service("api", replicas=9)

    report = engine.turn()

    assert actions(report) == {}
    assert of(report, API).sync is Sync.SYNCED
    assert any(each.code.name == "team/path-mismatch" for each in report.diagnostics)


def test_labels_of_a_spec_cannot_pretend_to_be_of_another_unit_or_team(engine):
    """Ours win: nothing selects another team's pods, nothing is listed as another unit's."""
    stolen = {"yardarm.dev/team": "other", "applyset.kubernetes.io/part-of": "applyset-x-v1"}
    text = yaml.safe_load(service("api"))
    text["metadata"]["labels"] = stolen
    engine.files["workloads/api.yaml"] = yaml.safe_dump(text)

    engine.turn()

    for path in engine.directory.glob("nlp-dev/*/api.yaml"):
        labels = yaml.safe_load(path.read_text())["metadata"]["labels"]
        assert not stolen.items() & labels.items()


def test_a_link_in_the_directory_leads_no_deletion_out_of_it(engine, tmp_path):
    """Somebody replaced a namespace's folder by a link: what lies behind it is not ours to delete."""
    engine.files["workloads/more.yaml"] = service("more")
    engine.turn()
    elsewhere = tmp_path / "elsewhere"
    (engine.directory / "nlp-dev").rename(elsewhere)
    (engine.directory / "nlp-dev").symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*.yaml"))
    del engine.files["workloads/api.yaml"]

    engine.turn()
    engine.files = {}
    engine.turn()

    assert sorted(elsewhere.rglob("*.yaml")) == before


def test_a_yes_to_a_removal_is_no_yes_to_its_data_nor_to_more(engine):
    """Confirmed is the exact set: data stays, and one workload more waits again."""
    volumes = {"data": {"path": "/data", "size": "1Gi"}}
    engine.files |= {
        f"workloads/w{number}.yaml": service(f"w{number}", volumes=volumes) for number in range(9)
    }
    engine.turn()
    keep = engine.files["workloads/w0.yaml"]
    rest = {path: engine.files[path] for path in ("workloads/api.yaml", "workloads/etl.yaml")}
    engine.files = {**rest, "workloads/w0.yaml": keep}
    engine.confirm("prune")
    engine.files = rest

    report = engine.turn()
    assert [guard.name for guard in report.guards] == ["prune"]
    assert Action.DELETED not in actions(report).values()

    engine.files = {**rest, "workloads/w0.yaml": keep}
    engine.turn()
    assert sum(name.startswith("PersistentVolumeClaim/") for name in engine.objects()) == 9
    assert "Deployment/w1" not in engine.objects()
