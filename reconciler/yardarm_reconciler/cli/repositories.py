"""The config repository that a command looks at: found around a directory, at a commit or as its files lie.

It imports no stage: a command that has nothing to do is done before they are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Ancestry, File, Revision, Tree
from yardarm_reconciler.source.git import Git, installed
from yardarm_reconciler.source.local import LocalSource, discover, resolve
from yardarm_reconciler.source.worktree import WorkingTree

repository_option = click.option(
    "-C",
    "--repository",
    default=".",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The config repository, or a directory in it.  [default: here]",
)


@dataclass(frozen=True, slots=True)
class Pinned:
    """A source that stays at one revision: what a person named on the command line."""

    tree_at: Callable[[str], Tree]
    revision: str

    def poll(self) -> Revision:
        """The revision that was named."""
        return Revision(self.revision)

    def tree(self, revision: str) -> Tree:
        """Its files."""
        return self.tree_at(revision)

    def ancestry(self, old: str, new: str) -> Ancestry:
        """One revision has no history."""
        return Ancestry.YES if old == new else Ancestry.UNKNOWN

    def deepen(self) -> None:
        """Nothing is missing of it."""

    def between(self, old: str, new: str, most: int) -> tuple[str, ...]:
        """Nor is there anything before it."""
        del old, new, most
        return ()

    def unsigned(self, revision: str) -> str:
        """Whoever named it answers for it."""
        del revision
        return ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A tree of which the files are known, and need not be looked for again."""

    tree: Tree
    known: Sequence[File]

    @property
    def revision(self) -> str:
        """That of the tree."""
        return self.tree.revision

    def files(self) -> Sequence[File]:
        """Those that are known."""
        return self.known

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """As the tree gives them.

        Raises:
            TransientError: as the tree does.
        """
        return self.tree.read(files)


def as_it_lies(git: Git, root: Path) -> Pinned:
    """The files as they lie there, committed or not."""
    tree = WorkingTree(git, root)
    return Pinned(lambda _: tree, tree.revision)


def at_revision(git: Git, root: Path, revision: str) -> Pinned:
    """One commit of a repository on this machine."""
    return Pinned(LocalSource(git, root).tree, resolve(git, root, revision))


def local_source(repository: Path, revision: str | None, git: Git, *, working_tree: bool) -> Pinned:
    """A revision, or the working tree, of the repository around a directory."""
    if working_tree and revision:
        raise UserError("--revision and --working-tree exclude each other", exit_code=2)
    if working_tree:
        return as_it_lies(git, root_of(git, repository))
    return at_revision(git, discover(git, repository), revision or "HEAD")


def root_of(git: Git, directory: Path) -> Path:
    """The root of the config repository around a directory: of its git repository, or where yardarm.yaml lies."""
    for parent in (directory.absolute(), *directory.absolute().parents):
        if (parent / "yardarm.yaml").is_file():
            return parent
    return discover(git, directory)


def relative(paths: tuple[Path, ...], repository: Path) -> tuple[str, ...]:
    """Paths as the repository names them.

    Raises:
        BadParameter: one of them is not in the repository.
    """
    root = root_of(installed(), repository).resolve() if paths else Path()
    relative = []
    for path in paths:
        full = (repository / path).resolve() if not path.is_absolute() else path.resolve()
        if not full.is_relative_to(root):
            raise click.BadParameter(f"{path} is not in the repository {root}")
        relative.append(full.relative_to(root).as_posix())
    return tuple(relative)
