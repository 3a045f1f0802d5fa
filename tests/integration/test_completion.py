"""Completion in shells: the program is asked as a shell asks it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from yardarm_reconciler.cli import completing
from yardarm_reconciler.cli.entry import program

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

BASH = """
source <(yardarm completion bash)
COMP_WORDS=({words}) COMP_CWORD={word}
_yardarm_completion yardarm
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def asked(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """What a command prints, and that it says nothing else."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=cwd,
        env={"PATH": PATH, "HOME": "/nonexistent", **environment},
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("yardarm set", ["set-image"]),
        ("yardarm pro", ["promote"]),
        ("yardarm promote --t", ["--to"]),
        ("yardarm completion z", ["zsh"]),
    ],
)
def test_bash_completes_commands_options_and_choices(words: str, completions: list[str]):
    """By the script that it is given."""
    printed = asked("bash", "-c", BASH.format(words=words, word=len(words.split()) - 1))

    assert printed.split() == completions


@pytest.mark.slow
@pytest.mark.parametrize(("shell", "text"), [("zsh", "compdef"), ("fish", "complete --no-files")])
def test_other_shells_get_a_script_and_what_it_asks_for(shell: str, text: str):
    """Each in its own language, with the line that says what a command does."""
    assert text in asked("yardarm", "completion", shell)
    answer = asked(
        "yardarm", _YARDARM_COMPLETE=f"{shell}_complete", COMP_WORDS="yardarm fm", COMP_CWORD=ASKED[shell]
    )
    assert "Lay out specs" in answer


ASKED = {"zsh": "1", "fish": "fm"}
"""What a shell says of the word that is being completed: its number, or the word itself."""


SPECS = """\
apiVersion: yardarm.dev/v1alpha1
kind: Environment
metadata: {name: %s}
---
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: nlp}
---
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata:
  name: api
  team: nlp
---
apiVersion: yardarm.dev/v1alpha1
kind: BatchJob
metadata: {name: embed, team: search}
"""
ROOT = "apiVersion: yardarm.dev/v1alpha1\nkind: Repository\nspec: {specs: [specs], ignore: [specs/old]}\n"
SETTINGS = "units: [{id: u-dev, environment: dev}, {id: u-eu, environment: production-eu}]\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A config repository, of which one file is broken and others are not its own; and settings."""
    for path, text in {
        "yardarm.yaml": ROOT,
        "specs/all.yaml": SPECS % "dev",
        "specs/broken.yaml": "kind: [\n",
        "specs/old/all.yaml": SPECS % "gone",
        "elsewhere/all.yaml": SPECS % "nowhere",
        ".yardarm/settings.yaml": SETTINGS,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "specs" / "bytes.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "specs" / "dangling.yaml").symlink_to("nothing")
    return tmp_path


@pytest.mark.slow
def test_bash_completes_names_of_the_repository_and_the_settings(repository: Path):
    """Environments, workloads by team or by kind, teams and units; from a directory inside of it too."""
    for words, completions in {
        "yardarm tree -e ''": ["dev", "production-eu"],
        "yardarm promote nlp/api --from prod": ["production-eu"],
        "yardarm tree -e dev n": ["nlp/api"],
        "yardarm render -e dev ''": ["nlp/api", "search/embed"],
        "yardarm explain -e dev B": ["BatchJob/search/embed"],
        "yardarm budget --team ''": ["nlp"],
        "yardarm sync -e dev --unit u-e": ["u-eu"],
    }.items():
        script = BASH.format(words=words, word=len(words.split()) - 1)
        assert asked("bash", "-c", script, cwd=repository).split() == completions, words

    script = BASH.format(words="yardarm tree -e dev se", word=4)
    assert asked("bash", "-c", script, cwd=repository / "specs" / "old").split() == ["search/embed"]


@pytest.mark.slow
@pytest.mark.parametrize(("shell", "word"), [("zsh", "4"), ("fish", "n")])
def test_other_shells_get_names_as_they_ask_for_them(shell: str, word: str, repository: Path):
    """By the same question as for commands."""
    answer = asked(
        "yardarm",
        cwd=repository,
        _YARDARM_COMPLETE=f"{shell}_complete",
        COMP_WORDS="yardarm tree -e dev n",
        COMP_CWORD=word,
    )

    assert "nlp/api" in answer


@pytest.mark.parametrize(
    "text", ["", "spec: [", "spec: {specs: 3}", "spec: {specs: [{}, '**']}", "- 1", "\xff"]
)
def test_a_broken_repository_has_no_names_and_says_nothing(text: str, repository: Path):
    """Neither has one whose settings are broken; a shell shows what goes to stderr in the middle of a line."""
    (repository / "yardarm.yaml").write_text(text, encoding="latin-1")
    (repository / ".yardarm" / "settings.yaml").write_text(text, encoding="latin-1")
    ctx = click.Context(program, resilient_parsing=True)
    ctx.params = {"repository": repository, "config": str(repository / ".yardarm" / "settings.yaml")}

    for names in (completing.environments, completing.workloads, completing.teams, completing.units):
        names(ctx, click.Option(["-x"]), "")


def test_names_are_there_at_once(repository: Path):
    """In a repository of a thousand specs too: no more than 0.15 s of this machine's time."""
    for number in range(1000):
        (repository / "specs" / f"{number}.yaml").write_text(SPECS.replace("%s", f"env-{number}"))
    ctx = click.Context(program, resilient_parsing=True)
    ctx.params = {"repository": repository}

    taken = []
    for _ in range(3):
        before = time.process_time()
        found = completing.environments(ctx, click.Option(["-e"]), "env-99")
        taken.append(time.process_time() - before)

    assert len(found) == 11
    assert min(taken) < 0.15
