"""What must not be deleted: removals by mistake, whatever way they come by."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, Engine, actions, batch_job, of, service
from yardarm_reconciler.model.change import Action, Sync

MANY = 6


@pytest.fixture
def engine(tmp_path: Path):
    """A unit with seven services, one of them by itself, that have been synced."""
    with ThreadPoolExecutor(4) as pool:
        files = {f"workloads/w{number}.yaml": service(f"w{number}") for number in range(MANY)}
        made = Engine(tmp_path / "dev", pool, {**files, "workloads/api.yaml": service("api")})
        made.turn()
        yield made


def environment(**spec: object) -> str:
    """The Environment with another spec."""
    return yaml.safe_dump({**ENVIRONMENT, "spec": {"cluster": "dev", **spec}})


def elsewhere(engine: Engine, group: str) -> None:
    """Say in every spec that it runs in a group, of which dev may be one."""
    for path, text in engine.files.items():
        if path.startswith("workloads/"):
            engine.files[path] = text.replace("dev: {}", f"{group}: {{}}")


def _renamed_team(engine: Engine) -> None:
    engine.files = {path: text.replace("nlp", "language") for path, text in engine.files.items()}
    engine.files["platform/language.yaml"] = TEAM.replace("nlp", "language")


def _renamed_environment(engine: Engine) -> None:
    engine.files["platform/dev.yaml"] = environment().replace("name: dev", "name: development")
    elsewhere(engine, "development")


def _changed_groups(engine: Engine) -> None:
    engine.files["platform/other.yaml"] = environment(groups=["all"]).replace("name: dev", "name: other")
    elsewhere(engine, "all")


def _moved_specs(engine: Engine) -> None:
    engine.files["yardarm.yaml"] = ROOT.replace("workloads]", "specs]")


def _ignored_specs(engine: Engine) -> None:
    engine.files["yardarm.yaml"] = ROOT.replace("platform: [", 'ignore: ["workloads/**"], platform: [')


def _broken_root(engine: Engine) -> None:
    engine.files["yardarm.yaml"] = "kind: Repository\nspec: {"


def _no_root(engine: Engine) -> None:
    engine.files["yardarm.yaml"] = ""


def _deleted_team(engine: Engine) -> None:
    engine.files["platform/nlp.yaml"] = TEAM.replace("nlp", "nobody")


def _narrowed_team(engine: Engine) -> None:
    engine.files["platform/nlp.yaml"] = TEAM.replace("workloads/**", "elsewhere/**")


def _unreadable_environment(engine: Engine) -> None:
    engine.files["platform/dev.yaml"] = "kind: [\n"


def _moved_namespaces(engine: Engine) -> None:
    engine.files["platform/dev.yaml"] = environment(namespaces={"pattern": "x-{team}-{environment}"})


WAYS = [
    _renamed_team,
    _renamed_environment,
    _changed_groups,
    _moved_specs,
    _ignored_specs,
    _broken_root,
    _no_root,
    _deleted_team,
    _narrowed_team,
    _unreadable_environment,
    _moved_namespaces,
]


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_deleted_by_one_mistake_in_the_platform(engine, way):
    """One line of a platform file can take away everything: nothing goes, and nothing is built anew elsewhere."""
    before = engine.objects()
    way(engine)

    report = engine.turn()

    assert before <= engine.objects()
    assert Action.DELETED not in actions(report).values()
    assert of(report, "Service/nlp/api").sync is Sync.HELD


def test_a_move_to_another_namespace_goes_on_when_it_is_confirmed(engine):
    """A person says yes to exactly the workloads that lose all that they have where they are."""
    _moved_namespaces(engine)
    (guard,) = engine.turn().guards
    assert "Service/nlp/api out of nlp-dev" in guard.ids

    engine.confirm("prune")
    engine.turn()

    assert not list(engine.directory.glob("nlp-dev/Deployment.apps/*"))
    assert list(engine.directory.glob("x-nlp-dev/Deployment.apps/api.yaml"))


def test_a_workload_is_not_removed_while_the_one_it_was_renamed_to_is_invalid(engine):
    """A new name and a typing error in one commit: what runs stays, and goes once the error is mended."""
    before = engine.objects()
    del engine.files["workloads/api.yaml"]
    engine.files["workloads/server.yaml"] = service("server", replicsa=2)

    report = engine.turn()
    assert engine.objects() == before
    assert "Service/nlp/server" in of(report, "Service/nlp/api").reason

    engine.files["workloads/server.yaml"] = service("server")
    engine.turn()
    assert "Deployment/api" not in engine.objects()


def test_a_removal_that_waits_keeps_its_last_good_state(engine):
    """Its team is not done; then its spec comes back invalid: it is still repaired from its last good bytes."""
    del engine.files["workloads/api.yaml"]
    engine.files["workloads/new.yaml"] = service("new", replicsa=2)
    engine.turn()
    engine.files["workloads/api.yaml"] = service("api", replicsa=2)
    next(engine.directory.glob("nlp-dev/Deployment.apps/api.yaml")).unlink()

    assert actions(engine.turn()) == {"Deployment/api": Action.CREATED}


def test_a_new_workload_waits_for_names_that_one_whose_removal_is_held_still_has(engine):
    """A mass removal is held, and one of its workloads comes back as another kind: they never fight."""
    engine.files = {
        "workloads/api.yaml": engine.files["workloads/api.yaml"],
        "workloads/w3.yaml": batch_job("w3"),
    }

    engine.turn()
    report = engine.turn()
    assert set(actions(report).values()) == {Action.SKIPPED}
    assert "Service/nlp/w3" in of(report, "BatchJob/nlp/w3").reason

    engine.confirm("prune")
    engine.turn()
    assert not any(name == "Deployment/w3" for name in engine.objects())
    assert actions(engine.turn()) == {}


def test_an_older_commit_does_not_remove_what_came_since(engine):
    """To go back beyond many workloads is a mass removal like any other."""
    newer = dict(engine.files)
    engine.files = {"workloads/api.yaml": engine.files["workloads/api.yaml"]}

    assert [guard.name for guard in engine.turn().guards] == ["prune"]

    engine.files = newer
    assert actions(engine.turn()) == {}
