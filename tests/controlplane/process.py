"""Child processes that never outlive us, and are only ever stopped by their own pid."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

STOP_SECONDS = 5
LOG_LINES = 50

# Asks the kernel to kill the program when its parent dies, then becomes the program. In a child of
# its own, because `preexec_fn` is unsafe in a process that has threads. PR_SET_PDEATHSIG = 1; it
# outlives execv. The parent may have died before the call: then nobody would send the signal.
_LAUNCHER = """
import ctypes, os, signal, sys
ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the parent is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""


class ExitedError(Exception):
    """A child ended by itself; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Command:
    """How one program is run: its name in messages, its arguments, and the file its output goes to."""

    name: str
    arguments: tuple[str, ...]
    log: Path


@dataclass(slots=True)
class Process:
    """A child that may be paused, killed and started again with the same arguments."""

    command: Command
    _forker: "Forker"
    _child: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """The process id; another one after start()."""
        return self._child.pid

    def check(self) -> None:
        """Raise ExitedError, with the last 50 lines of its log, if the child has ended."""
        code = self._child.poll()
        if code is not None:
            lines = self.command.log.read_text(encoding="utf-8", errors="replace").splitlines()
            tail = "\n".join(lines[-LOG_LINES:])
            raise ExitedError(
                f"{self.command.name} exited with {code}; the end of {self.command.log}:\n{tail}"
            )

    def pause(self) -> None:
        """Freeze the child (SIGSTOP): its sockets stay open and answer nothing."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused child go on (SIGCONT)."""
        self._child.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the child at once (SIGKILL) and wait until it is gone; its sockets are reset."""
        self._child.kill()
        self._child.wait()

    def start(self) -> None:
        """Start the child again; it must have ended."""
        self._child = self._forker.fork(self.command)

    def stop(self) -> None:
        """Ask the child to end (SIGTERM), kill it after 5 seconds; no effect on one that has ended."""
        self._child.send_signal(signal.SIGTERM)
        self._child.send_signal(signal.SIGCONT)  # a paused one would not see the first
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass(frozen=True, slots=True)
class Forker:
    """One thread that makes all children.

    PR_SET_PDEATHSIG fires when the *thread* that forked ends, not the process: a child forked by
    a pool's worker would be killed as soon as that worker is done.
    """

    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1, thread_name_prefix="forker")
    )

    def start(self, command: Command) -> Process:
        """Start a program, its output appended to its log, in a session of its own (^C is ours to handle)."""
        return Process(command, self, self.fork(command))

    def fork(self, command: Command) -> "subprocess.Popen[bytes]":
        """Start a program and return its raw handle."""
        started: Future[subprocess.Popen[bytes]] = self._thread.submit(_spawn, command)
        return started.result()

    def close(self) -> None:
        """End the thread, and with it every child that still runs."""
        self._thread.shutdown()


def stop(processes: Iterable[Process]) -> None:
    """End processes one by one, the last started first; kill one that is still there after 5 seconds.

    The order matters: an API server that has lost its etcd does not end when asked to.
    """
    for process in list(processes)[::-1]:
        process.stop()


def _spawn(command: Command) -> "subprocess.Popen[bytes]":
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid())]
    with command.log.open("ab") as log:
        return subprocess.Popen(
            [*launcher, *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
