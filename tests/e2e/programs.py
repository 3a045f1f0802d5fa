"""Real processes of the program, each in a few milliseconds: it is imported once, and forked for each run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Protocol

import orjson

from yardarm_reconciler.cli import main

LONGEST_SECONDS = 60.0

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["__main__", "tests.e2e.preloaded"])


class Deadly(Protocol):
    """A death that a process awaits at some point of what it does."""

    def await_it(self) -> None:
        """From now on, in this process."""


@dataclass(slots=True)
class Program:
    """One process of the program; what it prints goes to ``output``, its errors to a file beside it."""

    arguments: tuple[str, ...]
    output: Path
    death: Deadly | None = None
    process: ForkServerProcess = field(init=False)
    _started: threading.Event = field(default_factory=threading.Event)

    def start(self) -> Program:
        """Start it."""
        self.process = FORKS.Process(target=_run, args=(self.arguments, self.output, self.death), daemon=True)
        self.process.start()
        self._started.set()
        return self

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; from any thread."""
        self._started.wait()
        os.kill(self.process.pid or 0, number)

    def kill(self) -> None:
        """Kill it as the kernel does when memory is short, and wait until it is dead; from any thread."""
        self.signal(signal.SIGKILL)
        connection.wait([self.process.sentinel])

    def ended(self) -> int:
        """Wait for its end; give its exit code, negative where a signal ended it."""
        self.process.join(LONGEST_SECONDS)
        if self.process.exitcode is None:
            self.kill()
            self.process.join()
            raise AssertionError(f"{self.arguments} did not end in {LONGEST_SECONDS:.0f} s: {self.said}")
        return self.process.exitcode

    @property
    def answer(self) -> Any:
        """What it printed, as JSON."""
        return orjson.loads(self.output.read_bytes())

    @property
    def said(self) -> str:
        """All that it printed."""
        files = [file for file in (self.output, _errors(self.output)) if file.exists()]
        return "".join(file.read_text() for file in files)


def run(arguments: Sequence[str], output: Path, death: Deadly | None = None) -> Program:
    """Run it to its end, whatever that is."""
    program = Program(tuple(arguments), output, death).start()
    program.ended()
    return program


def _run(arguments: Sequence[str], output: Path, death: Deadly | None) -> None:
    """In the child: be ``yardarm`` with these arguments."""
    for stream, file in ((1, output), (2, _errors(output))):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.argv = ["yardarm", *arguments]
    if death is not None:
        death.await_it()
    main()


def _errors(output: Path) -> Path:
    return output.with_suffix(".err")
