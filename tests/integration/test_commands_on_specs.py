"""Commands that need no cluster: what they say of a repository, and how they end."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.engine import ROOT, TEAM, service
from tests.integration.git_server import git
from yardarm_reconciler.cli.entry import program

ENVIRONMENT = """
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: dev}
spec:
  cluster: dev
  accelerators:
    l4-24gb: {resource: nvidia.com/gpu, perDevice: {cpu: 6, memory: 24Gi}, pricePerHour: 0.80}
  limits: {accelerators: {total: 4}}
"""
CLASS = """
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: l4-24gb}
spec: {vendor: nvidia, type: gpu, memory: 24Gi}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two servers with devices, three of the four that there are."""
    write(tmp_path, "yardarm.yaml", ROOT)
    write(tmp_path, "platform/dev.yaml", ENVIRONMENT)
    write(tmp_path, "platform/l4.yaml", CLASS)
    write(tmp_path, "platform/nlp.yaml", TEAM)
    write(tmp_path, "workloads/small.yaml", service("small", accelerator="l4-24gb"))
    write(tmp_path, "workloads/large.yaml", service("large", accelerator="l4-24gb:2"))
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    """A file of the repository."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")


def run(repository: Path, *arguments: str) -> tuple[int, str, str]:
    """A command in the repository: its exit code, output and complaints."""
    done = CliRunner().invoke(program, [*arguments, "-C", str(repository)], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.return_value, done.stdout, done.stderr


@pytest.fixture
def history(repository: Path) -> Path:
    """The same with a commit, and a branch that changes one server."""
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Two servers")
    git(repository, "checkout", "-q", "-b", "feature")
    write(repository, "workloads/small.yaml", service("small", accelerator="l4-24gb", replicas=2))
    git(repository, "commit", "-q", "-a", "-m", "Two small ones")
    return repository


def planned(repository: Path, *arguments: str) -> tuple[int, list[str]]:
    """Exit code of a plan, and what it changes: workload, field, before, after."""
    code, out, _ = run(repository, "plan", "--format", "json", *arguments)
    workloads = json.loads(out)["environments"][0]["workloads"]
    actions = [(each["id"].rpartition("/")[2], action) for each in workloads for action in each["actions"]]
    return code, [
        f"{name} {field['path']} {field['before']} {field['after']}"
        for name, action in actions
        for field in action["fields"]
    ]


def test_a_plan_is_of_the_files_as_they_lie_against_where_the_branch_was_left(history):
    """Commits of the branch and what is not committed yet; what others did to main meanwhile is not mine."""
    write(history, "workloads/large.yaml", service("large", accelerator="l4-24gb:1"))
    git(history, "stash", "-q")
    git(history, "checkout", "-q", "main")
    write(history, "workloads/large.yaml", service("large", accelerator="l4-24gb:2", replicas=0))
    git(history, "commit", "-q", "-a", "-m", "Theirs")
    git(history, "checkout", "-q", "feature")
    git(history, "stash", "pop", "-q")

    code, changes = planned(history)

    assert code == 0
    assert "small spec.replicas 1 2" in changes
    assert "large spec.template.spec.containers[main].resources.limits.nvidia.com/gpu 2 1" in changes
    assert not [each for each in changes if each.startswith("large spec.replicas")]


def test_two_commits_are_compared_as_they_are(history):
    """Also backwards, as before a rollback; with three dots from where the head left the base."""
    assert planned(history, "--base", "feature", "--head", "main")[1] == ["small spec.replicas 2 1"]
    assert planned(history, "--base", "feature...", "--head", "main")[1] == []
    assert planned(history, "--base", "HEAD")[1] == []


def test_a_plan_with_mere_changes_is_fine_unless_it_is_asked(history):
    """Exit code 1 for differences only with --exit-code, and never without any."""
    assert planned(history)[0] == 0
    assert planned(history, "--exit-code")[0] == 1
    assert planned(history, "--base", "HEAD", "--exit-code")[0] == 0


def test_a_plan_of_a_head_that_is_wrong_is_not_fine(history):
    """Over the environment's limit."""
    write(history, "workloads/large.yaml", service("large", accelerator="l4-24gb:4"))

    assert planned(history)[0] == 1


def test_a_plan_of_an_environment_that_neither_side_has_is_a_mistake_in_usage(history):
    """It must not look like one in which nothing changes."""
    with pytest.raises(Exception, match="neither revision has an environment 'prod'") as refused:
        run(history, "plan", "-e", "prod")

    assert refused.value.exit_code == 2


@pytest.mark.parametrize("command", ["budget", "cost"])
def test_what_is_within_its_limits_is_fine(repository, command):
    """Numbers by owner, exit code 0, nothing to complain about."""
    code, out, err = run(repository, command, "--format", "json")

    (environment,) = json.loads(out)["environments"]
    assert (code, err) == (0, "")
    assert [(each["owner"], each["name"]) for each in environment["owners"]] == [
        ("environment", "dev"),
        ("team", "nlp"),
        ("workload", "Service/nlp/large"),
        ("workload", "Service/nlp/small"),
    ]
    assert environment["owners"][0]["devices"]["total"] == {"used": 3, "limit": 4}
    assert environment["owners"][2]["costPerHour"] == {"used": 1.6, "limit": None}


@pytest.mark.parametrize("command", ["budget", "cost"])
def test_what_exceeds_a_limit_is_counted_and_complained_about(repository, command):
    """The numbers are those of what was asked for, exit code 1, the diagnostic on standard error."""
    write(repository, "workloads/large.yaml", service("large", accelerator="l4-24gb:4"))

    code, out, err = run(repository, command, "--format", "json")

    assert json.loads(out)["environments"][0]["owners"][0]["devices"]["total"] == {"used": 5, "limit": 4}
    assert (code, "error[budget/environment-exceeded]" in err) == (1, True)


def test_what_is_invalid_is_named_and_not_counted(repository):
    """Nobody knows what it takes, so the numbers do not pretend to be whole."""
    write(repository, "workloads/large.yaml", service("large", accelerator="a100:2"))

    code, out, err = run(repository, "budget", "--format", "json")

    (environment,) = json.loads(out)["environments"]
    assert environment["notCounted"] == ["Service/nlp/large"]
    assert environment["owners"][0]["devices"]["total"]["used"] == 1
    assert (code, "error[accelerator/unknown-class]" in err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("-e", "prod"), "there are: dev"), (("--team", "web"), "there are: nlp")],
)
def test_a_name_that_there_is_not_is_a_mistake_in_usage(repository, arguments, words):
    """With the names that there are."""
    with pytest.raises(Exception, match=words) as refused:
        run(repository, "budget", *arguments)

    assert refused.value.exit_code == 2


@pytest.mark.slow
def test_a_value_is_explained_to_the_line(repository):
    """The part that was asked for, as JSON."""
    arguments = ("explain", "-e", "dev", "nlp/large", "spec.template.spec.containers[main].resources.limits")

    code, out, _ = run(repository, *arguments, "--format", "json")

    (workload,) = json.loads(out)["environments"][0]["workloads"]
    (explained,) = workload["objects"]
    fields = {each["path"].rpartition("limits.")[2]: each["sources"][0] for each in explained["fields"]}
    assert code == 0
    assert fields.keys() == {"memory", "nvidia.com/gpu"}
    assert fields["nvidia.com/gpu"]["name"] == "spec.accelerator"
    assert fields["nvidia.com/gpu"]["origin"]["path"] == "workloads/large.yaml"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-e", "dev"), "which workload"),
        (("-e", "dev", "nlp/lrge"), "did you mean 'nlp/large'"),
        (("-e", "dev", "nlp/large", "spec.nothing"), "has anything at spec.nothing"),
        (("-e", "prod", "nlp/large"), "there are: dev"),
        (("nlp/large", "spec"), "go with -e"),
        (("Service.imge",), "did you mean 'image'"),
        (("Servce",), "did you mean 'Service'"),
    ],
)
def test_what_cannot_be_explained_is_answered_with_what_can(repository, arguments, words):
    """One word from what was meant."""
    with pytest.raises(Exception, match=words):
        run(repository, "explain", *arguments)
