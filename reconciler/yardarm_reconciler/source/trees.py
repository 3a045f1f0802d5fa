"""The files of a commit, read from git's objects: never a checkout, so nothing is followed, filtered or run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import Ancestry, File
from yardarm_reconciler.source.failures import excerpt
from yardarm_reconciler.source.git import LIMIT, Answer, Git
from yardarm_reconciler.source.objects import (
    SUBMODULE,
    IncompleteError,
    contents_limit,
    parse_contents,
    parse_listing,
)

T = TypeVar("T")


def _nothing() -> None:
    """There is nobody to tell."""


@dataclass(frozen=True, slots=True)
class CommitTree:
    """The files of one commit in a repository on this machine.

    ``damaged`` is called when the repository turns out not to hold what it should, so that its keeper can
    replace it.
    """

    git: Git
    git_dir: Path
    revision: str
    damaged: Callable[[], None] = _nothing

    def files(self) -> Sequence[File]:
        """Every file, sorted by path. Two entries of one path, as only a broken tree has them, are both listed.

        Raises:
            TransientError: the tree cannot be read completely.
        """
        answer = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", self.revision)
        return self._checked(answer, lambda: parse_listing(answer.out))

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """Bytes by file id; of a symbolic link its target's path. A submodule has none.

        Raises:
            TransientError: not all of them can be read, or one is not what its id says.
        """
        wanted = {file.id: file.size for file in files if file.mode != SUBMODULE}
        if not wanted:
            return {}
        given = "".join(f"{name}\n" for name in wanted).encode()
        answer = self._run("cat-file", "--batch", given=given, limit=contents_limit(wanted.values()))
        return self._checked(answer, lambda: parse_contents(answer.out, wanted))

    def _run(self, *arguments: str, given: bytes = b"", limit: int = LIMIT) -> Answer:
        return self.git.run(
            *arguments, directory=self.git_dir, git_dir=self.git_dir, given=given, limit=limit
        )

    def _checked(self, answer: Answer, parse: Callable[[], T]) -> T:
        try:
            if answer.ok:
                return parse()
            reason = excerpt(answer.err)
        except IncompleteError as error:
            reason = str(error)
        if answer.stopped != "deadline":
            self.damaged()
        raise TransientError(f"Commit {self.revision} cannot be read: {reason}")


def has_commit(git: Git, git_dir: Path, commit: str) -> bool:
    """Whether the repository holds this commit."""
    return git.run("cat-file", "-e", f"{commit}^{{commit}}", directory=git_dir, git_dir=git_dir).ok


def ancestry(git: Git, git_dir: Path, old: str, new: str) -> Ancestry:
    """Whether ``old`` is an ancestor of ``new`` (or the same), as far as this repository can tell.

    In a shallow repository a "no" counts only where no cut lies between: history below a commit whose parents
    are cut off could still lead to ``old``, unless ``old`` itself stands above that cut.
    """
    if not has_commit(git, git_dir, new):
        return Ancestry.UNKNOWN
    if not has_commit(git, git_dir, old):
        # A history that is here in full, and does not have it, is another one.
        return Ancestry.UNKNOWN if shallow(git_dir) else Ancestry.NO
    answer = git.run("merge-base", "--is-ancestor", old, new, directory=git_dir, git_dir=git_dir)
    if answer.ok:
        return Ancestry.YES
    between = git.run("rev-list", new, f"^{old}", directory=git_dir, git_dir=git_dir)
    if answer.code != 1 or not between.ok:
        return Ancestry.UNKNOWN
    cut = shallow(git_dir)
    return Ancestry.UNKNOWN if cut.intersection(between.out.decode().split()) else Ancestry.NO


def between(git: Git, git_dir: Path, old: str, new: str, most: int) -> tuple[str, ...]:
    """The commits of the main line from ``new`` back to ``old``, which is left out; the newest first, at most so many.

    Empty where this repository cannot tell that ``new`` continues ``old``.
    """
    if ancestry(git, git_dir, old, new) is not Ancestry.YES:
        return ()
    answer = git.run(
        "rev-list",
        "--first-parent",
        f"--max-count={most}",
        new,
        f"^{old}",
        directory=git_dir,
        git_dir=git_dir,
    )
    return tuple(answer.out.decode().split()) if answer.ok else ()


def shallow(git_dir: Path) -> frozenset[str]:
    """The commits whose parents are cut off."""
    try:
        return frozenset((git_dir / "shallow").read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()
