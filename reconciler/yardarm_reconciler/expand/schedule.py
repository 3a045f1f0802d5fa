"""What is wrong with a schedule that its form cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.schedule import Schedule

AMBIGUOUS_DAYS = Code(
    "field/ambiguous-days",
    title="Days of the month by a step, and days of the week besides",
    why="crontab(5) takes days that are in both, Kubernetes days that are in either.",
    bad='cron: "0 3 */2 * MON"',
    good='cron: "0 3 * * MON"',
)
TOO_LITTLE_TIME = Code(
    "field/too-little-time",
    title="Hardly a run would begin in time",
    why="Schedules are looked at every ten seconds: what may begin within less is mostly left out.",
    bad="startWithin: 5s",
    good="startWithin: 10m",
)

LEAST_SECONDS = 10
"""https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#starting-deadline"""


def check_schedule(workload: Resolved[Any], schedule: Schedule) -> Iterator[Diagnostic]:
    """Refuse what readers of the same text take for different days, and a deadline that is over before it is seen."""
    _, _, days, _, weekdays = schedule.cron.split(" ")
    if any(part.startswith("*/") for part in (days, weekdays)) and "*" not in (days, weekdays):
        field = "spec.schedule.cron"
        yield AMBIGUOUS_DAYS.at(workload.origin(field), field=field)
    if schedule.start_within is not None and schedule.start_within.seconds < LEAST_SECONDS:
        field = "spec.schedule.startWithin"
        message = f"startWithin {schedule.start_within} is less than {LEAST_SECONDS}s"
        yield TOO_LITTLE_TIME.at(workload.origin(field), message, field=field)
