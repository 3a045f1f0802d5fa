"""What a container is given: variables, files, memory and CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.names import LABEL, DataKey, ObjectName
from yardarm_schema.places import RepoPath, UrlPath
from yardarm_schema.ports import PortRef
from yardarm_schema.text import Text

Argv: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]


class SecretKey(Model):
    """A value from an existing Secret in the workload's namespace."""

    secret: Annotated[ObjectName, Field(description="Name of the Secret.")]
    key: Annotated[DataKey, Field(description="Key in the Secret.")]


class ConfigKey(Model):
    """A value from an existing ConfigMap in the workload's namespace."""

    config: Annotated[ObjectName, Field(description="Name of the ConfigMap.", examples=["settings"])]
    key: Annotated[DataKey, Field(description="Key in the ConfigMap.")]


_FIELD = Text(
    "field",
    r"metadata\.(?:name|namespace|uid|(?:labels|annotations)\['[^'\]]{1,317}'\])"
    r"|spec\.(?:nodeName|serviceAccountName)|status\.(?:hostIPs?|podIPs?)",
    "a field of the pod that Kubernetes hands down, such as status.podIP",
    350,
    "status.podIP",
)


class PodField(Model):
    """A value that the pod knows of itself (downward API)."""

    field: Annotated[
        str, _FIELD, Field(description="The pod's field, such as status.podIP or metadata.name.")
    ]


_SERVICE = Text(
    "reference",
    f"(?:{LABEL}/)?{LABEL}",
    "the name of a workload, or team/name of another team's",
    127,
    "search/qdrant",
)


class ServiceAddress(Model):
    """The address of another workload in the same environment, such as http://qdrant.search-production.svc:6333.

    It opens the way there, and nothing else: what must be healthy first is said by dependsOn.
    """

    service: Annotated[
        str, _SERVICE, Field(description="Name of the workload, as team/name if not of this team.")
    ]
    port: Annotated[
        Maybe[PortRef],
        Field(description="Name or number of its port; by default http, grpc or the only one."),
    ] = None
    path: Annotated[
        UrlPath, Field(description="What follows host and port, such as /v1.", examples=["/v1"])
    ] = ""
    scheme: Annotated[
        Literal["http", "https", "grpc", "none"],
        Field(description="What comes before the host; none for host:port alone."),
    ] = "http"


EnvVar: TypeAlias = Annotated[
    str | SecretKey | ConfigKey | PodField | ServiceAddress,
    Forms(
        text=str,
        keys={"secret": SecretKey, "config": ConfigKey, "field": PodField, "service": ServiceAddress},
    ),
]


class StoreKey(Model):
    """A value from the team's secret store: it comes into a Secret of the workload's own (External Secrets)."""

    key: Annotated[
        str,
        Field(min_length=1, max_length=1024, description="Path of the secret in the store, such as nlp/hf."),
    ]
    property: Annotated[
        Maybe[str],
        Field(min_length=1, max_length=1024, description="One property of it, where it has several."),
    ] = None


Secret: TypeAlias = Annotated[StoreKey | SecretKey, Forms(keys={"secret": SecretKey}, whole=StoreKey)]


class InlineFile(Model):
    """A file that is written in the spec."""

    content: Annotated[str, Field(description="The file's text.")]


class RepositoryFile(Model):
    """A file of this repository, of the same commit."""

    path: Annotated[RepoPath, Field(description="Path from the repository's root.")]


File: TypeAlias = Annotated[
    InlineFile | RepositoryFile, Forms(keys={"content": InlineFile, "path": RepositoryFile})
]


class Resources(Model):
    """What the main container gets. Memory is both request and limit; CPU is a request."""

    cpu: Annotated[Maybe[units.Cpu], Field(description="Cores to reserve.")] = None
    memory: Annotated[
        Maybe[units.Bytes], Field(description="Memory to reserve, and the most it may use.")
    ] = None
    shm: Annotated[Maybe[units.Bytes], Field(description="Size of /dev/shm; part of the memory.")] = None
    ephemeral: Annotated[
        Maybe[units.Bytes], Field(description="Local disk to reserve, and the most it may use.")
    ] = None
    cpu_limit: Annotated[
        Maybe[units.Cpu], Field(description="Throttle above this many cores; without it there is no limit.")
    ] = None
    hugepages: Annotated[
        Mapping[Literal["2Mi", "1Gi"], units.Bytes],
        Field(description="Huge pages by their size, such as 2Mi: 1Gi; besides the memory."),
    ] = Field(default_factory=dict)
