"""Programs that run as a number of equal pods for as long as nobody stops them."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, TypeAlias

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, exclusive, never_both, shared
from yardarm_schema.scaling import Scaling
from yardarm_schema.text import Text
from yardarm_schema.volumes import NewVolume
from yardarm_schema.workload import Pods, Program

PodCount: TypeAlias = Annotated[
    int | units.Percent, Forms(text=units.Share, number=Annotated[int, Field(ge=0, le=100_000)])
]
"""A number of pods, or a share of the replicas."""

PER_NODE = "perNode"
Replicas: TypeAlias = Annotated[
    int | str,
    Forms(
        text=Annotated[
            str,
            Text("replicas", PER_NODE, "a number of pods, or perNode for one on each node", 7, PER_NODE),
        ],
        number=Annotated[int, Field(ge=0, le=100_000)],
    ),
]

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
    """Fields of every kind whose pods are equal and many; ``SERVES`` where others connect to them."""

    SERVES: ClassVar[bool] = True

    model_config = ConfigDict(
        json_schema_extra=never_both(("run", "command"), ("run", "args"), ("replicas", "scaling"))
    )

    replicas: Annotated[
        Maybe[Replicas],
        Field(description="How many pods run, 1 if nothing is said; perNode: one on each node."),
    ] = None
    scaling: Annotated[
        Maybe[Scaling],
        Field(description="Let what is measured decide how many pods run, instead of replicas."),
    ] = None
    rollout: Annotated[Rollout, Field(description="How replicas are replaced.")] = Field(
        default_factory=shared(Rollout)
    )
    startup: Annotated[Startup, Field(description="How long a pod may take until it is ready.")] = Field(
        default_factory=shared(Startup)
    )

    @property
    def per_node(self) -> bool:
        """Whether one pod runs on each node, so that nobody here can say how many there are."""
        return self.replicas == PER_NODE

    @property
    def stateful(self) -> bool:
        """Whether each replica has a name and storage of its own."""
        return any(isinstance(volume, NewVolume) and volume.per_replica for volume in self.volumes.values())

    @property
    def fewest(self) -> int:
        """The least replicas that run while nothing is wrong; of ``perNode``, those of a single node."""
        return self.scaling.min if self.scaling else self._said

    @property
    def most(self) -> int:
        """The most replicas, those of a rollout not counted; of ``perNode``, those of a single node."""
        return self.scaling.max if self.scaling else self._said

    @property
    def _said(self) -> int:
        return self.replicas if isinstance(self.replicas, int) else 1

    def pods(self) -> Pods:
        """All replicas, with those of a rollout."""
        words = f"{self.most} replica{'' if self.most == 1 else 's'}"
        return with_surge(Pods(self.most, words), self.rollout)

    @model_validator(mode="after")
    def _one_number(self) -> Replicated:
        exclusive(replicas=self.replicas, scaling=self.scaling)
        return self


def with_surge(pods: Pods, rollout: Rollout) -> Pods:
    """Replicas, and the pods above them while they are replaced."""
    extra = surge(rollout.surge, pods.most)
    return Pods(pods.most + extra, f"{pods.words} + {extra} surge") if extra else pods


def surge(asked: PodCount | None, replicas: int) -> int:
    """Pods above the replicas while they are replaced; a share is rounded up, as Kubernetes does."""
    if asked is None or replicas == 0:
        return 0
    return asked if isinstance(asked, int) else math.ceil(replicas * asked.value / 100)
