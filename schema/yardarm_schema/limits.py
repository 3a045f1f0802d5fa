"""The most that may be held: by a workload, a team, an environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model
from yardarm_schema.names import DnsLabel

Count: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)]


class EnvironmentLimits(Model):
    """The most that all workloads of an environment may hold at their peaks."""

    accelerators: Annotated[
        Mapping[DnsLabel, Count],
        Field(description="Devices by accelerator class; total counts all classes."),
    ] = Field(default_factory=dict)
    per_workload: Annotated[
        Mapping[DnsLabel, Count], Field(description="The most that a single workload may hold.")
    ] = Field(default_factory=dict)
    cost_per_hour: Annotated[Maybe[units.Money], Field(description="Money per hour, over all workloads.")] = (
        None
    )


class Budget(Model):
    """The most that a team's workloads may hold at their peaks, all together."""

    accelerators: Annotated[
        Mapping[DnsLabel, Count],
        Field(description="Devices by accelerator class; total counts all classes."),
    ] = Field(default_factory=dict)
    cost_per_hour: Annotated[Maybe[units.Money], Field(description="Money per hour.")] = None
