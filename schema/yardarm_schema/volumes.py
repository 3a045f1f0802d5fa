"""Storage: each volume is of exactly one kind, told by its key."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model


class _Volume(Model):
    path: Annotated[units.AbsolutePath, Field(description="Where it is mounted in the container.")]
    read_only: Annotated[bool, Field(description="Mount it read-only.")] = False
    sub_path: Annotated[Maybe[units.RepoPath], Field(description="Mount only this path of the volume.")] = (
        None
    )


class NewVolume(_Volume):
    """Storage of the workload's own: a PersistentVolumeClaim."""

    size: Annotated[units.Bytes, Field(description="How much storage to claim.")]
    storage_class: Annotated[
        Maybe[units.ObjectName],
        Field(alias="class", description="StorageClass; without it the cluster's default."),
    ] = None
    access: Annotated[
        Literal["one", "many"],
        Field(description="Whether one node or many may write to it at the same time."),
    ] = "one"
    per_replica: Annotated[
        bool, Field(description="Each replica has its own, which stays when the replica goes.")
    ] = False


class ClaimVolume(_Volume):
    """An existing PersistentVolumeClaim."""

    claim: Annotated[units.ObjectName, Field(description="Name of the claim.")]


class Scratch(Model):
    """Space that lives as long as the pod."""

    size: Annotated[units.Bytes, Field(description="How much it may hold.")]
    medium: Annotated[
        Literal["disk", "memory"], Field(description="Where it lies; memory counts against the memory limit.")
    ] = "disk"


class ScratchVolume(_Volume):
    """Empty space that lives as long as the pod."""

    scratch: Annotated[Scratch, Field(description="Size and medium.")]


class SecretVolume(_Volume):
    """The keys of an existing Secret as files."""

    secret: Annotated[units.ObjectName, Field(description="Name of the Secret.")]


class ConfigVolume(_Volume):
    """The keys of an existing ConfigMap as files."""

    config: Annotated[units.ObjectName, Field(description="Name of the ConfigMap.")]


Volume: TypeAlias = Annotated[
    NewVolume | ClaimVolume | ScratchVolume | SecretVolume | ConfigVolume,
    Forms(
        keys={
            "size": NewVolume,
            "claim": ClaimVolume,
            "scratch": ScratchVolume,
            "secret": SecretVolume,
            "config": ConfigVolume,
        }
    ),
]
