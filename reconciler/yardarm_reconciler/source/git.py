"""The git program, run so that nothing but what we say here decides what it does.

The environment is built from nothing, configuration of the machine and of the user is not read, hooks and
helpers are off, a server cannot redirect us, and every run has a deadline and a limit on what it may print.
Why a runner of our own: a library that kills only git itself at a deadline leaves ``git-remote-https`` holding
the pipes, and then waits for it for ever.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError

DEADLINE = 60.0
"""Seconds that a run may take unless the caller says otherwise."""

LIMIT = 64 * 1024 * 1024
"""Bytes that a run may print unless the caller says otherwise: a listing of half a million files."""

_STDERR_BYTES = 64 * 1024
_GRACE = 1.0  # seconds between asking a process group to end and ending it
_CHUNK = 1024 * 1024

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",  # in the repository's own configuration this names a program
    "core.askPass=",
    "credential.helper=",
    "protocol.allow=never",
    "http.followRedirects=false",  # a server must not send us, and our credentials, elsewhere
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "transfer.fsckObjects=true",  # without it git accepts trees with "..", ".git" and the like
    "transfer.bundleURI=false",
    "transfer.credentialsInUrl=die",
    "submodule.recurse=false",
    "gc.auto=0",  # background upkeep leaves zombies and stale locks behind in containers
    "gc.autoDetach=false",
    "maintenance.auto=false",
    "fetch.unpackLimit=1",  # every fetch one pack: upkeep counts packs
    # We run only commands that read, with everything overridden that lets a repository start a program;
    # git's question who owns it would only be in the way in containers, where the owner often differs.
    "safe.directory=*",
)

NOT_INSTALLED = Code(
    "git/not-installed",
    title="git is not installed",
    why="Config repositories are read with the git program (2.39 or newer), looked up in PATH.",
    bad="A container image without git.",
    good="apt-get install git",
)


@dataclass(frozen=True, slots=True)
class Access:
    """What a run may reach: one protocol, with credentials in its environment, never in its arguments.

    ``secrets`` are cut out of whatever the run prints to stderr: a server may echo what we sent.
    """

    protocol: str = "none"
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


OFFLINE = Access()
"""No protocol at all: for reading a repository on this machine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run gave. ``code`` is its exit code; ``stopped`` says why we ended it, and then ``code`` is -1."""

    code: int
    out: bytes
    err: str
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """True where it ended by itself, with success."""
        return self.code == 0


@dataclass(frozen=True, slots=True)
class Git:
    """The git program at an absolute path."""

    program: str

    def run(
        self,
        *arguments: str,
        directory: Path,
        git_dir: Path | None = None,
        given: bytes = b"",
        access: Access = OFFLINE,
        deadline: float = DEADLINE,
        limit: int = LIMIT,
    ) -> Answer:
        """Run git to its end, or end it.

        Args:
            arguments: subcommand and its arguments; text from outside stands behind ``--`` or is checked.
            directory: where to run.
            git_dir: the repository, where it is known; else git looks for it from ``directory`` upwards.
            given: bytes for its stdin; nothing where empty.
            access: what it may reach.
            deadline: seconds after which the whole process group is ended.
            limit: bytes of stdout beyond which it is ended.

        Raises:
            TransientError: it could not be started: the directory is gone, or the machine is full.
        """
        repository = ("--git-dir", str(git_dir)) if git_dir else ()
        settings = [word for setting in (*_SETTINGS, *_protocol(access)) for word in ("-c", setting)]
        command = [self.program, *settings, *repository, *arguments]
        process = start(command, directory, self._environment(directory, access), given)
        with process:
            return _finish(process, deadline, limit, access.secrets)

    def _environment(self, directory: Path, access: Access) -> dict[str, str]:
        path = dict.fromkeys((str(Path(self.program).parent), "/usr/bin", "/bin"))
        environment = {
            "PATH": ":".join(path),
            "HOME": "/nonexistent",
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_PROTOCOL_FROM_USER": "0",
            "GIT_ALLOW_PROTOCOL": access.protocol,  # wins over whatever a repository configures
        }
        if access.protocol != OFFLINE.protocol:
            # A transfer has nothing to learn from a repository that our state directory happens to lie in.
            environment["GIT_CEILING_DIRECTORIES"] = str(directory.parent)
        return environment | dict(access.environment)


def start(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], given: bytes = b""
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, with nothing but this environment; its output are pipes.

    Raises:
        TransientError: it could not be started: the directory is gone, or the machine is full.
    """
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        try:
            return subprocess.Popen(  # noqa: S603 - an absolute path and a list of arguments, never a shell
                command,
                cwd=directory,
                env=environment,
                stdin=stdin if given else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            name = Path(command[0]).name
            raise TransientError(f"{name} cannot be run in {directory}: {error.strerror}") from error


def run_alone(
    command: Sequence[str], directory: Path, environment: Mapping[str, str], deadline: float = DEADLINE
) -> Answer:
    """Run another program as git is run: to its end, or end it with all that it started.

    Raises:
        TransientError: as :func:`start`.
    """
    with start(command, directory, environment) as process:
        return _finish(process, deadline, LIMIT, ())


def installed() -> Git:
    """The git program of this machine, looked up in PATH once.

    Raises:
        UserError: there is none.
    """
    program = shutil.which("git")
    if program is None:
        raise UserError(NOT_INSTALLED.title, (NOT_INSTALLED.at(NOWHERE, fix="install git"),), exit_code=2)
    return Git(str(Path(program).absolute()))


def _protocol(access: Access) -> tuple[str, ...]:
    return () if access.protocol == OFFLINE.protocol else (f"protocol.{access.protocol}.allow=always",)


def _finish(process: subprocess.Popen[bytes], deadline: float, limit: int, secrets: Sequence[str]) -> Answer:
    """Read both pipes to their end within the deadline; end the process group where that fails."""
    until = time.monotonic() + deadline
    out, err = bytearray(), bytearray()
    try:
        stopped = _read(process, out, err, until, limit)
        if not stopped:
            process.wait(max(until - time.monotonic(), _GRACE))
    except subprocess.TimeoutExpired:
        stopped = "deadline"
    except BaseException:
        _end(process)
        raise
    if stopped:
        _end(process)
        reason = (
            f"ended after {deadline:g} s" if stopped == "deadline" else f"printed more than {limit} bytes"
        )
        return Answer(-1, b"", f"fatal: git {reason}", stopped)
    return Answer(process.returncode, bytes(out), _without(err.decode("utf-8", "replace"), secrets))


def _read(process: subprocess.Popen[bytes], out: bytearray, err: bytearray, until: float, limit: int) -> str:
    """Fill ``out`` and ``err`` until both pipes end; returns why it stopped before that, or nothing."""
    with selectors.DefaultSelector() as selector:
        for pipe, buffer in ((process.stdout, out), (process.stderr, err)):
            selector.register(_open(pipe), selectors.EVENT_READ, buffer)
        while selector.get_map():
            left = until - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                return "deadline"
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.data is out or len(err) < _STDERR_BYTES:
                    key.data.extend(chunk)
            if len(out) > limit:
                return "limit"
    return ""


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101 - both are pipes: Popen was told so
    return pipe


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole process group: ask, wait a second for its pipes to close, then kill.

    The leader is not reaped before the end, so its process group id cannot have become another's.
    """
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGTERM)
        _read(process, bytearray(), bytearray(), time.monotonic() + _GRACE, LIMIT)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _without(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "<redacted>")
    return text
