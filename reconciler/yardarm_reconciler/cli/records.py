"""What a unit has recorded of its workloads, beside its cluster, for commands that look at what is there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import click

from yardarm_reconciler.cli import orders, screen
from yardarm_reconciler.cli.targets import Target
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.inventory.records import Record
from yardarm_reconciler.live import Live
from yardarm_reconciler.report.names import TEAM, workload_name


@dataclass(frozen=True, slots=True)
class Recorded:
    """Workloads, first the teams' own objects, with the cluster that they are in, now."""

    records: Sequence[Record]
    live: Live
    now: datetime


@contextlib.contextmanager
def recorded(target: Target, environment: str, workload: str | None) -> Iterator[Recorded]:
    """Open the unit of an environment to look at one workload (team/name), or at all.

    Raises:
        UserError: there is no such workload.
    """
    binding = orders.bound(target, environment, write=False)
    with (
        machinery() as made,
        contextlib.closing(binding.session),
        binding.session(made.pool) as (live, journal),
    ):
        known = journal.read().records
        chosen = [known[orders.workload_id(workload, known)]] if workload else known.values()
        ordered = sorted(chosen, key=lambda each: (not each.id.startswith(TEAM), workload_name(each.id)))
        yield Recorded(ordered, live, made.clock.now())


def warn(unread: Sequence[str]) -> None:
    """Say on stderr what could not be read, and is therefore not shown."""
    look = screen.look()
    for each in unread:
        said = look.say(f"! {each}: what there is of it is not shown")
        click.echo("\n".join(look.fold(said, look.columns)), err=True)
