"""Environment and AcceleratorClass: where workloads run, and on what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model, shared
from yardarm_schema.service import Rollout, Startup
from yardarm_schema.workload import ApiVersion, Resources, Scheduling, Security, Shutdown

Capability: TypeAlias = Literal[
    "gatewayAPI",
    "envoyGateway",
    "istio",
    "inferencePool",
    "keda",
    "kueue",
    "jobset",
    "lws",
    "trainer",
    "kuberay",
    "argoWorkflows",
    "externalSecrets",
    "prometheusOperator",
    "imageVolume",
    "dra",
    "activator",
    "fqdnEgress",
]
Count: TypeAlias = Annotated[int, Field(ge=0, le=1_000_000)]


class PlatformMetadata(Model):
    """The name of a platform spec."""

    name: Annotated[units.DnsLabel, Field(description="Name, unique among specs of its kind.")]


class Defaults(Model):
    """Fields that workloads get where they say nothing."""

    resources: Annotated[
        Maybe[Resources], Field(description="CPU, memory and disk of the main container.")
    ] = None
    scheduling: Annotated[Maybe[Scheduling], Field(description="Where pods run and who goes first.")] = None
    security: Annotated[Maybe[Security], Field(description="User, group and file system.")] = None
    shutdown: Annotated[Maybe[Shutdown], Field(description="How a pod ends.")] = None
    image_pull_secrets: Annotated[
        Maybe[tuple[units.ObjectName, ...]], Field(description="Existing Secrets with registry logins.")
    ] = None
    startup: Annotated[
        Maybe[Startup], Field(description="Services: how long a pod may take until it is ready.")
    ] = None
    rollout: Annotated[Maybe[Rollout], Field(description="Services: how replicas are replaced.")] = None


class Namespaces(Model):
    """Where the workloads of a team lie."""

    pattern: Annotated[
        str,
        units.Text(
            "pattern",
            r"(?:[a-z][-a-z0-9]*)?(?:\{team\}(?:[-a-z0-9]*\{environment\})?|\{environment\}[-a-z0-9]*\{team\})(?:[-a-z0-9]*[a-z0-9])?",
            "a name with {team}, and {environment} where several environments share a cluster",
            63,
            "{team}-{environment}",
        ),
        Field(description="Name of a team's namespace; {team} and {environment} are replaced."),
    ] = "{team}-{environment}"
    manage: Annotated[
        bool,
        Field(description="Whether Yardarm makes the namespaces, with quota, limits and network policy."),
    ] = True


class PerDevice(Model):
    """Resources of the main container for each device, where the spec says nothing."""

    cpu: Annotated[Maybe[units.Cpu], Field(description="Cores for each device.")] = None
    memory: Annotated[Maybe[units.Bytes], Field(description="Memory for each device.")] = None
    shm: Annotated[
        Maybe[units.Bytes], Field(description="Size of /dev/shm for each device; part of the memory.")
    ] = None


class AcceleratorBinding(Model):
    """What an accelerator class is in one environment."""

    resource: Annotated[
        units.QualifiedName, Field(description="Resource that pods ask for, such as nvidia.com/gpu.")
    ]
    nodes: Annotated[
        Mapping[units.QualifiedName, Annotated[tuple[units.LabelValue, ...], Field(min_length=1)]],
        Field(description="Labels of the nodes that have it, each with the values that are right."),
    ] = Field(default_factory=dict)
    tolerate: Annotated[
        tuple[units.QualifiedName, ...], Field(description="Keys of the taints on these nodes.")
    ] = ()
    max_per_pod: Annotated[
        Maybe[int], Field(ge=1, le=9999, description="Most devices that one pod can get: those of a node.")
    ] = None
    per_device: Annotated[
        PerDevice, Field(description="Resources for each device, where the spec says nothing.")
    ] = Field(default_factory=shared(PerDevice))
    price_per_hour: Annotated[
        Maybe[units.Money],
        Field(description="What one device costs in an hour, in the currency of all limits."),
    ] = None
    resources: Annotated[
        Mapping[units.QualifiedName, units.Amount],
        Field(description="Further resources for the main container, such as hugepages-2Mi."),
    ] = Field(default_factory=dict)
    env: Annotated[
        Mapping[units.EnvName, str], Field(description="Environment variables for the main container.")
    ] = Field(default_factory=dict)
    annotations: Annotated[
        Mapping[units.QualifiedName, str], Field(description="Annotations for the pods.")
    ] = Field(default_factory=dict)


class Priority(Model):
    """What a priority is called in one environment."""

    pod: Annotated[units.ObjectName, Field(description="Name of a PriorityClass.")]


class EnvironmentLimits(Model):
    """The most that all workloads of an environment may hold at their peaks."""

    accelerators: Annotated[
        Mapping[units.DnsLabel, Count],
        Field(description="Devices by accelerator class; total counts all classes."),
    ] = Field(default_factory=dict)
    per_workload: Annotated[
        Mapping[units.DnsLabel, Count], Field(description="The most that a single workload may hold.")
    ] = Field(default_factory=dict)
    cost_per_hour: Annotated[Maybe[units.Money], Field(description="Money per hour, over all workloads.")] = (
        None
    )


_REGISTRY = units.Text(
    "registry",
    r"[a-zA-Z0-9](?:[-a-zA-Z0-9.]*[a-zA-Z0-9])?(?::[0-9]{1,5})?(?:/[a-z0-9](?:[-a-z0-9._]*[a-z0-9])?)*",
    "a registry or a part of one, such as registry.example.com or docker.io/vllm",
    253,
    "registry.example.com/ai",
)


class Policy(Model):
    """What specs must keep to."""

    require_digest: Annotated[bool, Field(description="Whether images must be pinned by digest.")] = False
    registries: Annotated[
        Maybe[tuple[Annotated[str, _REGISTRY], ...]],
        Field(description="Registries, or parts of them, that images may come from; without it any."),
    ] = None


class PruneGuard(Model):
    """How much may be deleted without a person who confirms it."""

    workloads: Annotated[int, Field(ge=0, le=1_000_000, description="At most so many workloads at once.")] = (
        10
    )
    percent: Annotated[
        int, Field(ge=0, le=100, description="And at most this share of them, in percent.")
    ] = 20


class Wait(Model):
    """How long a change may take until it is healthy."""

    timeout: Annotated[
        units.Time, Field(description="After this time a change that is not healthy has failed.")
    ] = units.Duration("30m")


class Sync(Model):
    """How the environment follows git."""

    mode: Annotated[
        Literal["enforce", "apply", "plan"],
        Field(
            description="enforce: apply and repair; apply: apply changes of git, report drift; plan: only report."
        ),
    ] = "enforce"
    prune: Annotated[PruneGuard, Field(description="How much may be deleted unconfirmed.")] = Field(
        default_factory=PruneGuard
    )
    confirm: Annotated[
        tuple[
            Annotated[
                str,
                units.Text(
                    "digest", "[0-9a-f]{12,64}", "a digest: 12 to 64 hexadecimal digits", 64, "3f9c1ab07d52"
                ),
            ],
            ...,
        ],
        Field(description="Digests of held sets that a person has confirmed."),
    ] = ()
    wait: Annotated[Wait, Field(description="How long a change may take until it is healthy.")] = Field(
        default_factory=Wait
    )


class Environment(Model):
    """A named target with one cluster, and what is different there."""

    cluster: Annotated[
        units.DnsLabel, Field(description="Logical name of the cluster; the operator's settings bind it.")
    ]
    groups: Annotated[
        tuple[units.DnsLabel, ...],
        Field(description="Groups that it belongs to; the later overrides the earlier."),
    ] = ()
    namespaces: Annotated[Namespaces, Field(description="Where the workloads of a team lie.")] = Field(
        default_factory=Namespaces
    )
    capabilities: Annotated[
        tuple[Capability, ...], Field(description="What the cluster has beyond Kubernetes itself.")
    ] = ()
    accelerators: Annotated[
        Mapping[units.DnsLabel, AcceleratorBinding],
        Field(description="Accelerator classes that it has, and what they are called there."),
    ] = Field(default_factory=dict)
    priorities: Annotated[
        Mapping[units.DnsLabel, Priority], Field(description="Priorities that specs may ask for.")
    ] = Field(default_factory=dict)
    defaults: Annotated[Defaults, Field(description="Fields that workloads get where they say nothing.")] = (
        Field(default_factory=shared(Defaults))
    )
    limits: Annotated[
        EnvironmentLimits, Field(description="The most that workloads may hold at their peaks.")
    ] = Field(default_factory=shared(EnvironmentLimits))
    policy: Annotated[Policy, Field(description="What specs must keep to.")] = Field(
        default_factory=shared(Policy)
    )
    sync: Annotated[Sync, Field(description="How the environment follows git.")] = Field(
        default_factory=shared(Sync)
    )


class EnvironmentDocument(Model):
    """A named target with one cluster, and what is different there."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Environment"], Field(description="Kind of the spec.")]
    metadata: Annotated[PlatformMetadata, Field(description="Its name.")]
    spec: Annotated[Environment, Field(description="What it is.")]


class AcceleratorClass(Model):
    """A kind of device, with facts that hold wherever it runs."""

    vendor: Annotated[units.DnsLabel, Field(description="Who makes it, such as nvidia.")]
    type: Annotated[Literal["gpu", "tpu", "npu", "fpga", "other"], Field(description="What it is.")]
    generation: Annotated[
        Maybe[units.Word], Field(description="The maker's name of its generation, such as hopper.")
    ] = None
    memory: Annotated[Maybe[units.Bytes], Field(description="Memory on the device, such as 80Gi.")] = None
    arch: Annotated[Maybe[Literal["amd64", "arm64"]], Field(description="CPU architecture of its nodes.")] = (
        None
    )


class AcceleratorClassDocument(Model):
    """A kind of device, with facts that hold wherever it runs."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["AcceleratorClass"], Field(description="Kind of the spec.")]
    metadata: Annotated[PlatformMetadata, Field(description="Its name, which specs ask for.")]
    spec: Annotated[AcceleratorClass, Field(description="What it is.")]
