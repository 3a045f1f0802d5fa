"""The scripts that a person starts with."""

import fcntl
import itertools
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from scripts.tour import PromiseBrokenError, make_tour

CHECKOUT = Path(__file__).parents[2]
LONGEST_SECONDS = 280
"""Until a demo counts as hanging: it takes some 20 s alone, but tests run side by side."""

MOST_CPU_SECONDS = 45
"""What a demo may cost, twice what it does cost: what a person waits for, on a machine that is theirs."""


def start(*command: str, **options) -> subprocess.Popen[str]:
    """Start a script of the checkout, its output in a pipe."""
    return subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def is_set_up() -> bool:
    """Whether .venv is that of the lock: else the set-up would replace what these tests run in."""
    lock = CHECKOUT / "requirements" / "dev.lock"
    digest = subprocess.run(
        ["/usr/bin/env", "git", "hash-object", str(lock)], capture_output=True, check=True, text=True
    )
    return (CHECKOUT / ".venv" / f".lock-{digest.stdout.strip()}").exists()


set_up = pytest.mark.skipif(not is_set_up(), reason="run scripts/setup first: it would replace this .venv")


@pytest.fixture
def demo() -> Iterator[None]:
    """The only test that runs the demo, which works in one folder of the checkout, whatever the other workers do."""
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started may be interrupted, though whoever runs the tests may have started them with SIGINT ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


in_turn = pytest.mark.timeout(2 * LONGEST_SECONDS)
"""For tests with the demo: the time until it is theirs counts, too."""


@set_up
def test_setting_up_twice_does_nothing():
    """With .venv as locked it says nothing, changes nothing and takes no time."""
    before = sorted(path.name for path in (CHECKOUT / ".venv").iterdir())
    started = time.monotonic()
    done = start("scripts/setup")

    output, _ = done.communicate(timeout=30)

    assert (done.returncode, output) == (0, "")
    assert sorted(path.name for path in (CHECKOUT / ".venv").iterdir()) == before
    assert time.monotonic() - started < 10


@set_up
@in_turn
@pytest.mark.slow
@pytest.mark.usefixtures("demo")
def test_the_demo_does_what_it_says():
    """Each of its steps checks exit codes and words; it leaves a repository to go on with, and colours nothing in a pipe."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = start("scripts/demo")

    output, _ = done.communicate(timeout=LONGEST_SECONDS)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert done.returncode == 0, output
    assert re.findall(r"^(\d+)\. ", output, re.MULTILINE) == list("12345678")
    assert "\x1b" not in output
    assert (CHECKOUT / ".demo" / "models" / ".git").is_dir()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_CPU_SECONDS


@set_up
@in_turn
@pytest.mark.slow
@pytest.mark.usefixtures("demo", "interruptible")
def test_a_second_demo_leaves_the_first_alone_and_an_interrupted_one_ends():
    """They would work in one folder, so the second one refuses; Ctrl-C ends the first, and what it started, at once."""
    first = start("scripts/demo", start_new_session=True)
    assert first.stdout is not None
    told = list(itertools.takewhile(lambda line: "yardarm validate" not in line, first.stdout))
    second = start("scripts/demo")
    refusal, _ = second.communicate(timeout=60)
    assert (second.returncode, "another demo works in" in refusal) == (1, True), refusal

    told += itertools.takewhile(lambda line: "yardarm sync" not in line, first.stdout)
    assert first.poll() is None, "".join(told)
    os.killpg(first.pid, signal.SIGINT)

    output, _ = first.communicate(timeout=30)
    assert first.returncode == 128 + signal.SIGINT
    assert output.endswith("stopped\n")
    assert "Traceback" not in output


def test_a_tour_stops_at_the_first_promise_that_is_broken(tmp_path: Path):
    """Another exit code, or other words, end it: a demo that only looks right is worse than none."""
    tour = make_tour(tmp_path, tmp_path / "settings.yaml", [])
    tour.run("echo", "fine", says=["^fine$"])
    with pytest.raises(PromiseBrokenError, match="exit code 1, not 0"):
        tour.run("false")
    with pytest.raises(PromiseBrokenError, match="did not say"):
        tour.run("echo", "fine", says=["^good$"])


def test_the_workflow_runs_the_check_and_may_only_read():
    """Local and CI are the same script; each action is pinned to a commit."""
    workflow = yaml.safe_load((CHECKOUT / ".github/workflows/check.yml").read_text(encoding="utf-8"))
    steps = workflow["jobs"]["check"]["steps"]

    assert workflow["permissions"] == {"contents": "read"}
    assert [step["run"] for step in steps if "run" in step] == ["./scripts/check"]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)


@set_up
@pytest.mark.parametrize(
    "hook",
    yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"],
    ids=lambda hook: hook["id"],
)
def test_a_hook_calls_a_tool_of_the_project(hook):
    """Every hook runs what .venv holds, so that it is locked."""
    assert (CHECKOUT / hook["entry"].split()[0]).exists()
