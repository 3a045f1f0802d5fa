"""``yardarm pin``: one revision, whatever the source says."""

from __future__ import annotations

from dataclasses import replace

import click

from yardarm_reconciler.cli import exits, orders, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import Pin
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.report.names import short


@click.command(name="pin")
@click.argument("rev", required=False)
@click.option("--off", is_flag=True, help="Follow the source again.")
@environment_option
@orders.reason_option
@target_options
def command(rev: str | None, environment: str, reason: str, target: Target, *, off: bool) -> int:
    """Take ENV to REV, whatever windows and waves say, and keep it there until --off.

    REV is one of the history by its first characters, or a commit of the repository.

    \b
    Examples:
      yardarm pin 77d01fe -e production --reason "incident 12"
      yardarm pin --off -e production
    """
    if off == (rev is not None):
        raise UserError("give either a revision or --off", exit_code=exits.USAGE)
    binding = orders.bound(target, environment)
    look = screen.look()
    if rev is None:
        orders.amend(binding, lambda parent: replace(parent, pin=None))
        screen.show(look.say(f"✓ {environment} follows its source again"))
        return exits.FINE
    id_ = orders.revision_id(rev, binding, target, orders.recorded(binding).parent)
    pin = Pin(id_, orders.order(reason))
    orders.amend(binding, lambda parent: replace(parent, pin=pin))
    screen.show(look.say(f"✓ {environment} is pinned to {short(id_)}; to follow its source again: --off"))
    return exits.FINE
