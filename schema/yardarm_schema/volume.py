"""Volume: storage with an owner of its own, that outlives the workloads which use it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.names import ObjectName
from yardarm_schema.workload import Workload


class Volume(Workload):
    """One PersistentVolumeClaim, deleted only when a person has confirmed it."""

    COMPONENT: ClassVar[str] = "volume"

    size: Annotated[units.Bytes, Field(description="How much storage to claim.")]
    storage_class: Annotated[
        Maybe[ObjectName],
        Field(
            alias="class",
            description="StorageClass; without it the cluster's default.",
            examples=["fast-ssd"],
        ),
    ] = None
    access: Annotated[
        Literal["one", "many"],
        Field(description="Whether one node or many may write to it at the same time."),
    ] = "many"


class VolumeDocument(Model):
    """Storage with an owner of its own: a shared cache, checkpoints, a data set."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Volume"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[Volume, Field(description="What it is.")]
