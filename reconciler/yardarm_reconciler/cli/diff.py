"""``yardarm diff``: desired versus live, by dry-run."""

from __future__ import annotations

from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.passes import blamed, preview
from yardarm_reconciler.cli.targets import Target, bindings, environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.model.change import Action, Report
from yardarm_reconciler.report import diff, guard, output, saved_plan
from yardarm_reconciler.report.text import Look


@click.command(name="diff")
@environment_option
@click.option("--pruned", is_flag=True, help="Only what would be deleted, and what a guard holds.")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE",
    help="Also save it as a plan that sync --plan can be held to.",
)
@target_options
@screen.format_option
def command(environment: str, target: Target, form: str, file: Path | None, *, pruned: bool) -> int:
    """Show what the newest revision would change in ENV. Nothing is written; exit code 1 means that there are differences.

    \b
    Examples:
      yardarm diff -e dev --directory rendered/dev
      yardarm diff -e production --pruned
      yardarm diff -e production -o plan.json
    """
    with machinery() as made:
        (binding,) = bindings(target, environment, made.clock, write=False)
        report, plan = preview(binding, made)
        report = blamed(report, binding, made)
    if file is not None:
        file.write_text(saved_plan.write(plan), encoding="utf-8")
    code = exits.worst([exits.of_report(report), exits.FOUND if _differs(report) else exits.FINE])
    look = screen.look()
    if pruned:
        screen.show(_pruned(report, look))
    elif form == "json":
        screen.show(output.diff([report], screen.VERSION, code))
    else:
        screen.show(diff.concise(report, look) if form == "concise" else diff.human(report, look))
    return code


def _differs(report: Report) -> bool:
    same = {Action.UNCHANGED, Action.HELD}
    return any(change.action not in same for workload in report.workloads for change in workload.changes)


def _pruned(report: Report, look: Look) -> str:
    """One line an object that would go, then every guard with all that it holds."""
    gone = [
        f"{look.say(workload.id)}  {look.say(f'{change.key.kind}/{change.key.name}')}  deleted"
        for workload in report.workloads
        for change in workload.changes
        if change.action is Action.DELETED
    ]
    held = [
        line
        for each in report.guards
        for line in (
            *guard.lines(each, report.environment, look, wrote=False),
            *(f"      {look.say(id_)}" for id_ in each.ids),
        )
    ]
    return "\n".join([*gone, *held])
