"""BatchJob: a run to completion, optionally in shards."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.runs import Computation
from yardarm_schema.shards import Shards, sharded
from yardarm_schema.workload import Pods


class BatchJob(Computation):
    """A run to completion."""

    COMPONENT: ClassVar[str] = "job"

    image: Annotated[Image, Field(description="Image of the main container.")]
    shards: Annotated[Maybe[Shards], Field(description="Parts that pods work on side by side.")] = None

    def pods(self) -> Pods:
        """Those of all shards that run at one time."""
        return sharded(self.shards)


class BatchJobDocument(Model):
    """A run to completion: an evaluation, a conversion, an index, an export."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["BatchJob"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[BatchJob, Field(description="What it is.")]
