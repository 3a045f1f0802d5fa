"""Containers beside the main one: sidecars, which run as long as it does, and those that prepare for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema.base import Forms, Maybe, Model, exclusive, never_both
from yardarm_schema.container import Argv, EnvVar, Resources, Secret
from yardarm_schema.health import Health
from yardarm_schema.images import Image
from yardarm_schema.names import DnsLabel, EnvName, PortName
from yardarm_schema.places import AbsolutePath, RepoPath
from yardarm_schema.ports import ContainerPort


class MountPath(Model):
    """Where and how a volume of the workload is mounted."""

    path: Annotated[AbsolutePath, Field(description="Where it is mounted in the container.")]
    read_only: Annotated[bool, Field(description="Mount it read-only.")] = False
    sub_path: Annotated[Maybe[RepoPath], Field(description="Mount only this path of the volume.")] = None


Mount: TypeAlias = Annotated[str | MountPath, Forms(text=AbsolutePath, whole=MountPath)]


class InitContainer(Model):
    """A container that runs to its end before the main one starts; it never has accelerators."""

    model_config = ConfigDict(json_schema_extra=never_both(("run", "command"), ("run", "args")))

    image: Annotated[Maybe[Image], Field(description="Image; without it that of the main container.")] = None
    command: Annotated[Maybe[Argv], Field(description="Replaces the image's entry point; no shell.")] = None
    args: Annotated[Maybe[tuple[str, ...]], Field(description="Replaces the image's arguments.")] = None
    run: Annotated[
        Maybe[str],
        Field(min_length=1, description="A shell script (/bin/sh -ec) to run instead of command and args."),
    ] = None
    env: Annotated[
        Mapping[EnvName, EnvVar],
        Field(description="Environment variables, as those of the main container."),
    ] = Field(default_factory=dict)
    secrets: Annotated[Mapping[EnvName, Secret], Field(description="Environment variables from secrets.")] = (
        Field(default_factory=dict)
    )
    resources: Annotated[
        Resources, Field(description="CPU, memory and disk. Memory must be said: nobody can guess it.")
    ]
    mounts: Annotated[
        Mapping[DnsLabel, Mount],
        Field(description="Volumes of the workload by name, each with its path in this container."),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_program(self) -> InitContainer:
        exclusive(run=self.run, command=self.command)
        exclusive(run=self.run, args=self.args)
        return self


class Sidecar(InitContainer):
    """A container that starts before the main one and runs as long as it does."""

    image: Annotated[Image, Field(description="Image.")]
    ports: Annotated[
        Mapping[PortName, ContainerPort],
        Field(description="Ports by name; none that the main container has."),
    ] = Field(default_factory=dict)
    health: Annotated[Maybe[Health], Field(description="How to tell that it is ready.")] = None
