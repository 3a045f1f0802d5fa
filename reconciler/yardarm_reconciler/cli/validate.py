"""``yardarm validate``: everything that can be known without a cluster."""

from __future__ import annotations

import time
from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.revisions import Checked, check
from yardarm_reconciler.cli.targets import local_source, relative, repository_option
from yardarm_reconciler.report import diagnostics, output, validation
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.source.git import installed


@click.command(name="validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@repository_option
@click.option("--revision", metavar="REV", help="A commit instead of the files as they lie.")
@screen.format_option
def command(paths: tuple[Path, ...], repository: Path, revision: str | None, form: str) -> int:
    """Check syntax, schema, references, policy, security and budgets of every spec, for all environments.

    PATHS limit what is reported; the whole repository is always looked at.

    \b
    Examples:
      yardarm validate
      yardarm validate workloads/nlp --format concise
      yardarm validate --revision HEAD~1
    """
    started = time.monotonic()
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    checked = check(source, relative(paths, repository))
    result = validation.Validation(
        checked.revision, checked.specs, checked.objects, checked.diagnostics, time.monotonic() - started
    )
    code = exits.FOUND if any(each.is_error for each in checked.diagnostics) else exits.FINE
    look = screen.look()
    match form:
        case "json":
            screen.show(output.validation(result, screen.VERSION, code))
        case "concise":
            screen.show(diagnostics.concise(checked.diagnostics, look))
        case _:
            _human(checked, result, look)
    return code


def _human(checked: Checked, result: validation.Validation, look: Look) -> None:
    found = diagnostics.human(checked.diagnostics, checked.lines, look)
    screen.show(found)
    if found:
        click.echo()
    screen.show(validation.human(result, look))
