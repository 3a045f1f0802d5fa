"""Every command where the world is poor: no home, no locale, a narrow old terminal, nothing that can be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, batch_job, service
from tests.integration.git_server import git
from tests.integration.test_cli_hostile import YARDARM, bare
from yardarm_reconciler.cli.entry import COMMANDS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("everywhere")]  # a new program each, upon one fixture

HERE = ("-e", "dev", "--directory", "../out")
HEAD = "HEAD"
UNWRITABLE = 5
"""What a command ends with that cannot write to its cluster; one that cannot write a file ends with 2."""

ARGUMENTS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "import": (("-f", "platform/nlp.yaml", "--team", "nlp"), 1, 1),
    "validate": ((), 0, 0),
    "render": (("-e", "dev"), 0, 0),
    "plan": (("--base", HEAD), 0, 0),
    "diff": (HERE, 0, 0),
    "sync": (HERE, UNWRITABLE, 0),
    "status": (HERE, 0, 0),
    "tree": ((*HERE, "nlp/api"), 0, 0),
    "events": ((*HERE, "nlp/api"), 0, 0),
    "trace": (("deployment/api", *HERE), 0, 0),
    "doctor": (HERE, 0, 0),
    "history": (HERE, 0, 0),
    "confirm": (("0" * 12, *HERE), UNWRITABLE, 1),
    "suspend": (HERE, UNWRITABLE, 0),
    "resume": (HERE, UNWRITABLE, 2),
    "pin": ((HEAD, *HERE), UNWRITABLE, 0),
    "rerun": (("nlp/etl", *HERE), UNWRITABLE, 2),
    "reject": ((HEAD, *HERE), UNWRITABLE, 0),
    "explain": (("-e", "dev", "nlp/api"), 0, 0),
    "budget": ((), 0, 0),
    "cost": ((), 0, 0),
    "set-image": (("nlp/api", "registry.example.com/app:2"), 2, 0),
    "promote": (("nlp/api", "--from", "dev", "--to", "nowhere"), 2, 2),
    "fmt": ((), 2, 0),
    "schema": (("--write", "schemas"), 2, 0),
    "version": ((), 0, 0),
}
"""What each command is called with, how it ends where nothing can be written, and how where all can: nothing is suspended,
and no run has ended. The others, which ask for more than there is here, are asked for their help."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config repository, whose name needs more than ASCII, and a directory as a cluster that has it all."""
    root = tmp_path_factory.mktemp("Größe")
    for path, text in {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": str(ENVIRONMENT).replace("'", '"'),
        "platform/nlp.yaml": TEAM,
        "workloads/api.yaml": service("api", env={"GREETING": "größer → 日本"}, health={"path": "/"}),
        "workloads/etl.yaml": batch_job("etl"),
    }.items():
        (root / "git" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "git" / path).write_text(text, encoding="utf-8")
    git(root / "git", "init", "-q", "-b", "main")
    git(root / "git", "add", ".")
    git(root / "git", "commit", "-q", "-m", "Größer")
    command = [*YARDARM, "sync", *HERE]
    subprocess.run(command, cwd=root / "git", check=True, capture_output=True, timeout=60)
    return root


def read_only(root: Path) -> None:
    """Take everybody's right to write anything below a directory."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222)


def as_anybody() -> tuple[str, ...]:
    """What makes a command respect permissions, which root does not."""
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


HUMAN = {
    "validate",
    "plan",
    "diff",
    "status",
    "tree",
    "events",
    "trace",
    "doctor",
    "history",
    "budget",
    "cost",
}
"""Commands all of whose output is made for the width of a screen; a field and its value are not parted by `explain`."""


def is_too_wide(line: str) -> bool:
    """Whether a line should have been folded: beyond forty columns for another reason than one long word."""
    return len(line) > 40 and len(line.split()) > 2


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_where_nothing_can_be_written(name, world, tmp_path):
    """Forty columns, no colour, the C locale, no HOME: a word on stderr where it fails, the right code, no traceback."""
    args, expected, _ = ARGUMENTS.get(name, (("--help",), 0, 0))
    shutil.copytree(world, tmp_path / "world")
    read_only(tmp_path / "world")
    env = bare(LC_ALL="C", COLUMNS="40", TERM="dumb")

    done = subprocess.run(
        [*as_anybody(), *YARDARM, name, *args],
        cwd=tmp_path / "world" / "git",
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )

    told = done.stdout + done.stderr
    assert done.returncode == expected, told
    assert b"Traceback" not in told
    assert b"\x1b" not in told
    assert done.stdout.isascii() or name == "render"  # manifests are the same bytes everywhere
    assert bool(done.stderr) == (expected != 0)
    assert [line for line in told.decode().splitlines() if is_too_wide(line) and name in HUMAN] == []


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("redirected", [">&- 2>&- <&-", ">/dev/full"])
def test_a_command_without_anywhere_to_print(name, redirected, world, tmp_path):
    """Closed streams swallow what they get, a full disk is told by exit code 2; what was to be done is done."""
    args, _, expected = ARGUMENTS.get(name, (("--help",), 0, 0))
    shutil.copytree(world, tmp_path / "world")
    program = f"'{sys.executable}' -c 'from yardarm_reconciler.cli import main; main()' \"$@\" {redirected}"

    done = subprocess.run(
        ["/bin/bash", "-c", program, "yardarm", name, *args],
        cwd=tmp_path / "world" / "git",
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert b"Traceback" not in done.stderr
    assert done.returncode in ({expected} if "&-" in redirected else {expected, 2}), done.stderr
