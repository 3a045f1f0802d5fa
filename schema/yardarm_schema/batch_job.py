"""BatchJob: a run to completion, optionally in shards."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.workload import Pods, Program


class Shards(Model):
    """Parts that pods work on side by side."""

    count: Annotated[
        Maybe[int],
        Field(
            ge=1,
            le=100_000,
            description="How many parts there are; without it the pods share a queue of work.",
        ),
    ] = None
    parallelism: Annotated[
        Maybe[int],
        Field(ge=1, le=100_000, description="How many pods run at one time; by default one for each part."),
    ] = None
    retries_per_shard: Annotated[
        Maybe[int], Field(ge=0, le=1000, description="How often each part is tried again; needs count.")
    ] = None


class BatchJob(Program):
    """A run to completion."""

    COMPONENT: ClassVar[str] = "job"
    COMPUTES: ClassVar[bool] = True

    image: Annotated[units.Image, Field(description="Image of the main container.")]

    shards: Annotated[Maybe[Shards], Field(description="Parts that pods work on side by side.")] = None
    retries: Annotated[int, Field(ge=0, le=1000, description="How often failed pods are tried again.")] = 0
    deadline: Annotated[
        Maybe[units.Time], Field(description="The run has failed if it takes longer, such as 6h.")
    ] = None
    rerun: Annotated[
        units.Word,
        Field(
            description="When a new run starts: onChange (what it computes has changed), never, or any other word: "
            "a new word starts a new run."
        ),
    ] = "onChange"
    overlap: Annotated[
        Literal["finish", "cancel"],
        Field(description="What a new run does to one that still runs: let it finish first, or cancel it."),
    ] = "finish"
    history: Annotated[int, Field(ge=1, le=50, description="How many finished runs are kept.")] = 3

    def pods(self) -> Pods:
        """One for each shard where nothing is said, never more than there are shards."""
        shards = self.shards or Shards()
        most = shards.parallelism or shards.count or 1
        most = most if shards.count is None else min(most, shards.count)
        return Pods(most, f"{most} pod{'' if most == 1 else 's'} at one time")


class BatchJobDocument(Model):
    """A run to completion: an evaluation, a conversion, an index, an export."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["BatchJob"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[BatchJob, Field(description="What it is.")]
