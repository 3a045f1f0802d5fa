"""Answers in several formats at one time, on standard output and in files."""

import json
import os
import re
import threading
from pathlib import Path

import click
import pytest

from tests.integration.engine import ROOT, TEAM, service
from tests.integration.git_server import git
from tests.integration.test_commands_on_specs import CLASS, ENVIRONMENT, run, write
from yardarm_reconciler.cli.validate import FORMATS


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """One server whose class has a typing error."""
    root = tmp_path / "config"
    write(root, "yardarm.yaml", ROOT)
    write(root, "platform/dev.yaml", ENVIRONMENT)
    write(root, "platform/l4.yaml", CLASS)
    write(root, "platform/nlp.yaml", TEAM)
    write(root, "workloads/small.yaml", service("small", accelerator="l4-24g"))
    write(root, "workloads/fine.yaml", service("fine"))
    return root


def timeless(text: str) -> str:
    """The same without how long it took."""
    return re.sub(r"\d\.\d s", "", text)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_gets_what_standard_output_would_get(repository, tmp_path, form, monkeypatch):
    """In every format, for a screen of the usual width; but for the time that it took."""
    monkeypatch.setenv("COLUMNS", "100")
    printed = run(repository, "validate", "--format", form)[1]

    code, out, err = run(repository, "validate", "--output-file", f"{form}={tmp_path / 'answer'}")

    assert (code, err) == (1, "")
    assert "did you mean" in out
    assert timeless((tmp_path / "answer").read_text()) == timeless(printed)


def test_one_look_gives_several_files(repository, tmp_path):
    """As a pipeline wants them: problems for people, for code scanning and for the list of tests."""
    code, out, _ = run(
        repository,
        "validate",
        "workloads/small.yaml",
        "--format=github",
        f"--output-file=sarif={tmp_path}/a.sarif",
        f"--output-file=junit={tmp_path}/a.xml",
    )

    (line,) = out.splitlines()
    (result,) = json.loads((tmp_path / "a.sarif").read_text())["runs"][0]["results"]
    assert code == 1
    assert line.startswith("::error file=workloads/small.yaml,line=")
    assert result["ruleId"] == "accelerator/unknown-class"
    assert "fine.yaml" not in (tmp_path / "a.xml").read_text()


def test_a_plan_has_files_too(repository, tmp_path):
    """The comment of a pull request, and the same for programs."""
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "One server")

    run(repository, "plan", "--base=HEAD", "--format=concise", f"--output-file=markdown={tmp_path}/a.md")

    assert (tmp_path / "a.md").read_text().startswith("<!-- yardarm plan -->")


@pytest.mark.parametrize("value", ["sarif", "sarif=", "yaml=a.yaml", "=a"])
def test_what_is_no_format_and_file_is_a_mistake_in_usage(repository, value):
    """Before anything is looked at."""
    with pytest.raises(click.BadParameter):
        run(repository, "validate", "--output-file", value)


def test_a_file_that_cannot_be_written_is_told_before_anything_is_printed(repository, tmp_path):
    """Whoever sees the answer finds the files."""
    with pytest.raises(FileNotFoundError) as told:
        run(repository, "validate", "--output-file", f"json={tmp_path / 'nowhere' / 'a.json'}")

    assert told.value.filename == str(tmp_path / "nowhere" / "a.json")


def test_a_file_keeps_its_mode_and_a_link_its_place(repository, tmp_path):
    """Others may read it as before, and nothing else is left in the directory."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.json").write_text("before")
    (tmp_path / "out" / "a.json").chmod(0o640)
    (tmp_path / "link").symlink_to("out/a.json")

    run(repository, "validate", "--output-file", f"json={tmp_path / 'link'}")

    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "out" / "a.json").read_text())["kind"] == "Validation"
    assert (tmp_path / "out" / "a.json").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path / "out") == ["a.json"]  # noqa: PTH208 - names are what counts


def test_a_pipe_is_written_to_and_stays_one(repository, tmp_path):
    """As a shell's ``>(gzip > a.gz)`` gives it."""
    os.mkfifo(tmp_path / "pipe")
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_text()))
    reader.start()

    run(repository, "validate", "--output-file", f"concise={tmp_path / 'pipe'}")
    reader.join(timeout=10)

    assert "accelerator/unknown-class" in got[0]
    assert (tmp_path / "pipe").is_fifo()
