"""What is kept between commands, parsed files and checks: a help that may be lost, damaged or another's at any time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, service
from tests.integration.git_server import git
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.cli import checked, parsed, revisions
from yardarm_reconciler.cli.caching import cache_directory
from yardarm_reconciler.cli.entry import program
from yardarm_reconciler.cli.parsed import ParsedFiles
from yardarm_reconciler.cli.revisions import check
from yardarm_reconciler.load import repository as loading
from yardarm_reconciler.load.composer import compose

ID = "0a" * 20
WRONG = Path(__file__).parents[1] / "cases" / "wrong"
IMPORTED = """
import sys
from yardarm_reconciler.cli import main
try:
    main()
finally:
    print("pydantic" in sys.modules)
"""


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
    """What validate says, in JSON, where no check is known."""
    shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"]) / "yardarm" / "checked", ignore_errors=True)
    return validated_again(root)


def validated_again(root: Path) -> str:
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
    assert cache_directory("parsed", environ) == (Path(expected) if expected else None)


def checking(monkeypatch) -> list[str]:
    """Revisions that are checked from now on."""
    made: list[str] = []

    def counted(tree):
        made.append(tree.revision)
        return check(tree)

    monkeypatch.setattr(revisions, "check", counted)
    return made


@pytest.mark.usefixtures("cache")
def test_what_has_not_changed_is_not_checked_again(work, monkeypatch):
    """The second look says the same; a file more, another mode or another byte is checked."""
    first = validated(work)
    made = checking(monkeypatch)
    assert validated_again(work) == first
    assert made == []
    for change in (
        lambda: (work / "workloads" / "new.txt").write_text("any"),
        lambda: (work / "workloads" / "a.yaml").chmod(0o755),
        lambda: (work / "workloads" / "a.yaml").write_text(service("c")),
        (work / "workloads" / "b.yaml").unlink,
    ):
        change()
        made.clear()
        validated_again(work)
        validated_again(work)
        assert len(made) == 1


@pytest.mark.parametrize("damage", [b"", b"junk", b"{}", b"00000000null"])
def test_a_damaged_check_is_done_again(work, cache, monkeypatch, damage):
    """Cut off, written over, or of one flipped bit."""
    first = validated(work)
    (file,) = (cache.parent / "checked").iterdir()
    file.write_bytes(damage or file.read_bytes()[:40])
    made = checking(monkeypatch)

    assert validated_again(work) == first
    assert len(made) == 1


@pytest.mark.usefixtures("cache")
def test_another_program_knows_no_check(work, monkeypatch):
    """What it would say may be something else."""
    validated(work)
    monkeypatch.setattr(checked, "LIBRARIES", ())
    made = checking(monkeypatch)
    validated_again(work)
    assert len(made) == 1


@pytest.mark.usefixtures("cache")
def test_every_problem_is_kept_as_it_was():
    """With place, fix, note and repair, of all wrong specs that are known."""
    for folder in sorted(set(WRONG.iterdir()) - {WRONG / "_platform"}):
        tree = MemoryTree({**of_directory(WRONG / "_platform").contents, **of_directory(folder).contents})
        first, second = (checked.checked_once(tree, tree.files(), check) for _ in range(2))

        assert first.diagnostics
        assert second == first


@pytest.mark.slow
def test_to_see_that_nothing_changed_imports_no_model(work, cache):
    """Which takes longer than all the rest of it."""
    command = [sys.executable, "-c", IMPORTED, "validate", "--format", "concise", "-C", str(work)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache.parents[1])}
    said = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout
        for _ in range(2)
    ]

    assert [each.splitlines()[-1] for each in said] == ["True", "False"]
