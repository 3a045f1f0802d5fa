"""Pipeline: jobs in an order, each begun when what it needs has succeeded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.batch_job import BatchJob
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.names import DnsLabel, PartName
from yardarm_schema.schedule import Schedule
from yardarm_schema.training import Training
from yardarm_schema.volumes import Volume
from yardarm_schema.workload import PartField, Program, Workload

Needs = Annotated[
    tuple[PartName, ...],
    Field(max_length=100, description="Steps that must have succeeded before this one begins."),
]


class BatchStep(BatchJob):
    """A step that is a run to completion, optionally in shards."""

    needs: Needs = ()


class TrainingStep(Training):
    """A step that trains, on one device or on many nodes."""

    image: Annotated[Image, Field(description="Image of the main container.")]
    needs: Needs = ()


STEPS: Mapping[str, type[Program]] = {"": BatchStep, "BatchJob": BatchStep, "TrainingJob": TrainingStep}
"""What a step is, by its kind; a BatchJob where it says nothing."""


class Pipeline(Workload):
    """Jobs in an order."""

    COMPONENT: ClassVar[str] = "pipeline"
    PARTS: ClassVar[tuple[PartField, ...]] = (PartField("steps", STEPS, "defaults", ("volumes",)),)

    steps: Annotated[
        Mapping[PartName, Mapping[str, Any]],
        Field(
            min_length=1,
            max_length=100,
            description="Jobs by name: what a BatchJob or a TrainingJob says, and which others it needs.",
        ),
    ]
    defaults: Annotated[
        Mapping[str, Any], Field(description="What every step says that does not say otherwise.")
    ] = Field(default_factory=dict)
    volumes: Annotated[
        Mapping[DnsLabel, Volume], Field(description="Storage by name, which every step has.")
    ] = Field(default_factory=dict)
    schedule: Annotated[
        Maybe[Schedule], Field(description="When it runs again and again; without it once for each input.")
    ] = None
    backend: Annotated[
        Literal["auto", "jobs", "jobset"],
        Field(
            description="What begins the steps: Yardarm, one after the other (jobs), or a JobSet that holds all of "
            "them, and runs all of them again where one has changed."
        ),
    ] = "auto"

    @property
    def at_once(self) -> int:
        """How many runs of it there may be at one time."""
        return self.schedule.at_once if self.schedule else 1


class PipelineDocument(Model):
    """Jobs in an order: extract, train, evaluate."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Pipeline"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[Pipeline, Field(description="What it is.")]
