"""Schedules: when something runs, again and again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model
from yardarm_schema.cron import Cron, TimeZone
from yardarm_schema.workload import Pods


class Schedule(Model):
    """When runs begin."""

    cron: Annotated[Cron, Field(description="When a run begins, such as 0 3 * * *.", examples=["0 3 * * *"])]
    time_zone: Annotated[TimeZone, Field(description="Time zone that it begins by.")] = "UTC"
    concurrency: Annotated[
        Literal["allow", "forbid", "replace"],
        Field(
            description="When the one before still runs: begin beside it (allow), leave this one out (forbid), "
            "or end the one before (replace)."
        ),
    ] = "forbid"
    start_within: Annotated[
        Maybe[units.Time],
        Field(
            description="A run that could not begin in this time is left out, such as 1h.", examples=["1h"]
        ),
    ] = None

    @property
    def at_once(self) -> int:
        """Two runs beside each other unless that is forbidden: also where the older one is only just ending."""
        return 1 if self.concurrency == "forbid" else 2

    def at_peak(self, pods: Pods) -> Pods:
        """The pods of all runs that there are at one time."""
        if self.at_once == 1:
            return pods
        return Pods(2 * pods.most, f"{pods.words}, in 2 runs (concurrency: {self.concurrency})")
