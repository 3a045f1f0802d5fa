"""``yardarm resume``: the end of a suspension."""

from __future__ import annotations

from dataclasses import replace

import click

from yardarm_reconciler.cli import completing, exits, orders, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import UNIT, Parent
from yardarm_reconciler.model.origin import UserError


@click.command(name="resume")
@click.argument("workload", required=False, shell_complete=completing.workloads)
@environment_option
@target_options
def command(workload: str | None, environment: str, target: Target) -> int:
    """Go on with ENV, or with one WORKLOAD (team/name) in it. A suspension of the other stays.

    \b
    Examples:
      yardarm resume -e production
      yardarm resume nlp/api -e production
    """
    binding = orders.bound(target, environment)
    parent = orders.recorded(binding).parent
    suspended = parent.suspended if parent else {}
    id_ = orders.workload_id(workload, suspended.keys() - {UNIT}) if workload else UNIT
    if id_ not in suspended:
        raise UserError(f"{environment} is not suspended", exit_code=exits.USAGE)
    orders.amend(binding, lambda parent: _without(parent, id_))
    look = screen.look()
    what = f"{workload} in {environment}" if workload else environment
    screen.show(look.say(f"✓ {what} goes on with the next pass"))
    return exits.FINE


def _without(parent: Parent, id_: str) -> Parent:
    return replace(parent, suspended={each: order for each, order in parent.suspended.items() if each != id_})
