"""``yardarm fmt``: one layout for all specs, without the loss of a comment."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from pathlib import Path

import click

from yardarm_reconciler.cli import editing, exits, screen, writing
from yardarm_reconciler.cli.checked import lies_below
from yardarm_reconciler.cli.repositories import relative, repository_option
from yardarm_reconciler.edit.layout import canonical, with_schema
from yardarm_reconciler.edit.source import SourceFile, read
from yardarm_reconciler.load.repository import ROOT
from yardarm_reconciler.model.origin import Diagnostic, Found
from yardarm_reconciler.report.diagnostics import concise
from yardarm_reconciler.report.patch import unified
from yardarm_reconciler.report.text import count
from yardarm_reconciler.validate.secrets import shows_secret


@click.command(name="fmt")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Name the files that would change; write nothing.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing.")
@click.option(
    "--schema", metavar="URL|PATH", help="A first line names this schema to editors, where no line names one."
)
@repository_option
def command(paths: tuple[Path, ...], schema: str | None, repository: Path, *, check: bool, diff: bool) -> int:
    """Lay out the files of specs below PATHS, or all: indentation by two, line ends alike, no space behind lines.

    Values, comments and the order of fields stay as they are. With --check or --diff nothing is written, and exit code 1
    means that something would be.

    \b
    Examples:
      yardarm fmt
      yardarm fmt workloads/nlp --diff
      yardarm fmt --check
    """
    here = editing.opened(repository)
    found = _files(here, relative(paths, repository))
    laid_out = [(each.value, _laid_out(each.value, schema)) for each in found if each.value is not None]
    changed = [(file, laid) for file, laid in laid_out if laid != file.data]
    for file, laid in changed:
        if diff:
            screen.show(unified(file.path, file.data, laid, screen.look(), shows_secret))
        else:
            click.echo(screen.look().say(file.path))
        if not check and not diff:
            writing.replace(here.root / file.path, file.data, laid)
    broken = [problem for each in found for problem in each.diagnostics if each.value is None]
    _tell(len(changed), len(found), broken, written=not check and not diff)
    return exits.FOUND if broken or (changed and (check or diff)) else exits.FINE


def _laid_out(file: SourceFile, schema: str | None) -> bytes:
    if schema is not None:
        away = schema if "://" in schema else posixpath.relpath(schema, posixpath.dirname(file.path) or ".")
        file = with_schema(file, away)
    return canonical(file).data


def _files(here: editing.Opened, only: tuple[str, ...]) -> list[Found[SourceFile | None]]:
    """The file at the root, those that hold specs, and those that cannot be read; what else is there is not ours."""
    loaded = here.specs.loaded
    ours = {ROOT, *(document.path for document in loaded.documents)}
    paths = [
        path
        for path in sorted(ours | loaded.broken)
        if not only or any(lies_below(path, each) for each in only)
    ]
    files = [here.root / path for path in paths]
    found = [
        read(path, file.read_bytes())
        for path, file in zip(paths, files, strict=True)
        if file.is_file() and not file.is_symlink()
    ]
    return [each for each in found if each.value is None or each.value.path in ours]


def _tell(changed: int, looked: int, broken: Iterable[Diagnostic], *, written: bool) -> None:
    """What became of them, on stderr: standard output has the files."""
    look = screen.look()
    click.echo(concise(broken, look), err=True, nl=False)
    did = "laid out" if written else "would change"
    click.echo(look.say(f"{count(changed, 'file')} of {looked} {did}"), err=True)
