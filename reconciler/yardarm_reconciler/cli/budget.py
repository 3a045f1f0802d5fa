"""``yardarm budget``: devices and money at the peak, of how much."""

from __future__ import annotations

from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.repositories import local_source, repository_option
from yardarm_reconciler.cli.revisions import used
from yardarm_reconciler.cli.targets import usage_options
from yardarm_reconciler.report import budgets, diagnostics, output
from yardarm_reconciler.source.git import installed


@click.command(name="budget")
@usage_options
@repository_option
@screen.format_option
def command(
    environment: str | None, team: str | None, repository: Path, revision: str | None, form: str
) -> int:
    """Show what environments, teams and workloads hold at their peaks, and of how much. No cluster is asked.

    The peak of a workload is the most that it can hold at one time: all replicas with the surge of a rollout, all
    shards that run together. Exit code 1 means that a limit is exceeded, or that something is invalid.

    \b
    Examples:
      yardarm budget
      yardarm budget -e production --team nlp
      yardarm budget --revision HEAD~1 --format json
    """
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    found = used(source, environment, team)
    code = exits.FOUND if found.errors else exits.FINE
    look = screen.look()
    match form:
        case "json":
            screen.show(output.budget(found.usages, found.errors, screen.VERSION, found.revision, code))
        case "concise":
            screen.show(budgets.concise(found.usages, look, team))
        case _:
            screen.show(budgets.human(found.usages, look, team))
    click.echo(diagnostics.concise(found.errors, look), err=True, nl=False)
    return code
