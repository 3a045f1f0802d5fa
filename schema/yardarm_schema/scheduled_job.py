"""ScheduledJob: a run to completion at points in time that come again."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.runs import Finite
from yardarm_schema.schedule import Schedule
from yardarm_schema.shards import Shards, sharded
from yardarm_schema.workload import Pods


class ScheduledJob(Finite):
    """A run to completion, again and again."""

    COMPONENT: ClassVar[str] = "scheduled-job"

    image: Annotated[Image, Field(description="Image of the main container.")]
    schedule: Annotated[Schedule, Field(description="When runs begin.")]
    shards: Annotated[Maybe[Shards], Field(description="Parts that pods work on side by side.")] = None

    def pods(self) -> Pods:
        """Those of all shards that run at one time, of one run or of two."""
        return self.schedule.at_peak(sharded(self.shards))


class ScheduledJobDocument(Model):
    """A run to completion at points in time that come again: a nightly evaluation, an hourly import."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["ScheduledJob"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[ScheduledJob, Field(description="What it is.")]
