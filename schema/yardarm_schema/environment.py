"""Environment: where workloads run, and what is different there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.accelerators import AcceleratorBinding
from yardarm_schema.accounting import Accounting, CountedKind
from yardarm_schema.base import Maybe, Model, shared
from yardarm_schema.cache_class import CacheBinding
from yardarm_schema.capabilities import Capability
from yardarm_schema.container import Resources
from yardarm_schema.endpoint_picker import EndpointPicker
from yardarm_schema.limits import EnvironmentLimits
from yardarm_schema.metadata import ApiVersion, PlatformMetadata
from yardarm_schema.names import DnsLabel, EnvName, ObjectName, QualifiedName
from yardarm_schema.places import HttpUrl
from yardarm_schema.pod import Scheduling, Shutdown
from yardarm_schema.policy import Policy
from yardarm_schema.replicated import Rollout, Startup
from yardarm_schema.route import Gateway
from yardarm_schema.security import Security, SecurityException
from yardarm_schema.sync import Sync
from yardarm_schema.text import Text


class Defaults(Model):
    """Fields that workloads get where they say nothing."""

    resources: Annotated[
        Maybe[Resources], Field(description="CPU, memory and disk of the main container.")
    ] = None
    scheduling: Annotated[Maybe[Scheduling], Field(description="Where pods run and who goes first.")] = None
    security: Annotated[Maybe[Security], Field(description="User, group and file system.")] = None
    shutdown: Annotated[Maybe[Shutdown], Field(description="How a pod ends.")] = None
    image_pull_secrets: Annotated[
        Maybe[tuple[ObjectName, ...]], Field(description="Existing Secrets with registry logins.")
    ] = None
    startup: Annotated[
        Maybe[Startup], Field(description="Services: how long a pod may take until it is ready.")
    ] = None
    rollout: Annotated[Maybe[Rollout], Field(description="Services: how replicas are replaced.")] = None


class Namespaces(Model):
    """Where the workloads of a team lie."""

    pattern: Annotated[
        str,
        Text(
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


class Priority(Model):
    """What a priority is called in one environment."""

    pod: Annotated[ObjectName, Field(description="Name of a PriorityClass.", examples=["batch"])]
    kueue: Annotated[
        Maybe[ObjectName],
        Field(description="Name of a WorkloadPriorityClass, for what waits in a queue."),
    ] = None


class Queue(Model):
    """A queue that teams may wait in."""

    cluster_queue: Annotated[
        ObjectName, Field(description="Name of the ClusterQueue whose quota it uses.", examples=["nlp"])
    ]


class Fabric(Model):
    """A fast network between nodes (RDMA, EFA), in one environment."""

    resources: Annotated[
        Mapping[QualifiedName, units.Amount],
        Field(min_length=1, description="What each pod asks for, such as rdma/roce_gdr: 1."),
    ]
    annotations: Annotated[
        Mapping[QualifiedName, str],
        Field(description="Annotations for the pods, such as their networks."),
    ] = Field(default_factory=dict)
    env: Annotated[
        Mapping[EnvName, str], Field(description="Environment variables for the main container.")
    ] = Field(default_factory=dict)
    exceptions: Annotated[
        tuple[SecurityException, ...],
        Field(
            description="Exceptions from Pod Security that it cannot do without; the policy must allow them."
        ),
    ] = ()


class Metrics(Model):
    """Where what is measured can be asked for."""

    prometheus: Annotated[HttpUrl, Field(description="Prometheus, as it is reached from within the cluster.")]


class Environment(Model):
    """A named target with one cluster, and what is different there."""

    cluster: Annotated[
        DnsLabel,
        Field(
            description="Logical name of the cluster; the operator's settings bind it.", examples=["prod-eu"]
        ),
    ]
    groups: Annotated[
        tuple[DnsLabel, ...],
        Field(description="Groups that it belongs to; the later overrides the earlier."),
    ] = ()
    namespaces: Annotated[Namespaces, Field(description="Where the workloads of a team lie.")] = Field(
        default_factory=shared(Namespaces)
    )
    capabilities: Annotated[
        tuple[Capability, ...], Field(description="What the cluster has beyond Kubernetes itself.")
    ] = ()
    gateway: Annotated[
        Maybe[Gateway],
        Field(description="What requests from outside come through, to workloads with a route."),
    ] = None
    endpoint_picker: Annotated[
        Maybe[EndpointPicker],
        Field(description="What chooses the pod for each request to a model with router: inferencePool."),
    ] = None
    metrics: Annotated[
        Maybe[Metrics], Field(description="Where what is measured can be asked for, to scale on it.")
    ] = None
    accelerators: Annotated[
        Mapping[DnsLabel, AcceleratorBinding],
        Field(description="Accelerator classes that it has, and what they are called there."),
    ] = Field(default_factory=dict)
    fabrics: Annotated[
        Mapping[DnsLabel, Fabric],
        Field(description="Fast networks between nodes that specs may ask for."),
    ] = Field(default_factory=dict)
    caches: Annotated[
        Mapping[DnsLabel, CacheBinding],
        Field(description="Cache classes that it has, and where they keep what they fetch there."),
    ] = Field(default_factory=dict)
    isolation: Annotated[
        Mapping[Literal["vm", "gvisor", "confidential"], ObjectName],
        Field(description="RuntimeClass by isolation, for pods without accelerators of their own binding."),
    ] = Field(default_factory=dict)
    local_ssd: Annotated[
        Maybe[ObjectName],
        Field(
            alias="localSSD", description="StorageClass of the nodes' own disks, for scratch space on them."
        ),
    ] = None
    priorities: Annotated[
        Mapping[DnsLabel, Priority], Field(description="Priorities that specs may ask for.")
    ] = Field(default_factory=dict)
    queues: Annotated[
        Mapping[DnsLabel, Queue],
        Field(description="Queues by name (Kueue); a team's namespace gets those that the Team names."),
    ] = Field(default_factory=dict)
    topologies: Annotated[
        Mapping[DnsLabel, QualifiedName],
        Field(description="Labels of nodes by the level that they tell, such as rack: example.com/rack."),
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
    accounting: Annotated[
        Mapping[CountedKind, Accounting],
        Field(description="How the pods of RawResources are counted whose kind Yardarm does not know."),
    ] = Field(default_factory=dict)
    sync: Annotated[Sync, Field(description="How the environment follows git.")] = Field(
        default_factory=shared(Sync)
    )


class EnvironmentDocument(Model):
    """A named target with one cluster, and what is different there."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Environment"], Field(description="Kind of the spec.")]
    metadata: Annotated[PlatformMetadata, Field(description="Its name.")]
    spec: Annotated[Environment, Field(description="What it is.")]
