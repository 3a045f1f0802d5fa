"""A repository on this machine: found, asked what a revision means, and read as a source. It is never written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError
from yardarm_reconciler.ports import Ancestry, Revision
from yardarm_reconciler.source.address import Ref
from yardarm_reconciler.source.failures import excerpt
from yardarm_reconciler.source.git import Answer, Git
from yardarm_reconciler.source.signatures import Verify
from yardarm_reconciler.source.trees import CommitTree, ancestry, between

NOT_A_REPOSITORY = Code(
    "git/not-a-repository",
    title="This is not a git repository",
    why="A config repository is a git repository: a revision is one of its commits.",
    bad="path: ../models, where no git init ever ran",
    good="git init ../models",
)
NO_FORK_POINT = Code(
    "git/no-fork-point",
    title="Two revisions have no common ancestor here",
    why="What a branch changes is seen from where it left the default branch; a shallow clone does not reach that far.",
    bad="a checkout with a depth of one commit",
    good="git fetch --unshallow, or --base with a commit that is there",
)
NO_SUCH_REVISION = Code(
    "git/revision-unknown",
    title="The repository has no such revision",
    why="A revision is a branch, a tag, a commit or an expression such as HEAD~3 that leads to one.",
    bad="--revision mian",
    good="--revision main",
)


def discover(git: Git, path: Path) -> Path:
    """The root of the repository that a path lies in.

    Raises:
        UserError: it lies in none, or does not exist.
        TransientError: git did not answer.
    """
    start = path if path.is_dir() else path.parent
    if not start.is_dir():
        raise _not_a_repository(path)
    answer = git.run("rev-parse", "--show-toplevel", directory=start)
    return _path(answer, path)


def git_directory(git: Git, root: Path) -> Path:
    """Where the repository at ``root`` keeps its objects and refs, for linked working trees too.

    Raises:
        UserError: there is no repository.
        TransientError: git did not answer.
    """
    if not root.is_dir():
        raise _not_a_repository(root)
    answer = git.run("rev-parse", "--path-format=absolute", "--git-common-dir", directory=root)
    return _path(answer, root)


def resolve(git: Git, root: Path, revision: str) -> str:
    """The full id of the commit that a revision names in the repository at ``root``.

    Raises:
        UserError: it names none.
        TransientError: git did not answer.
    """
    if revision.startswith("-") or not revision.isprintable() or not root.is_dir():
        raise _unknown(revision)
    answer = git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", directory=root
    )
    if answer.ok:
        return answer.out.decode().strip()
    if answer.stopped:
        raise TransientError(f"{root}: {excerpt(answer.err)}")
    raise _unknown(revision)


DEFAULT_BRANCHES = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)
"""Where a default branch is looked for: as the origin says, else by the names that are usual."""


def default_branch(git: Git, root: Path) -> str:
    """The ref of the default branch, or ``HEAD`` where there is none of a usual name.

    Raises:
        TransientError: git did not answer.
    """
    for ref in DEFAULT_BRANCHES:
        answer = git.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", directory=root)
        if answer.ok:
            return ref
        if answer.stopped:
            raise TransientError(f"{root}: {excerpt(answer.err)}")
    return "HEAD"


def fork_point(git: Git, root: Path, branch: str, head: str) -> str:
    """The commit at which ``head`` left a branch: their merge base.

    Raises:
        UserError: one of them is no revision, or this repository does not hold a common ancestor.
        TransientError: git did not answer.
    """
    old, new = resolve(git, root, branch), resolve(git, root, head)
    answer = git.run("merge-base", old, new, directory=root)
    if answer.ok:
        return answer.out.decode().split()[0]
    if answer.stopped:
        raise TransientError(f"{root}: {excerpt(answer.err)}")
    message = f"{branch} and {head} have no common ancestor in this clone"
    raise UserError(message, (NO_FORK_POINT.at(NOWHERE, message, fix=NO_FORK_POINT.good),), exit_code=2)


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A ref of a repository on this machine, or its HEAD: read where it lies, so there is nothing to fetch."""

    git: Git
    root: Path
    ref: Ref | None = None
    verify: Verify | None = None

    def poll(self) -> Revision:
        """The commit that the ref names now.

        Raises:
            UserError: there is no repository, no such ref, or no commit yet.
            TransientError: git did not answer.
        """
        git_directory(self.git, self.root)
        return Revision(resolve(self.git, self.root, self.ref.full if self.ref else "HEAD"))

    def tree(self, revision: str) -> CommitTree:
        """The files of a commit.

        Raises:
            UserError: there is no repository.
            TransientError: git did not answer.
        """
        return CommitTree(self.git, git_directory(self.git, self.root), revision)

    def ancestry(self, old: str, new: str) -> Ancestry:
        """Whether ``new`` continues ``old``."""
        return ancestry(self.git, git_directory(self.git, self.root), old, new)

    def deepen(self) -> None:
        """A repository on this machine is never changed."""

    def between(self, old: str, new: str, most: int) -> tuple[str, ...]:
        """The commits of the main line after ``old`` up to ``new``, the newest first."""
        return between(self.git, git_directory(self.git, self.root), old, new, most)

    def unsigned(self, revision: str) -> str:
        """Why the signature of a commit does not count; empty where it does, or none is asked for.

        Raises:
            UserError: the keys are missing, or there is no repository.
            TransientError: it could not be read.
        """
        if self.verify is None or self.ref is None:
            return ""
        git_dir = git_directory(self.git, self.root)
        return self.verify.unsigned(self.git, git_dir, revision, self.ref, self.ref.full)


def _path(answer: Answer, asked: Path) -> Path:
    if answer.ok:
        return Path(answer.out.decode("utf-8", "surrogateescape").removesuffix("\n"))
    if answer.stopped:
        raise TransientError(f"{asked}: {excerpt(answer.err)}")
    raise _not_a_repository(asked)


def _not_a_repository(path: Path) -> UserError:
    message = f"{path.absolute()} is not in a git repository"
    return UserError(message, (NOT_A_REPOSITORY.at(NOWHERE, message),), exit_code=2)


def _unknown(revision: str) -> UserError:
    message = "The repository has no commit yet" if revision == "HEAD" else f"No commit is named {revision!r}"
    return UserError(message, (NO_SUCH_REVISION.at(NOWHERE, message),), exit_code=2)
