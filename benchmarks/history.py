"""What was measured before, and what has become of it: a file that grows by one run at a time.

Absolute times of two days mean little, so what is compared is the CPU of each case in times of the floor's, its memory, and
what it wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.results import Result, Run, from_json, to_json

FILE = Path(__file__).parent / "history.json"
"""The runs that were kept, the last one last."""

NOISE = 1.25
"""Between two runs of the same program on a shared machine the ratio of CPU differs by up to a quarter."""

SHORTEST_CPU_SECONDS = 0.2
"""What takes less is measured in a few ticks of the clock."""


def read(file: Path = FILE) -> list[Run]:
    """Every run that was kept."""
    return [from_json(each) for each in json.loads(file.read_bytes())] if file.exists() else []


def keep(run: Run, file: Path = FILE) -> None:
    """Add one."""
    runs = [*map(to_json, read(file)), to_json(run)]
    file.write_text(json.dumps(runs, indent=1) + "\n")


def compare(before: Run, now: Run) -> list[str]:
    """A sentence for each case that was measured in both, at the same size."""
    pairs = ((before.result(each.name), each) for each in now.results)
    return [_sentence(old, new) for old, new in pairs if old is not None and old.workloads == new.workloads]


def regressions(before: Run, now: Run) -> list[str]:
    """The sentences of the cases that have become worse."""
    return [each for each in compare(before, now) if ": worse, " in each]


def since(runs: Sequence[Run]) -> list[str]:
    """The last run beside the one before it."""
    return compare(*runs[-2:]) if len(runs) > 1 else []


def _sentence(old: Result, new: Result) -> str:
    worse = "; ".join(_worse(old, new))
    if worse:
        return f"{new.name}: worse, {worse}"
    if new.cpu_ratio * NOISE < old.cpu_ratio or new.peak_rss_bytes * NOISE < old.peak_rss_bytes:
        return f"{new.name}: better, {_cpu(old, new)}; {_peak(old, new)}"
    return f"{new.name}: as before"


def _worse(old: Result, new: Result) -> Iterator[str]:
    if new.cpu_ratio > old.cpu_ratio * NOISE and new.cpu_seconds > SHORTEST_CPU_SECONDS:
        yield _cpu(old, new)
    if new.peak_rss_bytes > old.peak_rss_bytes * NOISE:
        yield _peak(old, new)
    if new.object_writes > old.object_writes:
        yield f"{new.object_writes} writes, were {old.object_writes}"


def _cpu(old: Result, new: Result) -> str:
    return f"CPU {new.cpu_ratio:.1f} times the floor's, was {old.cpu_ratio:.1f}"


def _peak(old: Result, new: Result) -> str:
    return f"peak {new.peak_rss_bytes / 1e6:.0f} MB, was {old.peak_rss_bytes / 1e6:.0f} MB"
