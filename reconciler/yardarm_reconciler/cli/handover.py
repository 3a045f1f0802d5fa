"""``yardarm handover``: what a team has, from one unit of a cluster to another, with nothing deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from yardarm_reconciler.apply.handover import hand_over
from yardarm_reconciler.cli import completing, exits, screen
from yardarm_reconciler.cli.leads import Leads
from yardarm_reconciler.cli.sessions import KubernetesSession
from yardarm_reconciler.cli.targets import Target, bindings, environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.decide.guards import SHORT_DIGEST
from yardarm_reconciler.decide.handing import Handover, handover, obstacles
from yardarm_reconciler.follow import Revisions
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.ports import Labels
from yardarm_reconciler.report import handed
from yardarm_reconciler.report.text import count


@click.command(name="handover")
@click.argument("team", required=False, shell_complete=completing.teams)
@environment_option
@click.option(
    "--from",
    "giver",
    required=True,
    metavar="UNIT",
    shell_complete=completing.units,
    help="Id of the unit that has it now.",
)
@click.option("--confirm", "digest", metavar="DIGEST", help="Do it: the digest that was shown without this.")
@target_options
def command(team: str | None, environment: str, giver: str, digest: str | None, target: Target) -> int:
    """Hand all that TEAM (by default: every team) has in another unit of the same cluster over to ENV.

    Nothing is deleted, restarted or run again. Git must want it in ENV already, as it is. No reconciler may hold the
    lease of the cluster meanwhile (exit code 5). What was broken off is finished by the same command.

    \b
    Examples:
      yardarm handover nlp -e production-eu --from u-production
      yardarm handover nlp -e production-eu --from u-production --confirm 3be1f0c2a9d4
    """
    with machinery() as made:
        leads = Leads(made.clock, waits=False) if digest else None
        (binding,) = bindings(target, environment, made.clock, write=True, leads=leads)
        if giver == binding.unit.id:
            raise UserError(f"{giver} is the unit of {environment} itself", exit_code=exits.USAGE)
        with contextlib.closing(binding.session), _opened(binding, made, giver) as (other, taker, cluster):
            asked = _asked(binding, made, other, taker, team)
            if digest is not None:
                _require(asked, digest)
                hand_over(asked, other, taker, cluster)
    look = screen.look()
    if not asked.teams:
        whose = f"of team {team} " if team else ""
        screen.show(look.say(f"unit {giver} has nothing {whose}to hand over"))
    elif digest is None:
        again = f"yardarm handover {f'{team} ' if team else ''}-e {environment} --from {giver}"
        short = asked.guard.digest[:SHORT_DIGEST]
        screen.show(handed.held(asked.guard, asked.records, f"{again} --confirm {short}", look))
        return exits.GUARDED
    else:
        what = f"{count(len(asked.objects), 'object')} of {', '.join(asked.teams)}"
        screen.show(look.say(f"✓ {what} handed over to {environment}; unit {giver} leaves them alone"))
    return exits.FINE


@contextlib.contextmanager
def _opened(binding: Binding, made: Machinery, giver: str) -> Iterator[tuple[Journal, Journal, Labels]]:
    """Both inventories, that of the other unit first, and what labels their objects."""
    session = binding.session
    if not isinstance(session, KubernetesSession):
        raise UserError("a directory has one unit: nothing can be handed over in it", exit_code=exits.USAGE)
    with session(made.pool) as (_, taker):
        other, cluster = session.handing(giver)
        yield other, taker, cluster


def _asked(binding: Binding, made: Machinery, giver: Journal, taker: Journal, team: str | None) -> Handover:
    """What is to be handed over, as the inventories are now and as the revision that is followed wants it.

    Raises:
        UserError: it cannot be done; every reason.
    """
    given, taken = giver.read(), taker.read()
    if given.parent is None:
        raise UserError(f"there is no unit {giver.unit!r} in this cluster", exit_code=exits.USAGE)
    follower = binding.follower(made, Revisions())
    follower.look()
    desired = follower.choose(taken).desired
    workloads = desired.workloads if desired else ()
    wanted = {each.id: frozenset(manifest.key for manifest in each.manifests) for each in workloads}
    asked = handover(given, taken, binding.unit, team)
    if found := obstacles(asked, given, taken, wanted):
        raise UserError(f"nothing is handed over: {'; '.join(found)}", exit_code=exits.GUARDED)
    return asked


def _require(asked: Handover, digest: str) -> None:
    """Raises UserError where that is not what the person has seen."""
    if len(digest) < SHORT_DIGEST or not asked.guard.digest.startswith(digest):
        now = asked.guard.digest[:SHORT_DIGEST]
        raise UserError(
            f"{digest} is not what would be handed over now, which is {now}", exit_code=exits.GUARDED
        )
