"""What all workload kinds share: where it runs, and, for those that run a program, the program and its pod."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema.accelerators import Accelerator
from yardarm_schema.base import Maybe, Model, exclusive, never_both, shared
from yardarm_schema.container import Argv, EnvVar, File, Resources, Secret
from yardarm_schema.health import Health
from yardarm_schema.images import Image
from yardarm_schema.metadata import Reference
from yardarm_schema.monitoring import Monitoring
from yardarm_schema.names import DnsLabel, EnvName, ObjectName, PortName
from yardarm_schema.network import Network
from yardarm_schema.patch import Patch
from yardarm_schema.places import AbsolutePath
from yardarm_schema.pod import Identity, Scheduling, Shutdown
from yardarm_schema.ports import ContainerPort
from yardarm_schema.security import Isolation, Security
from yardarm_schema.sidecars import InitContainer, Sidecar
from yardarm_schema.volumes import Volume

WorkloadKind: TypeAlias = Literal[
    "ModelService",
    "Service",
    "StreamProcessor",
    "BatchJob",
    "ScheduledJob",
    "TrainingJob",
    "Pipeline",
    "RawResources",
    "Volume",
]


@dataclass(frozen=True, slots=True)
class Pods:
    """The most pods that run at one time; ``words`` say how that comes about: ``2 replicas + 1 surge``."""

    most: int
    words: str


@dataclass(frozen=True, slots=True)
class PartField:
    """A field of a spec that is a map of parts: each a patch on the spec, and a program of its own.

    Attributes:
        field: its name in files, such as ``roles``.
        model: by the part's ``kind`` (empty where it has none), what a part is once it is patched.
        base: the field of the spec that parts are patches on; empty for the spec itself.
        shared: where ``base`` is named, the fields of the spec that every part has besides.
        apart: fields that a part does not take over from the spec, though it has them too.
    """

    field: str
    model: Mapping[str, type[Program]]
    base: str = ""
    shared: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


class Workload(Model):
    """Fields that every workload kind has.

    ``COMPONENT`` is the value of the label app.kubernetes.io/component, ``PARTS`` are the fields that hold parts.
    """

    COMPONENT: ClassVar[str]
    PARTS: ClassVar[tuple[PartField, ...]] = ()

    depends_on: Annotated[
        tuple[Reference, ...],
        Field(description="Workloads of the team that must be healthy first, as Kind/name."),
    ] = ()
    patch: Annotated[
        Maybe[Patch], Field(description="Changes to what is rendered, for what no field says.")
    ] = None
    environments: Annotated[
        Mapping[DnsLabel, Mapping[str, Any]],
        Field(
            description="Where it runs: an environment or a group, with what is different there ({} for nothing)."
        ),
    ] = Field(default_factory=dict)

    @property
    def runs_itself(self) -> bool:
        """Whether the spec as a whole is a program in pods, beside its parts or without any."""
        return False


class Program(Workload):
    """Fields of every kind that runs a program in pods; ``COMPUTES`` where it runs to an end, once for each input."""

    model_config = ConfigDict(json_schema_extra=never_both(("run", "command"), ("run", "args")))

    COMPUTES: ClassVar[bool] = False

    image: Annotated[Maybe[Image], Field(description="Image of the main container.")] = None
    command: Annotated[Maybe[Argv], Field(description="Replaces the image's entry point; no shell.")] = None
    args: Annotated[Maybe[tuple[str, ...]], Field(description="Replaces the image's arguments.")] = None
    run: Annotated[
        Maybe[str],
        Field(min_length=1, description="A shell script (/bin/sh -ec) to run instead of command and args."),
    ] = None
    env: Annotated[
        Mapping[EnvName, EnvVar],
        Field(
            description="Environment variables: a text, or a reference to a Secret, ConfigMap or field of the pod."
        ),
    ] = Field(default_factory=dict)
    secrets: Annotated[
        Mapping[EnvName, Secret],
        Field(description="Environment variables from secrets: of the team's store, or existing ones."),
    ] = Field(default_factory=dict)
    files: Annotated[
        Mapping[AbsolutePath, File],
        Field(description="Files in the container, by their absolute path."),
    ] = Field(default_factory=dict)
    volumes: Annotated[
        Mapping[DnsLabel, Volume], Field(description="Storage by name, each of exactly one kind.")
    ] = Field(default_factory=dict)
    sidecars: Annotated[
        Mapping[DnsLabel, Sidecar],
        Field(description="Containers that run beside the main one, by name; never with accelerators."),
    ] = Field(default_factory=dict)
    init_containers: Annotated[
        Mapping[DnsLabel, InitContainer],
        Field(description="Containers that run before the main one, one after another as they are written."),
    ] = Field(default_factory=dict)
    resources: Annotated[Resources, Field(description="CPU, memory and disk of the main container.")] = Field(
        default_factory=shared(Resources)
    )
    accelerator: Annotated[
        Accelerator | None, Field(description='Devices for each pod, such as "h100-80gb:2"; null for none.')
    ] = None
    health: Annotated[Maybe[Health], Field(description="How to tell that the workload is ready.")] = None
    ports: Annotated[
        Mapping[PortName, ContainerPort], Field(description="Ports by name, such as http: 8080.")
    ] = Field(default_factory=dict)
    scheduling: Annotated[Scheduling, Field(description="Where pods run and who goes first.")] = Field(
        default_factory=shared(Scheduling)
    )
    identity: Annotated[Identity, Field(description="The workload's ServiceAccount.")] = Field(
        default_factory=shared(Identity)
    )
    security: Annotated[Security, Field(description="User, group and file system.")] = Field(
        default_factory=shared(Security)
    )
    isolation: Annotated[
        Isolation,
        Field(
            description="What separates its pods from others on the node: container, vm, gvisor, confidential."
        ),
    ] = "container"
    shutdown: Annotated[Shutdown, Field(description="How a pod ends.")] = Field(
        default_factory=shared(Shutdown)
    )
    image_pull_secrets: Annotated[
        tuple[ObjectName, ...], Field(description="Existing Secrets with registry logins.")
    ] = ()
    monitoring: Annotated[
        Maybe[Monitoring], Field(description="What is measured, and when somebody is told.")
    ] = None
    network: Annotated[Network, Field(description="Who may reach the workload, and whom it may reach.")] = (
        Field(default_factory=shared(Network))
    )

    @property
    def runs_itself(self) -> bool:
        """Whether the spec as a whole is a program in pods, beside its parts or without any."""
        return True

    def pods(self) -> Pods:
        """The most pods of this program that run at one time, in a rollout too, parts not counted."""
        return Pods(1, "1 pod")

    @model_validator(mode="after")
    def _one_program(self) -> Program:
        exclusive(run=self.run, command=self.command)
        exclusive(run=self.run, args=self.args)
        return self
