"""``yardarm suspend``: leave an environment, or one workload of it, alone."""

from __future__ import annotations

from dataclasses import replace

import click

from yardarm_reconciler.cli import completing, exits, orders, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import UNIT


@click.command(name="suspend")
@click.argument("workload", required=False, shell_complete=completing.workloads)
@environment_option
@orders.reason_option
@target_options
def command(workload: str | None, environment: str, reason: str, target: Target) -> int:
    """Write nothing any more to ENV, or of one WORKLOAD (team/name) in it, until it is resumed.

    It is still looked at: drift and what git would change are reported. Runs that are under way go on.

    \b
    Examples:
      yardarm suspend -e production --reason "node migration"
      yardarm suspend nlp/api -e production
    """
    binding = orders.bound(target, environment)
    id_ = orders.workload_id(workload, orders.recorded(binding).records) if workload else UNIT
    order = orders.order(reason)
    orders.amend(binding, lambda parent: replace(parent, suspended={**parent.suspended, id_: order}))
    look = screen.look()
    what = f"{workload} in {environment}" if workload else environment
    again = f"{workload} -e {environment}" if workload else f"-e {environment}"
    screen.show(look.say(f"✓ {what} is suspended; to go on: yardarm resume {again}"))
    return exits.FINE
