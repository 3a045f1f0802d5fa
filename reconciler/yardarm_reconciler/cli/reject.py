"""``yardarm reject``: a revision that is not followed, and is left where it is."""

from __future__ import annotations

from dataclasses import replace

import click

from yardarm_reconciler.cli import exits, orders, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.report.names import short

REMEMBERED = 50
"""Rejected revisions; beyond this the oldest is forgotten: the branch has long gone on."""


@click.command(name="reject")
@click.argument("rev")
@click.option("--off", is_flag=True, help="It may be followed after all.")
@environment_option
@orders.reason_option
@target_options
def command(rev: str, environment: str, reason: str, target: Target, *, off: bool) -> int:
    """Never follow REV in ENV. Where it is followed now, go back to the one before; newer ones are followed.

    \b
    Examples:
      yardarm reject e4f5a6b -e production --reason "latency"
      yardarm reject --off e4f5a6b -e production
    """
    binding = orders.bound(target, environment)
    parent = orders.recorded(binding).parent
    if off:
        found = [each for each in (parent.rejected if parent else {}) if each.startswith(rev)]
        if len(found) != 1:
            raise UserError(f"{rev!r} names no revision that is rejected", exit_code=exits.USAGE)
        orders.amend(binding, lambda parent: _allowed(parent, found[0]))
    else:
        found = [orders.revision_id(rev, binding, target, parent)]
        order = orders.order(reason)
        orders.amend(
            binding,
            lambda parent: replace(
                parent, rejected=dict([*parent.rejected.items(), (found[0], order)][-REMEMBERED:])
            ),
        )
    may = "may be followed again" if off else "is not followed any more"
    screen.show(screen.look().say(f"✓ {short(found[0])} {may} in {environment}"))
    return exits.FINE


def _allowed(parent: Parent, revision: str) -> Parent:
    return replace(
        parent, rejected={each: order for each, order in parent.rejected.items() if each != revision}
    )
