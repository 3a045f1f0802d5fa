"""``yardarm rerun``: a job once more, though its ledger says that it ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import click

from yardarm_reconciler.cli import completing, exits, orders, screen
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import Inventory, Order, Parent, Record, Run
from yardarm_reconciler.model.origin import UserError


@click.command(name="rerun")
@click.argument("workload", shell_complete=completing.workloads)
@environment_option
@orders.reason_option
@target_options
def command(workload: str, environment: str, reason: str, target: Target) -> int:
    """Run the job of WORKLOAD (team/name) in ENV once more: one that failed, was lost, or is to be done again.

    What is fetched for a model is fetched again too.

    Its object is deleted first, where it is still there; a run that has not ended is not touched. To run again because
    something has changed, change the spec: what is to be computed names the run.

    \b
    Examples:
      yardarm rerun search/embed-corpus -e production --reason "its bucket was empty"
    """
    binding = orders.bound(target, environment)
    inventory = orders.recorded(binding)
    id_ = orders.workload_id(workload, inventory.records)
    again = _again(inventory.records[id_], workload)
    order = orders.order(reason)
    orders.amend(binding, lambda parent: _ordered(parent, again, order, inventory))
    what = ", ".join(sorted(run.step or run.id for run in again.values()))
    screen.show(screen.look().say(f"✓ {workload} runs again in {environment} with the next pass: {what}"))
    return exits.FINE


def _again(record: Record, name: str) -> Mapping[str, Run]:
    """The latest run of each step, by uid."""
    latest = {run.step: run for run in record.runs}.values()
    running = sorted(run.id for run in latest if not run.state.over)
    if running:
        raise UserError(f"{name} has not ended: {', '.join(running)}", exit_code=exits.USAGE)
    found = {run.uid: run for run in latest if run.uid}
    if not found:
        raise UserError(f"{name} has no run that could be repeated", exit_code=exits.USAGE)
    return found


def _ordered(parent: Parent, again: Mapping[str, Run], order: Order, inventory: Inventory) -> Parent:
    """The parent with the order in it; those that were carried out are forgotten."""
    known = {run.uid for record in inventory.records.values() for run in record.runs}
    kept = {uid: each for uid, each in parent.reruns.items() if uid in known}
    return replace(parent, reruns=kept | dict.fromkeys(again, order))
