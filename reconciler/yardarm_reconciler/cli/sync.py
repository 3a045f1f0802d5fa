"""``yardarm sync``: one reconcile of one environment."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.leads import Leads
from yardarm_reconciler.cli.passes import as_planned, blamed, commit_of, once
from yardarm_reconciler.cli.targets import Target, bindings, environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Action, Health, Report, State
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.report import diagnostics, guard, output, saved_plan, sync

LOOK_EVERY = 1.0
"""Seconds between looks while waiting: each is a handful of LISTs."""

WAITED_FOR = frozenset({State.PROGRESSING, State.MISSING, State.TERMINATING})
UNWELL = WAITED_FOR | {State.FAILED, State.DEGRADED}
"""States of a workload that --wait did not see become healthy."""


@click.command(name="sync")
@environment_option
@click.option("--wait", is_flag=True, help="Wait until every workload is healthy, or has failed.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), default=300.0, show_default=True, help="Seconds for --wait."
)
@click.option(
    "--plan",
    "planned",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Do what this plan of diff -o says, or nothing: one that is stale is refused (exit code 3).",
)
@target_options
@screen.format_option
def command(
    environment: str, target: Target, form: str, planned: Path | None, *, wait: bool, timeout: float
) -> int:
    """Bring ENV to its revision: create, change, repair, prune. A second sync of the same commit writes nothing.

    Where a reconciler runs it holds the lease of the cluster: then nothing is done, and the exit code is 5.

    \b
    Examples:
      yardarm sync -e dev --directory rendered/dev
      yardarm sync -e staging --context staging --new-unit staging-eu --wait
      yardarm sync -e production --plan plan.json
    """
    with machinery() as made:
        leads = Leads(made.clock, waits=False)
        (binding,) = bindings(target, environment, made.clock, write=True, leads=leads)
        with contextlib.closing(binding.session):
            report = _synced(binding, made, planned)
            if wait:
                report = _healthy(binding, made, report, timeout)
            report = blamed(report, binding, made)
        commit = commit_of(binding, report, target.repository)
    unwell = [each for each in report.workloads if wait and each.health.state in UNWELL]
    code = exits.worst([exits.of_report(report), exits.PARTLY if unwell else exits.FINE])
    look = screen.look()
    match form:
        case "json":
            screen.show(output.sync([report], screen.VERSION, code))
        case "concise":
            screen.show(sync.concise(report, look))
        case _:
            screen.show(sync.human(report, commit, look))
            screen.show(sync.unwell(unwell, look))
    click.echo(diagnostics.concise(guard.beside(report), look), err=True, nl=False)
    return code


def _synced(binding: Binding, made: Machinery, planned: Path | None) -> Report:
    if planned is None:
        return once(binding, made, write=True)
    return as_planned(binding, made, planned, saved_plan.read(str(planned), planned.read_bytes()))


def _healthy(binding: Binding, made: Machinery, report: Report, timeout: float) -> Report:
    """Look until nothing progresses any more; a workload that has failed is not waited for."""
    if any(each.health.state is State.UNKNOWN and not each.health.reason for each in report.workloads):
        raise UserError(
            "--wait needs a cluster that reports health; a directory does not", exit_code=exits.USAGE
        )
    started = made.clock.monotonic() - report.seconds
    until = made.clock.monotonic() + timeout
    first = report
    while made.clock.monotonic() < until and (waits(report) or _progresses(report)):
        made.clock.sleep(LOOK_EVERY)
        # What waited for another workload's health is applied as soon as that is there.
        report = once(binding, made, write=waits(report))
        first = _joined(first, report)
    return replace(first, seconds=made.clock.monotonic() - started)


def _progresses(report: Report) -> bool:
    return any(each.health.state in WAITED_FOR for each in report.workloads)


def waits(report: Report) -> bool:
    """Whether a workload was skipped because of what it waits for, and nothing failed: neither a write nor itself."""
    actions = {change.action for each in report.workloads for change in each.changes}
    hopeful = (each for each in report.workloads if each.health.state is not State.FAILED)
    skipped = any(change.action is Action.SKIPPED for each in hopeful for change in each.changes)
    return skipped and not actions & {Action.FAILED, Action.CONFLICT}


def _joined(first: Report, later: Report) -> Report:
    """One report of several passes: what was done in any of them, and how it stands after the last."""
    before = {each.id: each for each in first.workloads}
    left = before.keys() - {each.id for each in later.workloads}
    workloads = [replace(before[id_], health=Health(State.UNKNOWN, "it is gone")) for id_ in sorted(left)]
    for each in later.workloads:
        old = before.get(each.id)
        news = [change for change in each.changes if change.action is not Action.UNCHANGED]
        kept = old.changes if old and not news else each.changes
        workloads.append(replace(each, changes=kept))
    return replace(later, workloads=tuple(workloads))
