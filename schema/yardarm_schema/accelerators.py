"""Accelerators: what a spec asks for, what a class is anywhere, and what it is called in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.metadata import ApiVersion, PlatformMetadata


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
