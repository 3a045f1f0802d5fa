"""Service: a long-running server, and what it may do while it is replaced."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.workload import Workload

PodCount: TypeAlias = Annotated[
    int | units.Percent, Forms(text=units.Share, number=Annotated[int, Field(ge=0, le=100_000)])
]
"""A number of pods, or a share of the replicas."""


_NONE: JsonDict = {"surge": {"enum": [0, "0%"]}, "unavailable": {"enum": [0, "0%"]}}


class Rollout(Model):
    """How replicas are replaced."""

    model_config = ConfigDict(
        json_schema_extra={"not": {"properties": _NONE, "required": ["surge", "unavailable"]}}
    )

    surge: Annotated[
        Maybe[PodCount], Field(description="Pods above the replicas while they are replaced, 1 or 25%.")
    ] = None
    unavailable: Annotated[
        Maybe[PodCount], Field(description="Replicas that may be missing while they are replaced, 1 or 25%.")
    ] = None

    @model_validator(mode="after")
    def _can_progress(self) -> Rollout:
        if self.surge in (0, "0%") and self.unavailable in (0, "0%"):
            raise PydanticCustomError(
                "rollout", "surge and unavailable cannot both be 0: no pod could be replaced"
            )
        return self


class Startup(Model):
    """How long a pod may take until it is ready."""

    timeout: Annotated[
        Maybe[units.Time], Field(description="Restart a pod that is not ready by then, such as 30m.")
    ] = None


class Service(Workload):
    """A long-running server."""

    replicas: Annotated[int, Field(ge=0, le=100_000, description="How many pods run.")] = 1
    rollout: Annotated[Rollout, Field(description="How replicas are replaced.")] = Field(
        default_factory=Rollout
    )
    startup: Annotated[Startup, Field(description="How long a pod may take until it is ready.")] = Field(
        default_factory=Startup
    )


class ServiceDocument(Model):
    """A long-running server: agent, user interface, database, model behind an API."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Service"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[Service, Field(description="What it is.")]
