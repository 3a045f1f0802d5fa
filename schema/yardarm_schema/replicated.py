"""Programs that run as a number of equal pods for as long as nobody stops them."""

from __future__ import annotations

import math
from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.workload import Pods, Program

PodCount: TypeAlias = Annotated[
    int | units.Percent, Forms(text=units.Share, number=Annotated[int, Field(ge=0, le=100_000)])
]
"""A number of pods, or a share of the replicas."""


_NONE: dict[str, JsonValue] = {"surge": {"enum": [0, "0%"]}, "unavailable": {"enum": [0, "0%"]}}


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


class Replicated(Program):
    """Fields of every kind whose pods are equal and many."""

    replicas: Annotated[int, Field(ge=0, le=100_000, description="How many pods run.")] = 1
    rollout: Annotated[Rollout, Field(description="How replicas are replaced.")] = Field(
        default_factory=Rollout
    )
    startup: Annotated[Startup, Field(description="How long a pod may take until it is ready.")] = Field(
        default_factory=Startup
    )

    def pods(self) -> Pods:
        """All replicas, with those of a rollout."""
        extra = surge(self.rollout.surge, self.replicas)
        words = f"{self.replicas} replica{'' if self.replicas == 1 else 's'}"
        return Pods(self.replicas + extra, f"{words} + {extra} surge" if extra else words)


def surge(asked: PodCount | None, replicas: int) -> int:
    """Pods above the replicas while they are replaced; a share is rounded up, as Kubernetes does."""
    if asked is None or replicas == 0:
        return 0
    return asked if isinstance(asked, int) else math.ceil(replicas * asked.value / 100)
