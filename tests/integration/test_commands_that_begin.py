"""Commands that make files where there are none: a config repository, a spec of a kind."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from tests.editing import fails, run
from tests.integration.git_server import git
from tests.invoking import invoke
from yardarm_reconciler.cli.entry import COMMANDS, program
from yardarm_reconciler.model.origin import UserError
from yardarm_schema.json_schema import schema_of_any_kind
from yardarm_schema.kinds import PLATFORM, WORKLOADS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as init makes it; nobody changes it."""
    folder = tmp_path_factory.mktemp("begun")
    assert invoke("init", str(folder))[0] == 0
    return folder


@pytest.fixture
def fresh(begun: Path, tmp_path: Path) -> Path:
    """The same to work on."""
    return Path(shutil.copytree(begun, tmp_path / "fresh"))


def test_a_new_repository_is_valid_and_laid_out(fresh: Path):
    """With a workload of each kind, without a warning, in two environments."""
    code, done = run(fresh, "validate", "--format", "json")

    found = json.loads(done.stdout)
    kinds = {yaml.safe_load(path.read_text())["kind"] for path in fresh.glob("workloads/*/*.yaml")}
    assert (code, found["diagnostics"]) == (0, [])
    assert kinds == set(WORKLOADS)
    assert run(fresh, "render", "-e", "dev")[0] == 0
    assert run(fresh, "fmt", "--check")[0] == 0


def test_files_of_tools_in_a_new_repository_can_be_read(fresh: Path):
    """By those tools: the workflow's steps are commands that there are, the schema is the one that is published."""
    workflow = yaml.safe_load((fresh / ".github/workflows/yardarm.yaml").read_text())
    commands = [step["run"].split() for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    settings = json.loads((fresh / ".vscode/settings.json").read_text())

    assert (
        {words[1] for words in commands if words[0] == "yardarm"}
        == {"validate", "fmt", "plan"}
        <= set(COMMANDS)
    )
    assert set(settings["yaml.schemas"]) == {"./.vscode/yardarm.schema.json"}
    assert (fresh / ".vscode/yardarm.schema.json").read_bytes() == schema_of_any_kind()
    assert json.loads((fresh / ".vscode/extensions.json").read_text())


def test_commands_that_a_new_repository_shows_work(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    """Those of its README.md, in their order."""
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "Begin")):
        git(fresh, *arguments)
    git(fresh, "update-ref", "refs/remotes/origin/main", "main")
    monkeypatch.chdir(fresh)
    shown = re.findall(r"^yardarm ([^#\n]+)", (fresh / "README.md").read_text(), re.MULTILINE)

    ended = {line: invoke(*line.split())[0] for line in shown}

    assert len(ended) > 4
    assert set(ended.values()) == {0}, ended


def test_a_repository_is_never_begun_upon_another(fresh: Path, tmp_path: Path):
    """One spec that is there, and nothing is written; other files are left as they are."""
    (fresh / "platform/dev.yaml").unlink()
    (tmp_path / "README.md").write_text("mine")

    with pytest.raises(UserError, match="there already"):
        CliRunner().invoke(program, ["init", str(fresh)], standalone_mode=False, catch_exceptions=False)
    assert not (fresh / "platform/dev.yaml").exists()
    assert invoke("init", str(tmp_path))[0] == 0
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize("kind", [*WORKLOADS, *PLATFORM])
def test_a_new_spec_of_each_kind_is_valid_at_once(fresh: Path, kind: str):
    """Where its team or the platform has its specs, in the environment for trying out, without a warning."""
    code, done = run(fresh, "new", kind, "fresh-one")

    folder = "platform" if kind in PLATFORM else "workloads/ml"
    assert (code, done.stdout) == (0, f"{folder}/fresh-one.yaml\n")
    found = json.loads(run(fresh, "validate", "--format", "json")[1].stdout)
    assert found["diagnostics"] == []
    assert run(fresh, "fmt", "--check")[0] == 0


def test_a_new_spec_is_made_for_its_environment(fresh: Path):
    """Devices that there are, registries that are allowed, a digest where one is demanded."""
    production = fresh / "platform/production.yaml"
    production.write_text(production.read_text().replace("[registry.example.com]", "[mirror.example.com/ai]"))

    _, done = run(fresh, "new", "ModelService", "judge", "-e", "production", "--dry-run")
    _, bare = run(fresh, "new", "Environment", "edge")
    _, without = run(fresh, "new", "ModelService", "judge", "-e", "edge", "--dry-run")

    assert "+  image: mirror.example.com/ai/ml/vllm:0.28@sha256:" in done.stdout
    assert "+  accelerator: l4-24gb" in done.stdout
    assert bare.stdout == "platform/edge.yaml\n"
    assert "accelerator: l4" not in without.stdout
    assert not (fresh / "workloads/ml/judge.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("BatchJb", "a"), "did you mean 'BatchJob'", 2),
        (("BatchJob", "a", "--team", "m"), "no valid team 'm'", 2),
        (("BatchJob", "a", "-e", "prod"), "there are: dev, production", 2),
        (("BatchJob", "a", "--file", "docs/a.yaml"), "reads no specs at docs/a.yaml", 2),
        (("BatchJob", "a", "--file", "workloads/ml/a.txt"), "reads no specs at workloads/ml/a.txt", 2),
        (("BatchJob", "chat"), "workloads/ml/chat.yaml is there already", 2),
    ],
)
def test_a_new_spec_that_cannot_be_meant_is_not_written(
    fresh: Path, arguments: tuple[str, ...], words: str, code: int
):
    """With what there is instead."""
    ended, complaint = fails(fresh, "new", *arguments)

    assert (ended, words in complaint) == (code, True), complaint


def test_a_new_spec_that_would_be_wrong_is_not_written(fresh: Path):
    """A name that is none; what is wrong with it is told."""
    code, done = run(fresh, "new", "BatchJob", "Not_A_Name")

    assert (code, "error[name/invalid]" in done.stderr) == (1, True)
    assert not (fresh / "workloads/ml/Not_A_Name.yaml").exists()


def test_whose_a_new_spec_is_must_be_known(fresh: Path):
    """Where there are two teams, neither of them is the obvious one; a place is asked for where none is."""
    run(fresh, "new", "Team", "nlp")
    team = fresh / "platform/nlp.yaml"
    team.write_text(team.read_text().replace("workloads/nlp/**", "workloads/*/nlp/**"))

    assert "there are: ml, nlp" in fails(fresh, "new", "BatchJob", "a")[1]
    assert "--file PATH" in fails(fresh, "new", "BatchJob", "a", "--team", "nlp")[1]
    assert run(fresh, "new", "BatchJob", "a", "--team", "nlp", "--file", "workloads/eu/nlp/a.yaml")[0] == 0
