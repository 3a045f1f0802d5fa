"""Commands that need no cluster: what they say of a repository, and how they end."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.engine import ROOT, TEAM, service
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
