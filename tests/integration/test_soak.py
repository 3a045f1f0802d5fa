"""A program that runs for months: what it holds does not grow with what it has done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("passes", "growth"),
    [
        (300, 500_000),
        pytest.param(5000, 3_000_000, marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
    ],
)
def test_what_is_held_does_not_grow_with_what_was_done(tmp_path: Path, passes: int, growth: int):
    """Commits, edits by hand and nothing in turn: memory (bytes), open files, threads and children.

    Between the second and the last quarter of a life: to forget nothing of a hundred commits would take more.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.soaking", str(tmp_path), str(passes)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    samples = [json.loads(line) for line in done.stdout.splitlines()]
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]

    assert mean(each["memory"] for each in late) - mean(each["memory"] for each in early) < growth
    for what in ("files", "threads", "children"):
        assert max(each[what] for each in late) <= max(each[what] for each in early), what
