"""``yardarm status``: what runs where, since when, and why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.passes import blamed, each, without_changes
from yardarm_reconciler.cli.targets import Target, bindings, some_environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.report import output, status
from yardarm_reconciler.report.text import ago


@click.command(name="status")
@some_environment_option
@target_options
@screen.format_option
def command(environment: str | None, target: Target, form: str) -> int:
    """Compare what runs with git and say what needs a person. Nothing is written.

    \b
    Examples:
      yardarm status
      yardarm status -e dev --directory rendered/dev
    """
    with machinery() as made:
        units = bindings(target, environment, made.clock, write=False)
        looked_at = zip(units, each(units, made, write=False), strict=True)
        reports = [blamed(report, unit, made) for unit, report in looked_at]
    code = exits.worst([exits.of_report(report) for report in reports])
    look = screen.look()
    if form == "json":
        screen.show(output.status([without_changes(report) for report in reports], screen.VERSION, code))
    elif form == "concise":
        screen.show("".join(status.concise(report, look) for report in reports))
    else:
        now = datetime.now(UTC)
        checked = [_checked(unit, report, now) for unit, report in zip(units, reports, strict=True)]
        screen.show("\n".join(status.human(report, now, look) for report in checked))
    return code


def _checked(unit: Binding, report: Report, now: datetime) -> Report:
    """The report with how long ago the process that runs has looked at the unit, where there is one."""
    if report.error:
        return report
    at = unit.session.checked()
    return (
        replace(report, notes={**report.notes, "checked": f"looked at {ago(now - at)} ago"}) if at else report
    )
