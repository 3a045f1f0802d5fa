"""What other repositories use of this one: the action of GitHub, the template of GitLab, the hooks. Their scripts are run."""

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.integration.engine import ROOT, TEAM, service
from tests.integration.forge_server import TOKEN, forge
from tests.integration.git_server import git
from tests.integration.test_commands_on_specs import CLASS, ENVIRONMENT, write
from yardarm_reconciler import __version__

CHECKOUT = Path(__file__).parents[2]
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text())
GITLAB = yaml.safe_load((CHECKOUT / "templates/yardarm.gitlab-ci.yml").read_text())
HOOKS = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}


OURS = yaml.safe_load((CHECKOUT / ".github/workflows/check.yml").read_text())
SHOWN, SHOWN_HOOKS = (
    yaml.safe_load(block)
    for block in re.findall(r"```yaml\n(.*?)```", (CHECKOUT / "docs/checking.md").read_text(), re.DOTALL)
)


def schema(name: str) -> Draft7Validator:
    """What a publisher says of a file."""
    path = files("check_jsonschema") / "builtin_schemas" / "vendor" / f"{name}.json"
    return Draft7Validator(json.loads(path.read_text("utf-8")))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch with a second server, whose class is wrong."""
    root = tmp_path / "checkout"
    write(root, "yardarm.yaml", ROOT)
    write(root, "platform/dev.yaml", ENVIRONMENT)
    write(root, "platform/l4.yaml", CLASS)
    write(root, "platform/nlp.yaml", TEAM)
    write(root, "workloads/small.yaml", service("small", accelerator="l4-24gb"))
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "One server")
    git(root, "checkout", "-q", "-b", "feature")
    write(root, "workloads/small.yaml", service("small", accelerator="l4-24gb", replicas=2))
    write(root, "workloads/wrong.yaml", service("wrong", accelerator="l40"))
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "Two more")
    return root


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The program where the pipelines' scripts expect it to be installed."""
    folder = tmp_path / "runner" / "yardarm" / "bin"
    folder.mkdir(parents=True)
    program = f"#!{sys.executable}\nfrom yardarm_reconciler.cli import main\nmain()\n"
    (folder / "yardarm").write_text(program)
    (folder / "yardarm").chmod(0o755)
    return folder


def script(lines: str, directory: Path, **environ: str) -> tuple[int, str]:
    """Run a script as runners do: bash that stops at the first error."""
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", lines],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout


def test_the_files_are_what_their_readers_expect():
    """As the schemas of GitHub and GitLab say, and as pre-commit's documentation does."""
    schema("github-actions").validate(ACTION)
    schema("gitlab-ci").validate(GITLAB)
    for workflow in (OURS, SHOWN):
        # YAML 1.1 takes the key "on" for true.
        schema("github-workflows").validate(
            {"on" if key is True else key: value for key, value in workflow.items()}
        )
    assert all({"id", "name", "entry", "language"} <= set(hook) for hook in HOOKS)


def test_other_actions_are_pinned_and_no_input_is_part_of_a_script():
    """A tag can be moved; what is put into a script is run, whatever a branch is called."""
    uses = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]

    assert [each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
    assert [each for each in scripts if "${{" in each] == []


def test_what_the_page_and_this_repository_use_is_there():
    """Inputs of the action, the rights that its comment needs, and hooks."""
    for workflow, job, name in ((SHOWN, "yardarm", "OWNER/yardarm@COMMIT"), (OURS, "specs", "./")):
        (step,) = (each for each in workflow["jobs"][job]["steps"] if each.get("uses") == name)
        rights = workflow["jobs"][job].get("permissions", workflow["permissions"])
        assert set(step["with"]) <= set(ACTION["inputs"])
        assert rights == {"contents": "read", "pull-requests": "write"}
    (repo,) = SHOWN_HOOKS["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= {hook["id"] for hook in HOOKS}


@pytest.mark.slow
def test_the_action_annotates_summarises_and_comments(repository, installed, tmp_path):
    """Twice, as when a branch gets another commit: there is one comment, of the last plan."""
    base = git(repository, "rev-parse", "main").decode().strip()
    runner = installed.parents[1]
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    with forge() as server:
        variables = {
            "RUNNER_TEMP": str(runner),
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": server.url,
            "GITHUB_REPOSITORY": "acme/models",
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_TOKEN": TOKEN,
            "AUTHOR": ACTION["inputs"]["author"]["default"],
            "BASE": base,
        }
        validated, annotations = script(STEPS["validate"]["run"], repository, **variables)
        for replicas in (2, 3):
            text = service("small", accelerator="l4-24gb", replicas=replicas)
            write(repository, "workloads/small.yaml", text)
            assert script(STEPS["plan"]["run"], repository, **variables)[0] == 0
            commented, said = script(STEPS["comment"]["run"], repository, **variables)

    assert validated == 1
    assert annotations.startswith("::error file=workloads/wrong.yaml,")
    assert (commented, said) == (0, "✓ comment updated: https://example.com/7#1\n")
    (comment,) = server.said
    assert "replicas: 3" in comment
    assert "accelerator/unknown-class" in comment
    summary = (runner / "summary.md").read_text()
    assert "### Yardarm validate · ❌ 1 error" in summary
    assert summary.count("### Yardarm plan") == 2
    outputs = dict(line.split("=") for line in (runner / "output").read_text().splitlines())
    assert json.loads(Path(outputs["sarif"]).read_text())["version"] == "2.1.0"
    assert json.loads(Path(outputs["json"]).read_text())["kind"] == "Plan"


@pytest.mark.slow
def test_the_jobs_of_gitlab_report_and_comment(repository, installed):
    """Code Quality and tests for the merge request, and the plan as its note."""
    path = f"{installed}:{os.environ['PATH']}"
    base = git(repository, "rev-parse", "main").decode().strip()
    with forge() as server:
        variables = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{server.url}/api/v4",
            "CI_PROJECT_ID": "acme/models",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
            "YARDARM_GITLAB_TOKEN": TOKEN,
            "PATH": path,
        }
        validated, _ = script("\n".join(GITLAB["yardarm-validate"]["script"]), repository, **variables)
        planned, said = script("\n".join(GITLAB["yardarm-plan"]["script"]), repository, **variables)

    assert (validated, planned) == (1, 0), said
    assert len(server.said) == 1
    assert "### Yardarm plan" in server.said[0]
    reports = GITLAB["yardarm-validate"]["artifacts"]["reports"]
    assert [each["check_name"] for each in json.loads((repository / reports["codequality"]).read_text())] == [
        "field/no-health",
        "accelerator/unknown-class",
    ]
    assert (repository / reports["junit"]).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_says_yes_to_what_is_right(hook, repository, installed):
    """And validation no to what is wrong."""
    path = f"{installed}:{os.environ['PATH']}"
    wrong, _ = script(hook["entry"], repository, PATH=path)
    (repository / "workloads/wrong.yaml").unlink()

    assert (wrong != 0) == ("validate" in hook["entry"])
    assert script(hook["entry"], repository, PATH=path)[0] == 0


def test_what_the_template_installs_is_this_version():
    """A template of another version would not know its options."""
    assert GITLAB["variables"]["YARDARM_PACKAGE"] == f"yardarm=={__version__}"
