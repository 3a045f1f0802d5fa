"""``yardarm events``: what happened to a workload's objects, and to what controllers made of them."""

from __future__ import annotations

from datetime import timedelta

import click
from pydantic import TypeAdapter

from yardarm_reconciler.cli import completing, exits, records, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.family import events_of, families
from yardarm_reconciler.happening import happenings
from yardarm_reconciler.report import events
from yardarm_schema.units import Duration, Time

_DURATION: TypeAdapter[Duration] = TypeAdapter(Time)


def _duration(_: click.Context, __: click.Parameter, value: str | None) -> timedelta | None:
    try:
        return timedelta(seconds=_DURATION.validate_python(value).seconds) if value else None
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no duration, such as 30m or 2h") from error


@click.command(name="events")
@click.argument("workload", required=False, metavar="[TEAM/NAME]", shell_complete=completing.workloads)
@environment_option
@click.option(
    "--since", callback=_duration, metavar="DURATION", help="Only those of so long, such as 30m.  [all]"
)
@target_options
@screen.format_option
def command(
    workload: str | None, environment: str, since: timedelta | None, target: Target, form: str
) -> int:
    """Show the events of a workload in ENV, or of all, the newest last.

    Those about its objects and about what controllers made of them, as long as these are there; in the same words to
    several of a kind is told once. What may be secret in them is not shown.

    \b
    Examples:
      yardarm events -e production nlp/qwen3-32b
      yardarm events -e production --since 30m --format json
    """
    with records.recorded(target, environment, workload) as there:
        found = families(there.records, there.live)
        said, unheard = events_of(found, there.live)
    happened = happenings(found, said, there.now - since if since else None)
    unread = (*found.unread, *unheard)
    look = screen.look()
    match form:
        case "json":
            screen.show(events.json(environment, happened, unread, screen.VERSION))
        case "concise":
            screen.show(events.concise(environment, happened, look))
        case _:
            screen.show(events.human(environment, happened, there.now, look))
    records.warn(unread)
    return exits.FINE
