"""The cache of parsed files: a help that may be lost, damaged or another's at any time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, service
from tests.integration.git_server import git
from yardarm_reconciler.cli import parsed
from yardarm_reconciler.cli.entry import program
from yardarm_reconciler.cli.parsed import ParsedFiles, cache_directory
from yardarm_reconciler.load import repository as loading
from yardarm_reconciler.load.composer import compose

ID = "0a" * 20


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A cache of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "yardarm" / "parsed"


@pytest.fixture
def work(tmp_path) -> Path:
    """A config repository with two services."""
    import yaml  # noqa: PLC0415 - here alone

    root = tmp_path / "work"
    files = {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": yaml.safe_dump(ENVIRONMENT),
        "platform/nlp.yaml": TEAM,
    }
    for path, text in {**files, "workloads/a.yaml": service("a"), "workloads/b.yaml": service("b")}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "init", "-q", "-b", "main")
    return root


def validated(root: Path) -> str:
    """What validate says, in JSON."""
    done = CliRunner().invoke(
        program, ["validate", "-C", str(root), "--format", "json"], standalone_mode=False
    )
    assert done.exception is None, done.exception
    return done.output


def counting(monkeypatch) -> list[str]:
    """Paths of the files that are parsed from now on."""
    made: list[str] = []

    def counted(path, data):
        made.append(path)
        return compose(path, data)

    monkeypatch.setattr(loading, "compose", counted)
    return made


def test_the_second_look_parses_only_what_changed(work, cache, monkeypatch):
    """And says the same."""
    first = validated(work)
    made = counting(monkeypatch)
    assert validated(work) == first
    assert made == []
    (work / "workloads" / "a.yaml").write_text(service("c"))
    validated(work)
    assert made == ["workloads/a.yaml"]
    assert cache.is_dir()


@pytest.mark.parametrize("damage", [b"", b"junk", b"[]", b"00000000[[1,1,1,1,null]]"])
def test_a_damaged_file_is_parsed_again(work, cache, monkeypatch, damage):
    """Cut off, written over, or of one flipped bit: never taken for what it was."""
    first = validated(work)
    for file in cache.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            file.write_bytes(damage or data[: len(data) // 2])
    made = counting(monkeypatch)
    assert validated(work) == first
    assert len(made) == 5


@pytest.mark.usefixtures("cache")
def test_another_version_of_the_parser_knows_nothing(work, monkeypatch):
    """What it would make of the same bytes may be something else."""
    validated(work)
    monkeypatch.setattr(parsed, "_MAKERS", parsed._MAKERS[1:])
    made = counting(monkeypatch)
    validated(work)
    assert len(made) == 5


@pytest.mark.usefixtures("cache")
def test_a_file_with_problems_is_not_kept(work, monkeypatch):
    """What is said of it is said again."""
    (work / "workloads" / "a.yaml").write_text("spec: [\n")
    first = validated(work)
    made = counting(monkeypatch)
    assert validated(work) == first
    assert made == ["workloads/a.yaml"]


def test_a_cache_that_cannot_be_written_is_none(work, tmp_path, monkeypatch):
    """A file in its place, as a full or foreign disk would be."""
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "taken"))
    assert validated(work) == validated(work)


def test_the_oldest_go_when_there_are_too_many(tmp_path, monkeypatch):
    """Of other versions, too."""
    monkeypatch.setattr(parsed, "MOST_FILES", 3)
    for number in range(5):
        files = ParsedFiles(tmp_path)
        id_ = f"{number:040x}"
        files["a.yaml", id_] = compose("a.yaml", b"a: %d\n" % number)
        files.keep()
        os.utime(files._file(id_), (number, number))
    left = sorted(path.name for path in tmp_path.glob("*/*/*"))
    assert left == [f"{number:038x}" for number in (2, 3, 4)]


def test_only_names_of_blobs_become_names_of_files(tmp_path):
    """Whatever a tree calls its files."""
    files = ParsedFiles(tmp_path / "cache")
    files["a.yaml", "../../escape"] = compose("a.yaml", b"a: 1\n")
    files.keep()
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/yardarm/parsed"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/yardarm/parsed"),
        ({"HOME": "/h"}, "/h/.cache/yardarm/parsed"),
        ({"HOME": ""}, None),
        ({}, None),
    ],
)
def test_the_cache_lies_where_the_system_says(environ, expected):
    """And nowhere, where it says nothing."""
    assert cache_directory(environ) == (Path(expected) if expected else None)
