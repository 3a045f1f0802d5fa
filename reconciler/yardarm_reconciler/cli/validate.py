"""``yardarm validate``: everything that can be known without a cluster."""

from __future__ import annotations

import time
from pathlib import Path

import click

from yardarm_reconciler.cli import exits, formats, screen
from yardarm_reconciler.cli.revisions import Checked, check
from yardarm_reconciler.cli.targets import local_source, relative, repository_option
from yardarm_reconciler.report import diagnostics, machine, validation
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.source.git import installed

FORMATS = ("human", "concise", *machine.MAKERS)


@click.command(name="validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@repository_option
@click.option("--revision", metavar="REV", help="A commit instead of the files as they lie.")
@formats.options(FORMATS)
def command(
    paths: tuple[Path, ...], repository: Path, revision: str | None, form: str, files: formats.Files
) -> int:
    """Check syntax, schema, references, policy, security and budgets of every spec, for all environments.

    PATHS limit what is reported; the whole repository is always looked at.

    \b
    Examples:
      yardarm validate
      yardarm validate workloads/nlp --format concise
      yardarm validate --revision HEAD~1
      yardarm validate --format github --output-file sarif=yardarm.sarif
    """
    started = time.monotonic()
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    checked = check(source, relative(paths, repository))
    result = validation.Validation(
        checked.revision,
        checked.specs,
        checked.objects,
        checked.diagnostics,
        time.monotonic() - started,
        checked.files,
    )
    code = exits.FOUND if any(each.is_error for each in checked.diagnostics) else exits.FINE
    formats.deliver(form, files, lambda each, look: _answer(each, look, checked, result, code))
    return code


def _answer(form: str, look: Look, checked: Checked, result: validation.Validation, code: int) -> str:
    match form:
        case "concise":
            return diagnostics.concise(result.diagnostics, look)
        case "human":
            found = diagnostics.human(result.diagnostics, checked.lines, look)
            return found + ("\n" if found else "") + validation.human(result, look)
        case _:
            return machine.MAKERS[form](result, screen.VERSION, code)
