"""``yardarm cost``: what workloads cost at the peak, the dearest first."""

from __future__ import annotations

from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.repositories import local_source, repository_option
from yardarm_reconciler.cli.revisions import used
from yardarm_reconciler.cli.targets import usage_options
from yardarm_reconciler.report import cost, diagnostics, output
from yardarm_reconciler.source.git import installed


@click.command(name="cost")
@usage_options
@repository_option
@screen.format_option
def command(
    environment: str | None, team: str | None, repository: Path, revision: str | None, form: str
) -> int:
    """Show what environments, teams and workloads cost at their peaks, the dearest first. No cluster is asked.

    A month has 730 hours at the peak: what it costs at most, for jobs far more than they will. Exit code 1 means that
    a limit is exceeded, or that something is invalid.

    \b
    Examples:
      yardarm cost
      yardarm cost -e production --team nlp
    """
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    found = used(source, environment, team)
    code = exits.FOUND if found.errors else exits.FINE
    look = screen.look()
    match form:
        case "json":
            screen.show(output.budget(found.usages, found.errors, screen.VERSION, found.revision, code))
        case "concise":
            screen.show(cost.concise(found.usages, look, team))
        case _:
            screen.show(cost.human(found.usages, look, team))
    click.echo(diagnostics.concise(found.errors, look), err=True, nl=False)
    return code
