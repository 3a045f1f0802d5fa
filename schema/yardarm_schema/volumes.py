"""Storage: each volume is of exactly one kind, told by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.images import Image
from yardarm_schema.names import DnsLabel, ObjectName
from yardarm_schema.places import AbsolutePath, RepoPath
from yardarm_schema.text import Text


class _Volume(Model):
    path: Annotated[AbsolutePath, Field(description="Where it is mounted in the container.")]
    read_only: Annotated[bool, Field(description="Mount it read-only.")] = False
    sub_path: Annotated[Maybe[RepoPath], Field(description="Mount only this path of the volume.")] = None


class NewVolume(_Volume):
    """Storage of the workload's own: a PersistentVolumeClaim."""

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
    ] = "one"
    per_replica: Annotated[
        bool, Field(description="Each replica has its own, which stays when the replica goes.")
    ] = False


class ClaimVolume(_Volume):
    """An existing PersistentVolumeClaim."""

    claim: Annotated[ObjectName, Field(description="Name of the claim.", examples=["data-sets"])]


_BOUNDED: dict[str, JsonValue] = {
    "if": {"properties": {"medium": {"const": "memory"}}, "required": ["medium"]},
    "then": {"required": ["size"]},
}


class Scratch(Model):
    """Space that lives as long as the pod."""

    model_config = ConfigDict(json_schema_extra=_BOUNDED)

    size: Annotated[
        Maybe[units.Bytes],
        Field(description="How much it may hold; on disk, without it, whatever the node has left."),
    ] = None
    medium: Annotated[
        Literal["disk", "memory", "localSSD"],
        Field(
            description="Where it lies; memory counts against the memory limit, localSSD is a disk of the node."
        ),
    ] = "disk"

    @model_validator(mode="after")
    def _memory_is_bounded(self) -> Scratch:
        if self.medium == "memory" and self.size is None:
            raise PydanticCustomError("scratch", "size is needed where the medium is memory")
        return self


class ScratchVolume(_Volume):
    """Empty space that lives as long as the pod."""

    scratch: Annotated[Scratch, Field(description="Size and medium.")]


class SharedVolume(_Volume):
    """Storage with an owner of its own: a Volume of the same team."""

    volume: Annotated[DnsLabel, Field(description="Name of the Volume.", examples=["data-sets"])]


class BucketVolume(_Volume):
    """A bucket of an object store, as files (Cloud Storage FUSE)."""

    bucket: Annotated[
        str,
        Text(
            "bucket",
            r"gs://[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9](?:/[A-Za-z0-9][-A-Za-z0-9_.]*)*",
            "a bucket, and a folder in it if not the whole, such as gs://models/llama",
            1024,
            "gs://models/llama",
        ),
        Field(description="The bucket, and a folder in it if not the whole."),
    ]


class ImageVolume(_Volume):
    """The files of an image, read-only."""

    image: Annotated[Image, Field(description="The image.")]


class SecretVolume(_Volume):
    """The keys of an existing Secret as files."""

    secret: Annotated[ObjectName, Field(description="Name of the Secret.")]


class ConfigVolume(_Volume):
    """The keys of an existing ConfigMap as files."""

    config: Annotated[ObjectName, Field(description="Name of the ConfigMap.", examples=["settings"])]


class DriverVolume(_Volume):
    """A volume of a CSI driver, as a cache class binds it: no spec can write it."""

    driver: str
    attributes: Mapping[str, str]


Volume: TypeAlias = Annotated[
    NewVolume
    | ClaimVolume
    | SharedVolume
    | BucketVolume
    | ImageVolume
    | ScratchVolume
    | SecretVolume
    | ConfigVolume
    | DriverVolume,
    Forms(
        keys={
            "size": NewVolume,
            "claim": ClaimVolume,
            "volume": SharedVolume,
            "bucket": BucketVolume,
            "image": ImageVolume,
            "scratch": ScratchVolume,
            "secret": SecretVolume,
            "config": ConfigVolume,
        }
    ),
]
