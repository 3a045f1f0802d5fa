"""``yardarm validate``: everything that can be known without a cluster."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yardarm_reconciler.cli import exits, formats, screen
from yardarm_reconciler.cli.checked import Checked, checked_once, require
from yardarm_reconciler.cli.repositories import Listed, local_source, relative, repository_option, root_of
from yardarm_reconciler.model.origin import Diagnostic, Edit, UserError
from yardarm_reconciler.ports import Tree
from yardarm_reconciler.report import diagnostics, machine, validation
from yardarm_reconciler.report.text import Look, count
from yardarm_reconciler.source.git import installed

if TYPE_CHECKING:  # imported when needed, see _check
    from yardarm_reconciler.cli.fixing import Fixed

FORMATS = ("human", "concise", *machine.MAKERS)


@click.command(name="validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@repository_option
@click.option("--revision", metavar="REV", help="A commit instead of the files as they lie.")
@click.option("--fix", "fixes", is_flag=True, help="Repair in the files what is certain, and check again.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing.")
@formats.options(FORMATS)
def command(
    paths: tuple[Path, ...],
    repository: Path,
    revision: str | None,
    form: str,
    files: formats.Files,
    *,
    fixes: bool,
    diff: bool,
) -> int:
    """Check syntax, schema, references, policy, security and budgets of every spec, for all environments.

    PATHS limit what is reported; the whole repository is always looked at. With --fix, names with a typing error where
    only one thing can be meant, and missing or needless quotes, are repaired, and not a byte else; with --diff exit code
    1 means that something would be.

    \b
    Examples:
      yardarm validate
      yardarm validate workloads/nlp --format concise
      yardarm validate --revision HEAD~1
      yardarm validate --format github --output-file sarif=yardarm.sarif
      yardarm validate --fix
    """
    if revision is not None and (fixes or diff):
        raise UserError(
            "--fix and --diff are for files as they lie, not for a --revision", exit_code=exits.USAGE
        )
    started = time.monotonic()
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    tree, only = source.tree(source.revision), relative(paths, repository)
    tree = Listed(tree, tree.files())
    require(tree.files(), only)
    checked = checked_once(tree, tree.files(), _check).about(only)
    if diff:
        return _differ(tree, checked, only)
    if fixes:
        fixed = _fixed(tree, checked, only, repository)
        tree, checked = fixed.tree, fixed.checked
    result = validation.Validation(
        checked.revision,
        checked.specs,
        checked.objects,
        checked.diagnostics,
        time.monotonic() - started,
        checked.files,
        _edits(tree, checked, only, {form, *(name for name, _ in files)}),
    )
    code = exits.FOUND if any(each.is_error for each in checked.diagnostics) else exits.FINE
    formats.deliver(form, files, lambda each, look: _answer(each, look, tree, result, code))
    return code


def _check(tree: Tree) -> Checked:
    # Imported when needed: a check of what was checked before is done sooner than that.
    from yardarm_reconciler.cli.revisions import check  # noqa: PLC0415

    return check(tree)


def _fix(tree: Tree, checked: Checked, only: tuple[str, ...]) -> Fixed:
    from yardarm_reconciler.cli.fixing import fix  # noqa: PLC0415 - as above

    return fix(tree, checked, only)


def _differ(tree: Tree, checked: Checked, only: tuple[str, ...]) -> int:
    difference = _fix(tree, checked, only).difference(screen.look())
    screen.show(difference)
    return exits.FOUND if difference else exits.FINE


def _edits(
    tree: Tree, checked: Checked, only: tuple[str, ...], wanted: set[str]
) -> Mapping[Diagnostic, Edit]:
    """What --fix would write for each problem, proved as there, where a format says it."""
    certain = any(each.repair is not None for each in checked.diagnostics)
    return _fix(tree, checked, only).edits if certain and "sarif" in wanted else {}


def _fixed(tree: Tree, checked: Checked, only: tuple[str, ...], repository: Path) -> Fixed:
    """Write what can be repaired, and say so on stderr."""
    fixed = _fix(tree, checked, only)
    fixed.write(root_of(installed(), repository))
    look = screen.look()
    done = f"{count(fixed.problems, 'problem')} repaired in {count(len(fixed.after), 'file')}"
    click.echo(look.say(done), err=True)
    return fixed


def _answer(form: str, look: Look, tree: Tree, result: validation.Validation, code: int) -> str:
    match form:
        case "concise":
            return diagnostics.concise(result.diagnostics, look)
        case "human":
            found = diagnostics.human(result.diagnostics, partial(_lines, tree), look)
            return found + ("\n" if found else "") + validation.human(result, look)
        case _:
            return machine.MAKERS[form](result, screen.VERSION, code)


def _lines(tree: Tree, path: str) -> Sequence[str]:
    """The lines of a file, empty where they show a secret; none where it cannot be shown."""
    from yardarm_reconciler.load.files import reader  # noqa: PLC0415 - as above
    from yardarm_reconciler.validate.secrets import shows_secret  # noqa: PLC0415 - as above

    data = reader(tree, tree.files())(path)
    lines = data.decode("utf-8", "replace").splitlines() if data else ()
    return ["" if shows_secret(line) else line for line in lines]
