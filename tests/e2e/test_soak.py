"""A program that runs for months on a real API server: what it holds does not grow with what it has done."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path
from statistics import mean

import pytest

from tests.e2e.harness import Site

GROWTH = 2_000_000
"""Bytes between the second and the last quarter of a life."""


def held() -> tuple[int, int, int]:
    """Bytes in memory, open files and threads."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return (
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    )


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_what_is_held_does_not_grow_with_what_was_done(site: Site):
    """Of three passes, one follows a commit, one repairs what somebody deleted, and one finds nothing to do."""
    samples: list[tuple[int, int, int]] = []
    for number in range(600):
        if number % 3 == 0:
            site.write(site.service("api", image=f"registry.example.com/team/app:{number}"))
            site.commit()
        elif number % 3 == 1:
            site.api.delete(site.path("services", "api"))
        assert site.look().report.error == ""
        if number % 10 == 0:
            samples.append(held())
    early, late = samples[15:30], samples[45:]

    assert mean(each[0] for each in late) - mean(each[0] for each in early) < GROWTH
    for what in (1, 2):
        assert max(each[what] for each in late) <= max(each[what] for each in early)
