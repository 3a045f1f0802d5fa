"""CacheClass: how models and data are fetched, and where they are kept once they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model, exclusive, lacking, never_both
from yardarm_schema.container import Resources
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, PlatformMetadata
from yardarm_schema.model_source import FetchedScheme
from yardarm_schema.names import EnvName, ObjectName
from yardarm_schema.network import Target

Keeps: TypeAlias = Literal["shared", "node", "none"]
"""Who finds what was fetched once: all pods of a workload, all pods on a node, or nobody but the pod itself."""

_MEMORY: dict[str, JsonValue] = {"allOf": [{"properties": {"resources": {"required": ["memory"]}}}]}


class Fetcher(Model):
    """A program that fetches from one kind of place into an empty directory."""

    model_config = ConfigDict(json_schema_extra=_MEMORY)

    image: Annotated[
        Image, Field(description="Image; it has /bin/sh, sha256sum, and the program that fetches.")
    ]
    run: Annotated[
        str,
        Field(
            min_length=1,
            description="A shell script (/bin/sh -ec) that fills the directory $YARDARM_TARGET. It is told YARDARM_URI, and "
            "of it YARDARM_LOCATION (without scheme and revision), YARDARM_REVISION and YARDARM_FILE (its last part).",
        ),
    ]
    env: Annotated[Mapping[EnvName, str], Field(description="Environment variables.")] = Field(
        default_factory=dict
    )
    credentials: Annotated[
        tuple[EnvName, ...],
        Field(
            description="Variables that it logs in with: keys of the Secret that model.credentials names; without one, "
            "what the spec has under that name in secrets or env."
        ),
    ] = ()
    egress: Annotated[
        tuple[Target, ...],
        Field(description="Where it connects to, if not to the host that the address means."),
    ] = ()
    resources: Annotated[
        Resources, Field(description="CPU, memory and disk. Memory must be said: nobody can guess it.")
    ]
    run_as_user: Annotated[
        Maybe[int], Field(ge=1, description="User, if not that of the pods that read the files.")
    ] = None

    @field_validator("resources")
    @classmethod
    def _bounded(cls, resources: Resources) -> Resources:
        lacking(memory=resources.memory)
        return resources


class CacheClass(Model):
    """How models and data are fetched, and where they are kept once they are."""

    keeps: Annotated[
        Keeps,
        Field(
            description="shared: a claim for all pods of a workload, which a Job fills before they start. node: a directory "
            "of each node, which its first pod fills. none: space of each pod, which it fills before it starts."
        ),
    ]
    size: Annotated[
        units.Bytes, Field(description="Room for each thing that is fetched, where the spec does not say it.")
    ]
    fetchers: Annotated[
        Mapping[FetchedScheme, Fetcher],
        Field(min_length=1, description="Who fetches, by the scheme of the address, such as hf and s3."),
    ]


class CacheBinding(Model):
    """Where an environment keeps what a CacheClass fetches."""

    model_config = ConfigDict(json_schema_extra=never_both(("class", "driver"), ("class", "attributes")))

    storage_class: Annotated[
        Maybe[ObjectName],
        Field(
            alias="class",
            description="What keeps shared: StorageClass of volumes that many nodes mount; without it the cluster's default.",
        ),
    ] = None
    driver: Annotated[
        Maybe[ObjectName],
        Field(
            description="What keeps on nodes: the CSI driver that gives a node's pods one directory of it."
        ),
    ] = None
    attributes: Annotated[
        Maybe[Mapping[str, str]], Field(description="What the driver is told of the volume.")
    ] = None
    env: Annotated[
        Mapping[EnvName, str],
        Field(description="Variables of fetchers that are other here, such as AWS_ENDPOINT_URL."),
    ] = Field(default_factory=dict)
    egress: Annotated[
        tuple[Target, ...],
        Field(description="Where fetchers connect to here, in place of what the class says."),
    ] = ()

    @model_validator(mode="after")
    def _one_place(self) -> CacheBinding:
        exclusive(**{"class": self.storage_class, "driver": self.driver})
        exclusive(**{"class": self.storage_class, "attributes": self.attributes})
        return self


class CacheClassDocument(Model):
    """How models and data are fetched, and where they are kept once they are."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["CacheClass"], Field(description="Kind of the spec.")]
    metadata: Annotated[
        PlatformMetadata, Field(description="Its name, which models ask for: shared, node, none or another.")
    ]
    spec: Annotated[CacheClass, Field(description="What it is.")]
