"""The git program under our control: deadlines, limits, and nothing that a machine or a repository configures."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.integration.git_server import GIT, bare, commit, git, wait_until
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import File
from yardarm_reconciler.source.git import Access, Git, installed
from yardarm_reconciler.source.local import resolve
from yardarm_reconciler.source.trees import CommitTree
from yardarm_reconciler.source.worktree import WorkingTree


def _program(path: Path, body: str) -> Git:
    """A stand-in for git, in Python."""
    path.write_text(f"#!{sys.executable}\nimport os, signal, subprocess, sys, time\n{body}\n")
    path.chmod(0o755)
    return Git(str(path))


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_deadline_ends_every_process_of_the_run(tmp_path, monkeypatch):
    """A child that ignores the request to end and holds the pipes is ended too, with no help of ps or pgrep."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    program = _program(
        tmp_path / "git",
        f"child = subprocess.Popen([sys.executable, '-c', {stubborn!r}], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "open('child', 'w').write(str(child.pid))\n"
        "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)'])",
    )
    started = time.monotonic()
    answer = program.run("fetch", directory=tmp_path, deadline=0.5)
    assert (answer.code, answer.stopped) == (-1, "deadline")
    assert time.monotonic() - started < 4
    child = int((tmp_path / "child").read_text())
    assert wait_until(lambda: not _is_running(child))


def test_the_deadline_holds_although_the_pipes_are_closed(tmp_path):
    """A run that prints no more and does not end is ended."""
    program = _program(tmp_path / "git", "os.close(1); os.close(2); time.sleep(60)")
    assert program.run("fetch", directory=tmp_path, deadline=0.3).stopped == "deadline"


def test_too_much_output_ends_the_run(tmp_path):
    """What is printed without end does not fill our memory."""
    program = _program(tmp_path / "git", "while True: sys.stdout.write('x' * 65536)")
    answer = program.run("ls-remote", directory=tmp_path, limit=1_000_000)
    assert (answer.stopped, answer.out) == ("limit", b"")


def test_endless_complaints_are_cut(tmp_path):
    """Of stderr the beginning is kept, and the run goes on."""
    program = _program(tmp_path / "git", "sys.stderr.write('y' * 5_000_000)")
    answer = program.run("fetch", directory=tmp_path)
    assert answer.ok
    assert len(answer.err) <= 2 * 1024 * 1024


def test_the_environment_is_built_from_nothing(tmp_path, monkeypatch):
    """Nothing of ours reaches git, so nothing of ours can change what it does."""
    for name in ("GIT_DIR", "GIT_SSH_COMMAND", "GIT_TRACE", "LD_PRELOAD", "HOME", "SECRET"):
        monkeypatch.setenv(name, str(tmp_path / "canary"))
    program = _program(tmp_path / "git", "print(*(f'{k}={v}' for k, v in os.environ.items()), sep='\\n')")
    said = program.run("x", directory=tmp_path, access=Access("https")).out.decode()
    assert "canary" not in said
    assert {"GIT_ALLOW_PROTOCOL=https", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0"} <= set(
        said.split("\n")
    )


def test_secrets_do_not_come_back(tmp_path):
    """What a run prints to stderr is freed of the secrets that it was given."""
    program = _program(tmp_path / "git", "sys.stderr.write('fatal: remote error: s3cret'); sys.exit(128)")
    answer = program.run("x", directory=tmp_path, access=Access("https", {}, ("s3cret",)))
    assert answer.err == "fatal: remote error: <redacted>"


def test_without_git_there_is_a_diagnostic(monkeypatch, tmp_path):
    """A machine without git is told to the user, not a traceback."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError) as error:
        installed()
    assert [d.code.name for d in error.value.diagnostics] == ["git/not-installed"]


def test_a_hostile_repository_starts_nothing(tmp_path):
    """Hooks, monitors, filters, helpers and transports that a repository configures are not run."""
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "a.yaml").write_text("a: 1\n")
    (root / ".gitattributes").write_text("* filter=evil diff=evil\n")
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "x")
    settings = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "filter.evil.clean",
        "filter.evil.smudge",
    ]
    settings += ["filter.evil.process", "diff.evil.textconv", "core.pager", "gpg.program", "core.askPass"]
    for setting in settings:
        git(root, "config", setting, str(evil))
    for key, value in {
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::{evil}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
        "core.hooksPath": str(tmp_path),
    }.items():
        git(root, "config", key, value)
    program = Git(GIT)
    head = resolve(program, root, "HEAD")
    WorkingTree(program, root).files()
    tree = CommitTree(program, root / ".git", head)
    tree.read(tree.files())
    with pytest.raises(Exception, match="cannot be read"):
        tree.read([File("x", "1" * 40, 3, "100644")])
    assert not (tmp_path / "ran").exists()


def test_a_repository_of_another_user_can_be_read(tmp_path):
    """In containers the owner of a checkout often is somebody else; we only read."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    repository = bare(tmp_path / "m.git")
    made = commit(repository, {"a": b"1"})
    for path in (repository, *repository.rglob("*")):
        shutil.chown(path, 12345, 12345)
    assert resolve(Git(GIT), repository, "main") == made
