"""What commands that edit specs share: the repository as it lies, one workload of it, and one change, checked and written."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen, writing
from yardarm_reconciler.cli.repositories import root_of
from yardarm_reconciler.cli.wiring import looking
from yardarm_reconciler.edit.layers import keys_of, said_for
from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.load.repository import ROOT
from yardarm_reconciler.model.document import Document, Specs, WorkloadSpec
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Diagnostic, Found, UserError, in_order
from yardarm_reconciler.pipeline import affordable, desired_in, specs_of
from yardarm_reconciler.ports import Tree
from yardarm_reconciler.report.diagnostics import human
from yardarm_reconciler.report.patch import unified
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.overlay import Overlay
from yardarm_reconciler.source.worktree import WorkingTree
from yardarm_reconciler.validate.secrets import shows_secret

dry_run_option = click.option("--dry-run", is_flag=True, help="Show the change; write nothing.")


@dataclass(frozen=True, slots=True)
class Opened:
    """A config repository as its files lie: where it is, what it says, and what is wrong with that already."""

    root: Path
    tree: Tree
    found: Found[Specs]

    @property
    def specs(self) -> Specs:
        """What it says."""
        return self.found.value


def opened(repository: Path) -> Opened:
    """The repository around a directory.

    Raises:
        UserError: it is no config repository.
    """
    git = installed()
    root = root_of(git, repository)
    if not (root / ROOT).is_file():
        raise UserError(f"{root} has no {ROOT}; yardarm init makes a repository", exit_code=exits.USAGE)
    tree = WorkingTree(git, root)
    with looking() as made:
        return Opened(root, tree, specs_of(tree, made))


def workload(here: Opened, word: str) -> WorkloadSpec:
    """The workload that is called team/name, or Kind/team/name.

    Raises:
        UserError: there is none, or there are two of which one must be meant.
    """
    found = [each for each in here.specs.workloads if word in {each.id, each.id.partition("/")[2]}]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"which one? {' or '.join(each.id for each in found)}", exit_code=exits.USAGE)
    names = [each.id.partition("/")[2] for each in here.specs.workloads]
    near = difflib.get_close_matches(word, names, 1)
    hint = f"; did you mean {near[0]!r}?" if near else "; yardarm validate says what is wrong with files"
    raise UserError(f"there is no workload {word!r}{hint}", exit_code=exits.USAGE)


def file_of(here: Opened, document: Document) -> tuple[SourceFile, int]:
    """The file of a document, and which of its documents it is.

    Raises:
        UserError: the file has errors, by which an edit could not be told from a repair.
    """
    found = read(document.path, (here.root / document.path).read_bytes())
    if found.value is None:
        raise UserError(f"{document.path} cannot be edited", found.diagnostics)
    places = [node.place for node in found.value.documents]
    return found.value, places.index(document.node.place)


def said(here: Opened, spec: WorkloadSpec, environment: str) -> Node:
    """What the file of a workload says for an environment or group.

    Raises:
        UserError: the workload does not run there.
    """
    found = said_for(spec, keys_of(here.specs, environment))
    if found.value is None:
        raise refused(found.diagnostics)
    return found.value


def finish(
    here: Opened, before: Mapping[str, bytes | None], after: Mapping[str, bytes], *, dry_run: bool
) -> int:
    """Show the change of some files, or where a new one lies, see that nothing is wrong that was not before, and write.

    Args:
        here: the repository.
        before: bytes by path; None where there is no file yet.
        after: bytes by path then.
        dry_run: write nothing.
    """
    look = screen.look()
    overlay = Overlay(here.tree, after)
    if worse := _worse(here, overlay):
        lines = {path: data.decode("utf-8", "replace").splitlines() for path, data in after.items()}
        shown = human(worse, lambda path: [_unless_secret(line) for line in lines.get(path, ())], look)
        click.echo(shown, err=True, nl=False)
        click.echo("nothing is written: the change would be wrong", err=True)
        return exits.FOUND
    for path, data in after.items():
        old = before[path]
        if dry_run or old is not None:
            screen.show(unified(path, old, data, look, shows_secret))
        if dry_run:
            continue
        if old is None:
            writing.create(here.root, {path: data})
            click.echo(look.say(path))
        else:
            writing.replace(here.root / path, old, data)
    return exits.FINE


def _unless_secret(line: str) -> str:
    return "" if shows_secret(line) else line


def _worse(here: Opened, overlay: Overlay) -> tuple[Diagnostic, ...]:
    """Errors of the new state of the repository that the old one does not have."""
    with looking() as made:
        new = specs_of(overlay, made)
    old = Counter(_sort(each) for each in _errors(here.found))
    found = []
    for each in _errors(new):
        if old[_sort(each)]:
            old[_sort(each)] -= 1
        else:
            found.append(each)
    return tuple(found)


def _sort(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """What makes two problems the same, though lines above them have come or gone."""
    return diagnostic.place.path, diagnostic.code.name, diagnostic.field


def _errors(specs: Found[Specs]) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a repository, in any environment."""
    desired = [desired_in(specs, name) for name in sorted(specs.value.environments)]
    found = [*specs.diagnostics, *(each for one in desired for each in (*one.diagnostics, *affordable(one)))]
    return tuple(each for each in in_order(found) if each.is_error)


def refused(diagnostics: Iterable[Diagnostic]) -> UserError:
    """What to raise where an edit cannot be made."""
    return UserError("nothing is written", tuple(diagnostics))
