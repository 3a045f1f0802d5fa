"""Runtime: how a program that serves models is started, asked and measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.arguments import ArgName, Args, ArgumentStyle, RoleArguments, ServingVar
from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.container import Argv, InlineFile, Resources
from yardarm_schema.health import Health
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, PlatformMetadata
from yardarm_schema.model_source import Scheme
from yardarm_schema.names import DnsLabel, EnvName, PortName
from yardarm_schema.places import AbsolutePath, UrlPath
from yardarm_schema.pod import Shutdown
from yardarm_schema.ports import ContainerPort
from yardarm_schema.security import Security
from yardarm_schema.spec_values import ServingValue
from yardarm_schema.text import Text

CPU = "cpu"
"""Key of the image for pods without accelerators."""

ImageKey: TypeAlias = Annotated[
    str,
    Text(
        "key",
        "[a-z](?:[-a-z0-9]*[a-z0-9])?(?:/[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?",
        "a vendor, a vendor and a generation or type, or cpu: nvidia, nvidia/hopper, intel/gpu",
        127,
        "nvidia/hopper",
    ),
]
_MetricName: TypeAlias = Annotated[
    str,
    Text(
        "metric",
        "[a-zA-Z_:][a-zA-Z0-9_:]*",
        "the name of a metric, such as vllm:num_requests_waiting",
        253,
        "vllm:num_requests_waiting",
    ),
]


class RuntimeMetrics(Model):
    """What the program tells of itself to Prometheus."""

    port: Annotated[PortName, Field(description="Name of the port that answers.")]
    path: Annotated[UrlPath, Field(description="Path of the metrics.", examples=["/metrics"])] = "/metrics"
    queue_depth: Annotated[Maybe[_MetricName], Field(description="Requests that wait.")] = None
    concurrency: Annotated[
        Maybe[_MetricName],
        Field(description="Requests that are worked on.", examples=["vllm:num_requests_running"]),
    ] = None
    kv_cache: Annotated[
        Maybe[_MetricName],
        Field(
            description="Share of the cache of keys and values in use.",
            examples=["vllm:gpu_cache_usage_perc"],
        ),
    ] = None
    request_rate: Annotated[
        Maybe[_MetricName],
        Field(description="Requests answered, a counter.", examples=["vllm:request_success_total"]),
    ] = None


class KeyedHealth(Model):
    """What health is where requests need a key, which a probe cannot have."""

    args: Annotated[tuple[ArgName, ...], Field(description="Arguments that demand a key.")] = ()
    env: Annotated[tuple[EnvName, ...], Field(description="Variables that demand a key.")] = ()
    health: Annotated[Health, Field(description="What to ask then.")]


class MultiNode(Model):
    """How a replica spans nodes: as a LeaderWorkerSet, whose pods know LWS_LEADER_ADDRESS and LWS_WORKER_INDEX."""

    args: Annotated[
        Maybe[Args], Field(description="Arguments of all its pods, where those of the spec do not say it.")
    ] = None
    leader: Annotated[RoleArguments, Field(description="What only the pod that takes requests gets.")] = (
        Field(default_factory=shared(RoleArguments))
    )
    worker: Annotated[RoleArguments, Field(description="What only the other pods get.")] = Field(
        default_factory=shared(RoleArguments)
    )


class RolePools(Model):
    """How roles that are pools of their own hand requests over: one reads prompts, the other writes answers."""

    args: Annotated[
        Maybe[Args], Field(description="Arguments of all of them, where those of the spec do not say it.")
    ] = None
    env: Annotated[Mapping[EnvName, ServingVar], Field(description="Environment variables.")] = Field(
        default_factory=dict
    )
    leader: Annotated[RoleArguments, Field(description="What only the role that takes requests gets.")] = (
        Field(default_factory=shared(RoleArguments))
    )
    worker: Annotated[RoleArguments, Field(description="What only the other roles get.")] = Field(
        default_factory=shared(RoleArguments)
    )


class Runtime(Model):
    """How a program that serves models is started, asked and measured."""

    extends: Annotated[
        Maybe[DnsLabel],
        Field(
            description="A runtime of Yardarm's catalogue, which holds where this one says nothing.",
            examples=["vllm"],
        ),
    ] = None
    images: Annotated[
        Mapping[ImageKey, Image],
        Field(
            description="Images by vendor (nvidia), more specific by generation or type (nvidia/hopper, intel/gpu); cpu without accelerators."
        ),
    ] = Field(default_factory=dict)
    command: Annotated[Maybe[Argv], Field(description="Replaces the image's entry point; no shell.")] = None
    positional: Annotated[
        tuple[Annotated[str | ServingValue, Forms(text=str, keys={"from": ServingValue})], ...],
        Field(description="What comes before the arguments that have names."),
    ] = ()
    args: Annotated[Maybe[Args], Field(description="Arguments by name; true for a bare --name.")] = None
    style: Annotated[ArgumentStyle, Field(description="How the program takes its arguments.")] = Field(
        default_factory=shared(ArgumentStyle)
    )
    env: Annotated[Mapping[EnvName, ServingVar], Field(description="Environment variables.")] = Field(
        default_factory=dict
    )
    files: Annotated[
        Mapping[AbsolutePath, InlineFile], Field(description="Files in the container, by their path.")
    ] = Field(default_factory=dict)
    ports: Annotated[
        Mapping[PortName, ContainerPort], Field(description="Ports by name, such as http: 8000.")
    ] = Field(default_factory=dict)
    health: Annotated[Maybe[Health], Field(description="How to tell that it is ready.")] = None
    model_health: Annotated[
        Maybe[UrlPath],
        Field(description="Path of the health of one model, up to its name; instead of health."),
    ] = None
    keyed: Annotated[Maybe[KeyedHealth], Field(description="What health is where requests need a key.")] = (
        None
    )
    demands_health: Annotated[
        bool, Field(description="Whether a spec must say what health is, because nobody else can.")
    ] = False
    models: Annotated[
        Literal["optional", "one", "many"],
        Field(description="Whether it serves exactly one model, or several, or may do without."),
    ] = "optional"
    fetches: Annotated[
        tuple[Scheme, ...], Field(description="Places that the program itself can fetch a model from.")
    ] = ()
    metrics: Annotated[Maybe[RuntimeMetrics], Field(description="What it tells of itself to Prometheus.")] = (
        None
    )
    resources: Annotated[
        Maybe[Resources], Field(description="CPU, memory and disk, where nobody else says it.")
    ] = None
    security: Annotated[Maybe[Security], Field(description="User, group and file system.")] = None
    shutdown: Annotated[Maybe[Shutdown], Field(description="How a pod ends.")] = None
    multi_node: Annotated[
        Maybe[MultiNode], Field(description="How a replica spans nodes; without it, it cannot.")
    ] = None
    pools: Annotated[
        Maybe[RolePools],
        Field(description="How prefill and decode are pools of their own; without it, they cannot be."),
    ] = None


class RuntimeDocument(Model):
    """How a program that serves models is started, asked and measured."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Runtime"], Field(description="Kind of the spec.")]
    metadata: Annotated[PlatformMetadata, Field(description="Its name, which model services ask for.")]
    spec: Annotated[Runtime, Field(description="What it is.")]
