"""`yardarm run` as its user starts it: a process of its own, and what it logs."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.harness import YARDARM


@dataclass(slots=True)
class Running:
    """The program as a process, and every line of JSON that it has logged."""

    process: subprocess.Popen[str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> None:
        """Collect what it says until it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def revisions(self, environment: str) -> set[str]:
        """Revisions that an environment was brought to; who stands by has brought it to none."""
        return {
            e["revision"]
            for e in self.lines
            if e["environment"] == environment and e["event"] == "reconciled"
        }

    def errors(self, environment: str) -> list[str]:
        """Why passes over an environment failed."""
        return [e["error"] for e in self.lines if e["environment"] == environment and e["error"]]

    def stop(self) -> tuple[int, float]:
        """Ask it to end; its exit code, and how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60), time.monotonic() - started

    @property
    def standby(self) -> bool:
        """Whether the last that it said is that another process leads."""
        return bool(self.lines) and self.lines[-1]["event"] == "standby"


@contextmanager
def reconciler(settings: Path, errors: Path) -> Iterator[Running]:
    """Run it over some settings; at the end it is killed, where it has not ended, and must never have had a bug."""
    with errors.open("w") as file:
        process = subprocess.Popen(
            [*YARDARM, "run", "--config", str(settings), "--log", "json"],
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    made = Running(process)
    reader = threading.Thread(target=made.read)
    reader.start()
    try:
        yield made
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()
    assert "Traceback" not in errors.read_text()
