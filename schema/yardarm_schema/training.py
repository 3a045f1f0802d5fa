"""What training has beyond any other computation: nodes that compute together, and where they save what they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.model_source import Data, StartingModel
from yardarm_schema.names import DnsLabel
from yardarm_schema.places import AbsolutePath
from yardarm_schema.runs import Computation
from yardarm_schema.workload import Pods

Framework: TypeAlias = Literal["torch", "mpi", "jax", "ray", "none"]
Backend: TypeAlias = Literal["auto", "job", "jobset", "trainer", "ray"]

Nodes: TypeAlias = Annotated[
    int, Field(ge=1, le=10_000, description="How many pods compute together, each with its devices.")
]
ProcsPerNode: TypeAlias = Annotated[
    Maybe[int],
    Field(
        ge=1,
        le=1024,
        description="How many processes torchrun or mpirun start in each pod; by default one for each device.",
    ),
]


Base: TypeAlias = Annotated[
    Maybe[StartingModel],
    Field(description="The model that it starts from: fetched before it begins, and found in /mnt/models."),
]
Files: TypeAlias = Annotated[
    Mapping[DnsLabel, Data],
    Field(description="Further files that it needs, by name: fetched before it begins."),
]


class Checkpoint(Model):
    """Where a run saves its state, so that another attempt goes on from there."""

    volume: Annotated[DnsLabel, Field(description="Name of one of the volumes.", examples=["checkpoints"])]
    path: Annotated[
        Maybe[AbsolutePath],
        Field(
            description="Directory on it, as the container sees it; by default where it is mounted.",
            examples=["/checkpoints"],
        ),
    ] = None


class Training(Computation):
    """Fields of every kind that trains, on one device or on many nodes."""

    framework: Annotated[
        Framework,
        Field(description="How the processes find each other: it decides about the variables that they get."),
    ] = "none"
    nodes: Nodes = 1
    slices: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="How many groups of nodes there are, each with a fast network of its own, as TPU slices have.",
        ),
    ] = 1
    procs_per_node: ProcsPerNode = None
    model: Base = None
    data: Files = Field(default_factory=dict)
    checkpoint: Annotated[
        Maybe[Checkpoint], Field(description="Where a run saves its state, so that it can go on from there.")
    ] = None
    backend: Annotated[
        Backend,
        Field(
            description="What runs it: a Job, a JobSet, a TrainJob or a RayJob; auto takes what the environment has."
        ),
    ] = "auto"

    def pods(self) -> Pods:
        """All nodes of all slices."""
        words = f"{self.nodes} node{'' if self.nodes == 1 else 's'}"
        if self.slices == 1:
            return Pods(self.nodes, words)
        return Pods(self.nodes * self.slices, f"{self.slices} slices of {words}")
