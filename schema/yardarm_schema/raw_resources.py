"""RawResources: objects as they are, under the same budgets, policy, inventory and health as everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Model, shared
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.network import Ways
from yardarm_schema.places import RepoPath
from yardarm_schema.workload import Workload


class FileManifest(Model):
    """The objects in a file of this repository, of the same commit."""

    path: Annotated[RepoPath, Field(description="Path of a YAML file, from the repository's root.")]


class InlineManifest(Model):
    """An object that is written in the spec."""

    inline: Annotated[
        Mapping[str, Any], Field(description="The object, with apiVersion, kind and metadata.name.")
    ]


ManifestSource: TypeAlias = Annotated[
    FileManifest | InlineManifest, Forms(keys={"path": FileManifest, "inline": InlineManifest})
]


class RawResources(Workload):
    """Objects that no other kind makes, or that exist already as manifests."""

    COMPONENT: ClassVar[str] = "resources"

    manifests: Annotated[
        tuple[ManifestSource, ...],
        Field(min_length=1, max_length=100, description="Where the objects are written."),
    ]
    network: Annotated[
        Ways, Field(description="Who may reach the pods of these objects, and whom they may reach.")
    ] = Field(default_factory=shared(Ways))


class RawResourcesDocument(Model):
    """Objects as they are: what no other kind makes, or what exists already as manifests."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["RawResources"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[RawResources, Field(description="What it is.")]
