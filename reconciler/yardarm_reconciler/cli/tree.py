"""``yardarm tree``: a workload's objects as they are in the cluster, and what controllers made of them."""

from __future__ import annotations

import click

from yardarm_reconciler.cli import completing, exits, records, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.family import events_of, families
from yardarm_reconciler.report import tree
from yardarm_reconciler.standing import tree_of

WARNINGS = "type=Warning"
"""Of events, those that may say why an object does not work."""


@click.command(name="tree")
@click.argument("workload", required=False, metavar="[TEAM/NAME]", shell_complete=completing.workloads)
@environment_option
@target_options
@screen.format_option
def command(workload: str | None, environment: str, target: Target, form: str) -> int:
    """Show the objects of a workload in ENV, or of all, and below each what controllers made of it.

    How each is and why, and which devices its pods hold now. Only the cluster is asked: git is not read, and nothing
    is written.

    \b
    Examples:
      yardarm tree -e production nlp/qwen3-32b
      yardarm tree -e dev --directory rendered/dev
    """
    with records.recorded(target, environment, workload) as there:
        found = families(there.records, there.live)
        said, unheard = events_of(found, there.live, WARNINGS)
        told = there.live.cluster.reports_health
        trees = [tree_of(each, found.members[each.id], said, there.now, told=told) for each in there.records]
    unread = (*found.unread, *unheard)
    look = screen.look()
    match form:
        case "json":
            screen.show(tree.json(environment, trees, unread, screen.VERSION))
        case "concise":
            screen.show(tree.concise(environment, trees, look))
        case _:
            screen.show(tree.human(environment, trees, there.now, look))
    records.warn(unread)
    return exits.FINE
