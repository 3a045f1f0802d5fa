"""Processes measured as the kernel counts them: time, CPU and peak memory of one child and all that it started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took, from its start to its end: start-up of Python included."""

    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int
    exit_code: int
    said: str


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run a program to its end in an empty folder of its own.

    Args:
        command: absolute path and arguments.
        folder: made; what the program says is kept there.
    """
    folder.mkdir(parents=True)
    answer = folder / "cost.json"
    # A small process between: the kernel counts what a parent holds as memory of the child that it forks.
    with (folder / "output").open("wb") as output:
        subprocess.run(
            [sys.executable, __file__, str(answer), *command],
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=LONGEST_SECONDS,
            check=True,
        )
    return Cost(**json.loads(answer.read_bytes()), said=(folder / "output").read_text())


def _measured(answer: Path, command: Sequence[str]) -> None:
    """In the process between: start the program, wait for it, write what it took."""
    started = time.monotonic()
    child = os.posix_spawn(command[0], [*command], os.environ)
    _, status, used = os.wait4(child, 0)
    cost = {
        "seconds": time.monotonic() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_rss_bytes": used.ru_maxrss * 1024,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    answer.write_text(json.dumps(cost))


if __name__ == "__main__":
    _measured(Path(sys.argv[1]), sys.argv[2:])
