"""What all workload kinds share: identity, the pod, and where it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, exclusive, never_both, shared

API_VERSION = "yardarm.dev/v1alpha1"
ApiVersion: TypeAlias = Literal["yardarm.dev/v1alpha1"]


class Metadata(Model):
    """Who a workload is."""

    name: Annotated[units.DnsLabel, Field(description="Name of the workload, unique in its team.")]
    team: Annotated[units.DnsLabel, Field(description="The team that owns it and whose budget it uses.")]
    labels: Annotated[
        Mapping[units.QualifiedName, units.LabelValue],
        Field(description="Labels for every object of the workload."),
    ] = Field(default_factory=dict)
    annotations: Annotated[
        Mapping[units.QualifiedName, str], Field(description="Annotations for every object of the workload.")
    ] = Field(default_factory=dict)


# Environment variables and files -------------------------------------------------------------------


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

# Volumes -------------------------------------------------------------------------------------------


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

# Resources and accelerators ------------------------------------------------------------------------


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


class AcceleratorRequest(Model):
    """Devices for each pod: a class that the environment binds, and how many."""

    class_name: Annotated[units.DnsLabel, Field(alias="class", description="Name of an AcceleratorClass.")]
    count: Annotated[int, Field(ge=1, le=9999, description="Devices for each pod.")] = 1


def _split(text: str) -> AcceleratorRequest:
    name, _, count = text.partition(":")
    return AcceleratorRequest(class_name=name, count=int(count or 1))


_SHORT_ACCELERATOR = units.Text(
    "accelerator",
    r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?(?::[1-9][0-9]{0,3})?",
    'a class, or a class and a count, such as "h100-80gb:2"',
    68,
    "h100-80gb:2",
    _split,
)
Accelerator: TypeAlias = Annotated[
    AcceleratorRequest, Forms(text=Annotated[str, _SHORT_ACCELERATOR], whole=AcceleratorRequest)
]

# Health, ports, network ----------------------------------------------------------------------------

PortRef: TypeAlias = Annotated[int | str, Forms(text=units.PortName, number=units.Port)]
Argv: TypeAlias = Annotated[tuple[str, ...], Field(min_length=1)]


class _Health(Model):
    port: Annotated[
        Maybe[PortRef],
        Field(description="Name or number of the port that answers; by default http, grpc or the only one."),
    ] = None


class HttpHealth(_Health):
    """An HTTP GET that answers 2xx or 3xx when the workload is ready."""

    path: Annotated[units.UrlPath, Field(description="Path to ask, such as /health.")]
    live: Annotated[
        Maybe[units.UrlPath],
        Field(description="Path that tells a hung process from a busy one; by default the same."),
    ] = None


class GrpcHealth(_Health):
    """The gRPC health protocol."""

    grpc: Annotated[
        str | Literal[True],
        Forms(text=str, truth=True),
        Field(description="true for the server as a whole, or the name of the service to ask for."),
    ]


class TcpHealth(_Health):
    """A port that accepts connections."""

    tcp: Annotated[Literal[True], Field(description="true: ready when the port accepts connections.")]


class ExecHealth(Model):
    """A command in the container that exits with 0."""

    exec: Annotated[Argv, Field(description="The command and its arguments, without a shell.")]
    live: Annotated[
        Maybe[Argv],
        Field(description="Command that tells a hung process from a busy one; by default the same."),
    ] = None


Health: TypeAlias = Annotated[
    HttpHealth | GrpcHealth | TcpHealth | ExecHealth,
    Forms(keys={"path": HttpHealth, "grpc": GrpcHealth, "tcp": TcpHealth, "exec": ExecHealth}),
]


class NamedPort(Model):
    """A port with its protocol."""

    port: Annotated[units.Port, Field(description="Port number in the container and on the Service.")]
    protocol: Annotated[Literal["TCP", "UDP", "SCTP"], Field(description="Transport protocol.")] = "TCP"


ContainerPort: TypeAlias = Annotated[int | NamedPort, Forms(number=units.Port, whole=NamedPort)]


class WorkloadPeer(Model):
    """Another workload in the same environment, of the same team unless said otherwise."""

    workload: Annotated[units.DnsLabel, Field(description="Name of the workload.")]
    team: Annotated[Maybe[units.DnsLabel], Field(description="Its team, if not this one.")] = None


class NamespacePeer(Model):
    """All pods of a namespace."""

    namespace: Annotated[units.DnsLabel, Field(description="Name of the namespace.")]


class CidrTarget(Model):
    """Addresses outside the cluster."""

    cidr: Annotated[units.Cidr, Field(description="Network, such as 10.0.0.0/8.")]
    ports: Annotated[tuple[units.Port, ...], Field(description="TCP ports; all where there are none.")] = ()


class WorkloadTarget(WorkloadPeer):
    """Another workload, with the ports to reach."""

    ports: Annotated[tuple[units.Port, ...], Field(description="TCP ports; all where there are none.")] = ()


Peer: TypeAlias = Annotated[
    WorkloadPeer | NamespacePeer, Forms(keys={"workload": WorkloadPeer, "namespace": NamespacePeer})
]
Target: TypeAlias = Annotated[
    CidrTarget | WorkloadTarget, Forms(keys={"cidr": CidrTarget, "workload": WorkloadTarget})
]


class Network(Model):
    """Who may reach the workload, and whom it may reach. What is not listed is denied."""

    ingress: Annotated[tuple[Peer, ...], Field(description="Who may connect to its ports.")] = ()
    egress: Annotated[tuple[Target, ...], Field(description="Where it may connect to, besides DNS.")] = ()


# Scheduling, identity, security, shutdown ----------------------------------------------------------


class Scheduling(Model):
    """Where pods run and who goes first."""

    spot: Annotated[
        Maybe[bool], Field(description="Whether nodes that may be taken away are acceptable.")
    ] = None
    spread: Annotated[
        Maybe[Literal["node", "zone"]], Field(description="Spread replicas over nodes, or over zones.")
    ] = None
    priority: Annotated[
        Maybe[units.DnsLabel], Field(description="A key of the environment's priorities.")
    ] = None


class Identity(Model):
    """The workload's ServiceAccount."""

    service_account: Annotated[
        Maybe[units.ObjectName],
        Field(description="An existing ServiceAccount; without it one is made for the workload."),
    ] = None
    annotations: Annotated[
        Mapping[units.QualifiedName, str],
        Field(description="Annotations of the ServiceAccount that is made, such as a cloud role."),
    ] = Field(default_factory=dict)


class Security(Model):
    """Within Pod Security's level "restricted"."""

    run_as_user: Annotated[
        Maybe[int], Field(ge=1, le=2**31 - 1, description="Numeric user to run as, never 0.")
    ] = None
    fs_group: Annotated[Maybe[int], Field(ge=1, le=2**31 - 1, description="Group that owns the volumes.")] = (
        None
    )
    read_only_root: Annotated[
        Maybe[bool], Field(description="Whether the root file system is read-only.")
    ] = None


class Shutdown(Model):
    """How a pod ends."""

    grace: Annotated[
        Maybe[units.Time], Field(description="Time from the request to stop until it is killed, such as 60s.")
    ] = None
    pre_stop: Annotated[
        Maybe[Annotated[units.Duration | tuple[str, ...], Forms(text=units.Time, items=Argv)]],
        Field(description="A time to wait, or a command to run, before the process is asked to stop."),
    ] = None


Reference: TypeAlias = Annotated[
    str,
    units.Text(
        "reference",
        f"[A-Z][A-Za-z]{{0,62}}/{units.LABEL}",
        "Kind/name of a workload of the same team",
        127,
        "BatchJob/index",
    ),
]


class Workload(Model):
    """Fields that every workload kind has."""

    model_config = ConfigDict(json_schema_extra=never_both(("run", "command"), ("run", "args")))

    image: Annotated[units.Image, Field(description="Image of the main container.")]
    command: Annotated[Maybe[Argv], Field(description="Replaces the image's entry point; no shell.")] = None
    args: Annotated[Maybe[tuple[str, ...]], Field(description="Replaces the image's arguments.")] = None
    run: Annotated[
        Maybe[str],
        Field(min_length=1, description="A shell script (/bin/sh -ec) to run instead of command and args."),
    ] = None
    env: Annotated[
        Mapping[units.EnvName, EnvVar],
        Field(
            description="Environment variables: a text, or a reference to a Secret, ConfigMap or field of the pod."
        ),
    ] = Field(default_factory=dict)
    files: Annotated[
        Mapping[units.AbsolutePath, File],
        Field(description="Files in the container, by their absolute path."),
    ] = Field(default_factory=dict)
    volumes: Annotated[
        Mapping[units.DnsLabel, Volume], Field(description="Storage by name, each of exactly one kind.")
    ] = Field(default_factory=dict)
    resources: Annotated[Resources, Field(description="CPU, memory and disk of the main container.")] = Field(
        default_factory=Resources
    )
    accelerator: Annotated[
        Accelerator | None, Field(description='Devices for each pod, such as "h100-80gb:2"; null for none.')
    ] = None
    health: Annotated[Maybe[Health], Field(description="How to tell that the workload is ready.")] = None
    ports: Annotated[
        Mapping[units.PortName, ContainerPort], Field(description="Ports by name, such as http: 8080.")
    ] = Field(default_factory=dict)
    scheduling: Annotated[Scheduling, Field(description="Where pods run and who goes first.")] = Field(
        default_factory=Scheduling
    )
    identity: Annotated[Identity, Field(description="The workload's ServiceAccount.")] = Field(
        default_factory=Identity
    )
    security: Annotated[Security, Field(description="User, group and file system.")] = Field(
        default_factory=Security
    )
    shutdown: Annotated[Shutdown, Field(description="How a pod ends.")] = Field(
        default_factory=shared(Shutdown)
    )
    depends_on: Annotated[
        tuple[Reference, ...],
        Field(description="Workloads of the team that must be healthy first, as Kind/name."),
    ] = ()
    image_pull_secrets: Annotated[
        tuple[units.ObjectName, ...], Field(description="Existing Secrets with registry logins.")
    ] = ()
    network: Annotated[Network, Field(description="Who may reach the workload, and whom it may reach.")] = (
        Field(default_factory=shared(Network))
    )
    environments: Annotated[
        Mapping[units.DnsLabel, Mapping[str, Any]],
        Field(
            description="Where it runs: an environment or a group, with what is different there ({} for nothing)."
        ),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_program(self) -> Workload:
        exclusive(run=self.run, command=self.command)
        exclusive(run=self.run, args=self.args)
        return self
