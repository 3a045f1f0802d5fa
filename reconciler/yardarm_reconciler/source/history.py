"""What a commit says of itself, for people at a terminal. The reconciler itself never asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.source.address import is_commit
from yardarm_reconciler.source.failures import excerpt
from yardarm_reconciler.source.git import Git

_SHA1_DIGITS = 40
_FIELDS = "%an%x00%aI%x00%s"


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit. Subject and author are data from outside: whoever shows them makes them safe first."""

    id: str
    subject: str
    author: str
    date: datetime


def describe(git: Git, root: Path, commit: str) -> CommitInfo:
    """Describe a commit, named by its full id, of the repository at ``root``; ``date`` is the author's.

    Raises:
        UserError: the repository has no such commit.
        TransientError: git did not answer.
    """
    if not is_commit(commit):
        raise UserError(f"{commit[:80]!r} is not the full id of a commit")
    # GitPython cannot read SHA-256 repositories, nor those that belong to another user.
    return (_by_library(root, commit) if len(commit) == _SHA1_DIGITS else None) or _by_program(
        git, root, commit
    )


def last_change(git: Git, root: Path, commit: str, path: str) -> CommitInfo | None:
    """The last commit up to this one that changed a file; None where the repository does not know.

    Raises:
        TransientError: git did not answer.
    """
    if not is_commit(commit):
        return None
    answer = git.run("rev-list", "--max-count=1", commit, "--", path, directory=root)
    if answer.stopped:
        raise TransientError(f"{root}: {excerpt(answer.err)}")
    found = answer.out.decode("ascii", "replace").strip()
    return describe(git, root, found) if answer.ok and is_commit(found) else None


def _by_library(root: Path, commit: str) -> CommitInfo | None:
    """What GitPython makes of it; None where it cannot tell."""
    from git import GitError, Repo  # noqa: PLC0415 - 100 ms and a run of git, for the commands that show history

    try:
        with Repo(root, expand_vars=False, search_parent_directories=True) as repository:
            found = repository.commit(commit)
            subject, author = str(found.summary), found.author.name or ""
            return CommitInfo(found.hexsha, subject, author, found.authored_datetime)
    except (GitError, ValueError, OSError):
        return None


def _by_program(git: Git, root: Path, commit: str) -> CommitInfo:
    answer = git.run("rev-list", "--max-count=1", f"--format={_FIELDS}", commit, directory=root)
    if answer.stopped:
        raise TransientError(f"{root}: {excerpt(answer.err)}")
    if not answer.ok:
        raise UserError(f"{root} has no commit {commit}")
    _, _, line = answer.out.decode("utf-8", "replace").removesuffix("\n").partition("\n")
    author, date, subject = line.split("\0")
    return CommitInfo(commit, subject, author, datetime.fromisoformat(date))
