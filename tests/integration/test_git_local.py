"""A repository on this machine: found, asked, read as a source, described and watched."""

import ctypes
import errno
import threading
from datetime import datetime

import pytest
from watchdog.observers import inotify_c

from tests.integration.git_server import GIT, bare, commit, git
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Ancestry
from yardarm_reconciler.source import history
from yardarm_reconciler.source.address import RefKind, ref
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.history import describe
from yardarm_reconciler.source.local import (
    LocalSource,
    default_branch,
    discover,
    fork_point,
    git_directory,
    resolve,
)
from yardarm_reconciler.source.watching import watch_files, watch_refs

PROGRAM = Git(GIT)


@pytest.fixture
def work(tmp_path):
    """A repository with a working directory and one commit."""
    root = tmp_path / "w\u00f6rk tree"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    (root / "specs").mkdir()
    (root / "specs" / "a.yaml").write_text("a: 1\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First of all\n\nBody")
    return root


def _head(root):
    return git(root, "rev-parse", "HEAD").decode().strip()


def _codes(error):
    return [diagnostic.code.name for diagnostic in error.value.diagnostics]


@pytest.mark.parametrize("below", ["", "specs", "specs/a.yaml", "specs/not-yet.yaml"])
def test_the_enclosing_repository_is_found(work, below):
    """From any directory or file within."""
    assert discover(PROGRAM, work / below) == work


@pytest.mark.parametrize("name", [".", "missing/directory"])
def test_outside_a_repository_there_is_none(tmp_path, name):
    """That is said, with its code."""
    with pytest.raises(UserError) as error:
        discover(PROGRAM, tmp_path / name)
    assert _codes(error) == ["git/not-a-repository"]


def test_a_linked_working_tree_knows_where_its_objects_are(work, tmp_path):
    """All working trees of a repository share one store."""
    git(work, "worktree", "add", "-q", "-b", "second", str(tmp_path / "second"))
    assert discover(PROGRAM, tmp_path / "second" / "specs") == tmp_path / "second"
    assert git_directory(PROGRAM, tmp_path / "second") == work / ".git"
    assert LocalSource(PROGRAM, tmp_path / "second").poll().id == _head(work)


@pytest.mark.parametrize("revision", ["HEAD", "main", "v1", "HEAD~0", "refs/heads/main", "@"])
def test_revisions_are_resolved(work, revision):
    """To the full id of the commit, through annotated tags too."""
    git(work, "tag", "-a", "-m", "x", "v1")
    assert resolve(PROGRAM, work, revision) == _head(work)


@pytest.mark.parametrize(
    "revision", ["mian", "", "--all", "-h", "main\n", "HEAD:specs", "HEAD^{tree}", "..", "1" * 40]
)
def test_what_names_no_commit_is_refused(work, revision):
    """Options, trees, ranges and unknown names are no revisions."""
    with pytest.raises(UserError) as error:
        resolve(PROGRAM, work, revision)
    assert _codes(error) == ["git/revision-unknown"]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_local_source_follows_its_ref(tmp_path, kind):
    """HEAD, or the branch that it names; the repository is read where it lies."""
    repository = bare(tmp_path / "m", f"--object-format={kind}")
    first = commit(repository, {"a": b"1"})
    other = commit(repository, {"b": b"1"}, branch="other")
    source = LocalSource(PROGRAM, repository)
    assert source.poll().id == first
    assert LocalSource(PROGRAM, repository, ref(RefKind.BRANCH, "other")).poll().id == other
    second = commit(repository, {"a": b"2"})
    assert source.poll().id == second
    assert list(source.tree(second).read(source.tree(second).files()).values()) == [b"2"]
    assert (source.ancestry(first, second), source.ancestry(first, other)) == (Ancestry.YES, Ancestry.NO)


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda path: path.mkdir(), "git/not-a-repository"),
        (lambda _path: None, "git/not-a-repository"),
        (bare, "git/revision-unknown"),
    ],
)
def test_a_local_source_that_is_not_there_is_an_error(tmp_path, prepare, code):
    """No repository and no commit are told apart."""
    prepare(tmp_path / "m")
    with pytest.raises(UserError) as error:
        LocalSource(PROGRAM, tmp_path / "m").poll()
    assert _codes(error) == [code]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_commit_is_described(tmp_path, kind):
    """Subject, author and date, in repositories of either kind."""
    repository = bare(tmp_path / "m", f"--object-format={kind}")
    made = commit(repository, {"a": b"1"}, message="Serve qwen3 \u2192 production\n\nBecause.")
    told = describe(PROGRAM, repository, made)
    assert (told.id, told.subject, told.author) == (made, "Serve qwen3 \u2192 production", "Ada")
    assert told.date == datetime.fromisoformat("2026-01-02T03:04:05+01:00")


def test_library_and_program_tell_the_same(work):
    """Where GitPython cannot read, git itself is asked; nobody sees a difference."""
    commit_id = _head(work)
    told = history._by_library(work, commit_id)
    assert told is not None
    assert told == history._by_program(PROGRAM, work, commit_id)


@pytest.mark.parametrize("name", ["1" * 40, "2" * 64, "main"])
def test_an_unknown_commit_is_not_described(work, name):
    """Only full ids of commits that are there."""
    with pytest.raises(UserError):
        describe(PROGRAM, work, name)


# Watching ----------------------------------------------------------------------------------------


def _quiet(woken):
    woken.clear()
    return not woken.wait(0.5)


def test_a_commit_wakes(tmp_path):
    """A moved ref is news; reading the repository is not."""
    repository = bare(tmp_path / "m")
    commit(repository, {"a": b"1"})
    woken = threading.Event()
    watch = watch_refs(repository, woken.set)
    try:
        commit(repository, {"a": b"2"})
        assert woken.wait(5)
        woken.clear()
        source = LocalSource(PROGRAM, repository)
        source.tree(source.poll().id).files()
        assert _quiet(woken)
    finally:
        watch.stop()


def test_a_saved_file_wakes(work):
    """So does a new one in a new directory; what git does for itself does not."""
    woken = threading.Event()
    watch = watch_files(work, woken.set)
    try:
        (work / "specs" / "a.yaml").write_text("a: 2\n")
        assert woken.wait(5)
        woken.clear()
        (work / ".git" / "index.lock").touch()
        (work / "specs" / "a.yaml").read_text()
        assert _quiet(woken)
    finally:
        watch.stop()


@pytest.mark.parametrize("exists", [True, False])
def test_a_watch_that_cannot_start_leaves_no_thread(tmp_path, monkeypatch, caplog, exists):
    """A missing directory is a warning too; whatever ran already is ended."""
    before = threading.active_count()
    if exists:
        (tmp_path / "refs").mkdir()
        monkeypatch.setattr(inotify_c, "inotify_add_watch", _no_room)
    watch_refs(tmp_path, lambda: None)
    assert (len(caplog.records), threading.active_count()) == (1, before)


def _no_room(*_arguments):
    ctypes.set_errno(errno.ENOSPC)
    return -1


def test_the_fork_point_is_where_a_branch_was_left(work):
    """Not the tip of the branch, which went on meanwhile."""
    left = _head(work)
    git(work, "checkout", "-q", "-b", "feature")
    git(work, "commit", "-q", "--allow-empty", "-m", "Mine")
    git(work, "checkout", "-q", "main")
    git(work, "commit", "-q", "--allow-empty", "-m", "Theirs")

    assert fork_point(PROGRAM, work, "main", "feature") == left
    assert fork_point(PROGRAM, work, "main", "main") == _head(work)


def test_where_history_is_cut_off_there_is_no_fork_point(work):
    """A guess would compare with anything; the answer says what to do."""
    git(work, "checkout", "-q", "--orphan", "other")
    git(work, "commit", "-q", "--allow-empty", "-m", "Unrelated")

    with pytest.raises(UserError) as error:
        fork_point(PROGRAM, work, "main", "other")

    assert _codes(error) == ["git/no-fork-point"]


def test_the_default_branch_is_what_the_origin_says(work, tmp_path):
    """Then a branch of a usual name, then whatever is checked out."""
    clone = tmp_path / "clone"
    git(work, "branch", "-m", "trunk")

    assert default_branch(PROGRAM, work) == "HEAD"
    git(work, "branch", "main")
    assert default_branch(PROGRAM, work) == "refs/heads/main"
    git(tmp_path, "clone", "-q", str(work), str(clone))
    assert default_branch(PROGRAM, clone) == "refs/remotes/origin/HEAD"
    assert resolve(PROGRAM, clone, "refs/remotes/origin/HEAD") == _head(work)
