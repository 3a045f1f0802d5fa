"""``yardarm confirm``: a person's yes to exactly one set that a guard holds."""

from __future__ import annotations

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.orders import author
from yardarm_reconciler.cli.passes import once
from yardarm_reconciler.cli.targets import Target, bindings, environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.decide.guards import SHORT_DIGEST, accept, confirmation
from yardarm_reconciler.model.change import Guard, Report
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.report.text import count


@click.command(name="confirm")
@click.argument("digest")
@environment_option
@target_options
def command(digest: str, environment: str, target: Target) -> int:
    """Confirm the set with this DIGEST, as `status` or `sync` printed it, and nothing else; good for a day.

    The digest is computed anew from git and the cluster: if the set has changed, it no longer counts.

    \b
    Examples:
      yardarm confirm 3be1f0c2a9d4 -e production
    """
    with machinery() as made:
        (binding,) = bindings(target, environment, made.clock, write=True)
        guard = _held(once(binding, made, write=False), digest)
        with binding.session(made.pool) as (_, journal):
            journal.read()
            given = confirmation(guard, author(), made.clock.now())
            journal.amend_parent(lambda parent: accept(parent, given, binding.unit))
    look = screen.look()
    what = look.say(f"{guard.name} of {count(len(guard.ids), 'item')} in {environment}")
    screen.show(
        f"{look.say('✓')} confirmed until {given.expires:%Y-%m-%d %H:%M} UTC: {what}; the next sync goes on"
    )
    return exits.FINE


def _held(report: Report, digest: str) -> Guard:
    if len(digest) < SHORT_DIGEST:
        raise UserError(f"a digest has at least {SHORT_DIGEST} characters", exit_code=exits.USAGE)
    waiting: tuple[Guard, ...] = (*report.guards, *((report.advance,) if report.advance else ()))
    for guard in waiting:
        if guard.digest.startswith(digest):
            return guard
    held = ", ".join(f"{guard.digest[:SHORT_DIGEST]} ({guard.name})" for guard in waiting) or "nothing"
    raise UserError(f"no guard holds {digest} in {report.environment}; held: {held}")
