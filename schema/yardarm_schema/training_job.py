"""TrainingJob: a model is trained, on one device or on many nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from yardarm_schema.base import Model
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.names import PartName
from yardarm_schema.training import Base, Files, Nodes, ProcsPerNode, Training
from yardarm_schema.workload import PartField, Pods, Program


class TrainingRole(Program):
    """Pods of one workload that are unlike the others: a launcher and its workers, a head and its workers."""

    COMPONENT: ClassVar[str] = "training"
    COMPUTES: ClassVar[bool] = True

    image: Annotated[Image, Field(description="Image of the main container.")]
    leader: Annotated[
        bool, Field(description="Whether the run has succeeded when this role has; one role is the leader.")
    ] = False
    nodes: Nodes = 1
    procs_per_node: ProcsPerNode = None
    model: Base = None
    data: Files = Field(default_factory=dict)

    def pods(self) -> Pods:
        """All nodes of the role."""
        return Pods(self.nodes, f"{self.nodes} node{'' if self.nodes == 1 else 's'}")


class TrainingJob(Training):
    """Training of a model."""

    COMPONENT: ClassVar[str] = "training"
    PARTS: ClassVar[tuple[PartField, ...]] = (PartField("roles", {"": TrainingRole}),)

    roles: Annotated[
        Mapping[PartName, Mapping[str, Any]],
        Field(
            description="Pods that are unlike each other, by name; each says what is different from the spec."
        ),
    ] = Field(default_factory=dict)

    @property
    def runs_itself(self) -> bool:
        """Whether all its pods are alike."""
        return not self.roles


class TrainingJobDocument(Model):
    """Training of a model: a fine-tune on one device, pre-training on many nodes, reinforcement with roles."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["TrainingJob"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[TrainingJob, Field(description="What it is.")]
