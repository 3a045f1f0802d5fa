"""The program as it runs for months: ``yardarm run``, watched from outside."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from tests.e2e.harness import YARDARM

LONGEST_SECONDS = 300.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Running:
    """A process that reconciles every second, and what it says of each pass."""

    process: subprocess.Popen[str]
    said: Queue[dict[str, Any]] = field(default_factory=Queue)

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next pass that is wanted; what was said before is passed over."""
        try:
            while not wanted(found := self.said.get(timeout=LONGEST_SECONDS)):
                pass
        except Empty:
            raise TimeoutError(f"no such pass in {LONGEST_SECONDS:.0f} s") from None
        return found

    def passes(self, number: int) -> list[dict[str, Any]]:
        """The next passes."""
        return [self.until(lambda _: True) for _ in range(number)]

    def cpu_seconds(self) -> float:
        """CPU that it has taken so far, git's included."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, stat[11:15])) / TICKS

    def peak_rss_bytes(self) -> int:
        """The most memory that it has had so far."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
        return int(peak) * 1024


@contextmanager
def running(options: list[str], errors: Path) -> Iterator[Running]:
    """Start it; stop it at the end."""
    with errors.open("wb") as log:
        process = subprocess.Popen(
            [*YARDARM, "run", "--log", "json", *options], stdout=subprocess.PIPE, stderr=log, text=True
        )
    made = Running(process)
    reader = threading.Thread(target=_read, args=(made,), daemon=True)
    reader.start()
    try:
        yield made
    finally:
        process.terminate()
        process.wait(LONGEST_SECONDS)
        reader.join()


def _read(made: Running) -> None:
    for line in made.process.stdout or ():
        made.said.put(json.loads(line))
