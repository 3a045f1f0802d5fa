"""What a container is given: variables, files, memory and CPU."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model

Argv: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]


class SecretKey(Model):
    """A value from an existing Secret in the workload's namespace."""

    secret: Annotated[units.ObjectName, Field(description="Name of the Secret.")]
    key: Annotated[units.DataKey, Field(description="Key in the Secret.")]


class ConfigKey(Model):
    """A value from an existing ConfigMap in the workload's namespace."""

    config: Annotated[units.ObjectName, Field(description="Name of the ConfigMap.")]
    key: Annotated[units.DataKey, Field(description="Key in the ConfigMap.")]


_FIELD = units.Text(
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


EnvVar: TypeAlias = Annotated[
    str | SecretKey | ConfigKey | PodField,
    Forms(text=str, keys={"secret": SecretKey, "config": ConfigKey, "field": PodField}),
]


class InlineFile(Model):
    """A file that is written in the spec."""

    content: Annotated[str, Field(description="The file's text.")]


class RepositoryFile(Model):
    """A file of this repository, of the same commit."""

    path: Annotated[units.RepoPath, Field(description="Path from the repository's root.")]


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
