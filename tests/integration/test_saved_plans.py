"""Plans in files: a sync does what was looked at, or nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, service
from tests.integration.git_server import git
from tests.invoking import invoke
from tests.unit.report.test_output import validator
from yardarm_reconciler.cli import exits

CHANGED = service("api", env={"GREETING": "again"})


@dataclass(frozen=True)
class Site:
    """A repository, a directory that is its cluster, and a plan of what is to happen there."""

    repository: Path
    cluster: Path
    plan: Path

    def yardarm(self, *arguments: str) -> tuple[int, str]:
        """Run a command on the cluster: its exit code and output."""
        where = ["-e", "dev", "-C", str(self.repository), "--directory", str(self.cluster)]
        code, done = invoke(*arguments, *where)
        return code, done.stdout

    def commit(self, path: str, text: str) -> None:
        """One more revision."""
        (self.repository / path).parent.mkdir(parents=True, exist_ok=True)
        (self.repository / path).write_text(text, encoding="utf-8")
        git(self.repository, "add", "-A")
        git(self.repository, "commit", "-qm", path)

    def manifest(self, kind: str) -> Path:
        """The file of one of the service's objects."""
        (found,) = self.cluster.glob(f"*/{kind}/api.yaml")
        return found

    def content(self) -> dict[str, bytes]:
        """All that is in the cluster."""
        files = (each for each in self.cluster.rglob("*") if each.is_file())
        return {str(each): each.read_bytes() for each in files if not each.name.endswith(".lock")}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A service runs; the plan is to change it."""
    made = Site(tmp_path / "config", tmp_path / "cluster", tmp_path / "plan.json")
    made.repository.mkdir()
    git(made.repository, "init", "-q", "-b", "main")
    made.commit("yardarm.yaml", ROOT)
    made.commit("platform/dev.yaml", json.dumps(ENVIRONMENT))
    made.commit("platform/nlp.yaml", TEAM)
    made.commit("workloads/api.yaml", service("api"))
    assert made.yardarm("sync")[0] == exits.FINE
    made.commit("workloads/api.yaml", CHANGED)
    assert made.yardarm("diff", "-o", str(made.plan))[0] == exits.FOUND
    return made


def test_what_was_planned_is_done(site: Site):
    """It says what a sync does: the same objects, and then nothing is left to do."""
    plan = json.loads(site.plan.read_text())
    validator("saved-plan").validate(plan)
    assert [(each["object"]["kind"], each["action"]) for each in plan["steps"]] == [
        ("Deployment", "configured")
    ]

    code, said = site.yardarm("sync", "--plan", str(site.plan), "--format", "json")

    (environment,) = json.loads(said)["environments"]
    done = [
        (action["object"], action["action"])
        for workload in environment["workloads"]
        for action in workload["actions"]
        if action["action"] != "unchanged"
    ]
    assert code == exits.FINE
    assert done == [(each["object"], each["action"]) for each in plan["steps"]]
    assert site.yardarm("diff")[0] == exits.FINE


def test_the_same_world_gives_the_same_plan(site: Site, tmp_path: Path):
    """Byte for byte, so that it can be compared, kept and signed."""
    again = tmp_path / "again.json"
    site.yardarm("diff", "-o", str(again))
    assert again.read_bytes() == site.plan.read_bytes()


def a_newer_revision(site: Site) -> None:
    """Nobody has looked at what it changes."""
    site.commit("workloads/more.yaml", service("more"))


def what_is_to_change_is_changed_by_hand(site: Site) -> None:
    """The difference is not what was shown."""
    path = site.manifest("Deployment.apps")
    body = yaml.safe_load(path.read_text())
    body["spec"]["replicas"] = 7
    path.write_text(yaml.safe_dump(body))


def something_else_drifts(site: Site) -> None:
    """It would be repaired, which nobody was told."""
    site.manifest("Service").unlink()


def it_was_done_already(site: Site) -> None:
    """By somebody else."""
    assert site.yardarm("sync")[0] == exits.FINE


def another_cluster(site: Site) -> None:
    """It lies at the same address."""
    shutil.rmtree(site.cluster)


@pytest.mark.parametrize(
    "happens",
    [
        a_newer_revision,
        what_is_to_change_is_changed_by_hand,
        something_else_drifts,
        it_was_done_already,
        another_cluster,
    ],
)
def test_a_stale_plan_is_refused_and_nothing_is_done(site: Site, happens: Callable[[Site], None], capsys):
    """Whatever has changed since: the exit code is that of a guard, and what is different is said."""
    happens(site)
    before = site.content()

    code, _ = site.yardarm("sync", "--plan", str(site.plan))

    assert code == exits.GUARDED
    assert f"{site.plan}: error[plan/stale]" in capsys.readouterr().err.replace("\n", "")
    assert site.content() == before or happens is another_cluster
    assert not list(site.cluster.rglob("Deployment*")) or happens is not another_cluster


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("configured", "deleted"),
        lambda text: text.replace('"steps": [', '"steps": [], "more": ['),
        lambda text: text.replace("SavedPlan", "Diff"),
        lambda text: text.replace("output.yardarm.dev/v1", "output.yardarm.dev/v2"),
        lambda text: text[: len(text) // 2],
        lambda _: "[" * 100_000,
        lambda _: "[]",
        lambda _: "{}",
        lambda _: '{"apiVersion": "output.yardarm.dev/v1", "kind": "SavedPlan", "of": [], "steps": 3}',
        lambda _: "not a plan\0",
    ],
)
def test_a_file_that_is_no_plan_is_refused(site: Site, edit: Callable[[str], str], capsys):
    """Edited, cut off, or something else: it is usage, and nothing is done."""
    site.plan.write_text(edit(site.plan.read_text()))
    before = site.content()

    code, _ = site.yardarm("sync", "--plan", str(site.plan))

    assert code == exits.USAGE
    assert "plan/unusable" in capsys.readouterr().err
    assert site.content() == before
