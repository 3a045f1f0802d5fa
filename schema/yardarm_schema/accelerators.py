"""Accelerators: what a spec asks for, what a class is anywhere, and what it is called in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.metadata import ApiVersion, PlatformMetadata
from yardarm_schema.names import DnsLabel, EnvName, LabelValue, ObjectName, QualifiedName, Word
from yardarm_schema.security import SecurityException
from yardarm_schema.text import Text

_TOPOLOGY = Text(
    "topology", r"[1-9][0-9]{0,3}(?:x[1-9][0-9]{0,3}){1,2}", "a topology, such as 2x4 or 4x4x4", 14, "2x4"
)


class AcceleratorRequest(Model):
    """Devices for each pod: a class that the environment binds, and how many."""

    class_name: Annotated[
        DnsLabel, Field(alias="class", description="Name of an AcceleratorClass.", examples=["l4-24gb"])
    ]
    count: Annotated[int, Field(ge=1, le=9999, description="Devices for each pod.")] = 1
    topology: Annotated[
        Maybe[Annotated[str, _TOPOLOGY]],
        Field(
            description="How the devices of all nodes are wired, such as 2x4: their product is nodes times count."
        ),
    ] = None


class AcceleratorBySize(Model):
    """Devices for each pod, of the cheapest class of the environment whose memory suffices."""

    min_memory: Annotated[units.Bytes, Field(description="Least memory of each device, such as 40Gi.")]
    count: Annotated[int, Field(ge=1, le=9999, description="Devices for each pod.")] = 1


def _split(text: str) -> AcceleratorRequest:
    name, _, count = text.partition(":")
    return AcceleratorRequest(class_name=name, count=int(count or 1))


_SHORT_ACCELERATOR = Text(
    "accelerator",
    r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?(?::[1-9][0-9]{0,3})?",
    'a class, or a class and a count, such as "h100-80gb:2"',
    68,
    "h100-80gb:2",
    _split,
)
_Request: TypeAlias = Annotated[
    AcceleratorRequest, Forms(text=Annotated[str, _SHORT_ACCELERATOR], whole=AcceleratorRequest)
]
Accelerator: TypeAlias = Annotated[
    AcceleratorRequest | AcceleratorBySize | tuple[AcceleratorRequest, ...],
    Forms(
        text=Annotated[str, _SHORT_ACCELERATOR],
        items=Annotated[tuple[_Request, ...], Field(min_length=1, max_length=8)],
        keys={"class": AcceleratorRequest, "minMemory": AcceleratorBySize},
    ),
]
"""A list is in the order of preference: the first that the environment can serve is taken."""


class AcceleratorClass(Model):
    """A kind of device, with facts that hold wherever it runs."""

    vendor: Annotated[DnsLabel, Field(description="Who makes it, such as nvidia.", examples=["nvidia"])]
    type: Annotated[Literal["gpu", "tpu", "npu", "fpga", "other"], Field(description="What it is.")]
    generation: Annotated[
        Maybe[Word],
        Field(description="The maker's name of its generation, such as hopper.", examples=["hopper"]),
    ] = None
    memory: Annotated[Maybe[units.Bytes], Field(description="Memory on the device, such as 80Gi.")] = None
    arch: Annotated[Maybe[Literal["amd64", "arm64"]], Field(description="CPU architecture of its nodes.")] = (
        None
    )
    partition_of: Annotated[
        Maybe[DnsLabel],
        Field(
            description="The class of the whole device, where this is a part of one.", examples=["h100-80gb"]
        ),
    ] = None
    fraction: Annotated[
        Maybe[str],
        Text("fraction", r"[1-9][0-9]?/[1-9][0-9]?", "a fraction of the device, such as 1/7", 5, "1/7"),
        Field(description="Which share of the device a part is, such as 1/7."),
    ] = None

    @model_validator(mode="after")
    def _parts_of_something(self) -> AcceleratorClass:
        if (self.partition_of is None) != (self.fraction is None):
            raise PydanticCustomError(
                "partition", "partitionOf and fraction go together: a part of what, and how much"
            )
        return self


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


class VirtualMachine(Model):
    """Devices that are handed to a virtual machine as a whole."""

    resource: Annotated[
        QualifiedName,
        Field(description="Resource of such devices, as nvidia.com/pgpu.", examples=["nvidia.com/pgpu"]),
    ]
    runtime_class: Annotated[
        ObjectName, Field(description="RuntimeClass that starts the machine.", examples=["kata"])
    ]


class DeviceClaim(Model):
    """How a class is asked for by dynamic resource allocation.

    https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
    """

    device_class: Annotated[ObjectName, Field(description="Name of the DeviceClass, as gpu.nvidia.com.")]
    selectors: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=10_240)], ...],
        Field(description="CEL expressions that a device must satisfy."),
    ] = ()


class AcceleratorBinding(Model):
    """What an accelerator class is in one environment."""

    resource: Annotated[
        QualifiedName,
        Field(description="Resource that pods ask for, such as nvidia.com/gpu.", examples=["nvidia.com/gpu"]),
    ]
    nodes: Annotated[
        Mapping[QualifiedName, Annotated[tuple[LabelValue, ...], Field(min_length=1)]],
        Field(description="Labels of the nodes that have it, each with the values that are right."),
    ] = Field(default_factory=dict)
    tolerate: Annotated[
        tuple[QualifiedName, ...], Field(description="Keys of the taints on these nodes.")
    ] = ()
    max_per_pod: Annotated[
        Maybe[int], Field(ge=1, le=9999, description="Most devices that one pod can get: those of a node.")
    ] = None
    max_nodes: Annotated[
        Maybe[int],
        Field(
            ge=1, le=100_000, description="Most nodes that have it: what replicas: perNode is counted with."
        ),
    ] = None
    per_device: Annotated[
        PerDevice, Field(description="Resources for each device, where the spec says nothing.")
    ] = Field(default_factory=shared(PerDevice))
    price_per_hour: Annotated[
        Maybe[units.Money],
        Field(description="What one device costs in an hour, in the currency of all limits."),
    ] = None
    resources: Annotated[
        Mapping[QualifiedName, units.Amount],
        Field(description="Further resources for the main container, such as hugepages-2Mi."),
    ] = Field(default_factory=dict)
    env: Annotated[
        Mapping[EnvName, str], Field(description="Environment variables for the main container.")
    ] = Field(default_factory=dict)
    annotations: Annotated[Mapping[QualifiedName, str], Field(description="Annotations for the pods.")] = (
        Field(default_factory=dict)
    )
    sharing: Annotated[
        Maybe[Literal["time-slice", "mps"]],
        Field(
            description="Several pods share one device: each may ask for one only, more give nothing more."
        ),
    ] = None
    topology: Annotated[
        Maybe[QualifiedName],
        Field(
            description="Label of the nodes that says how their devices are wired; specs then name a topology."
        ),
    ] = None
    supplemental_groups: Annotated[
        tuple[Annotated[int, Field(ge=1, le=2**31 - 1)], ...],
        Field(description="Groups that own the device files on the nodes, such as that of render."),
    ] = ()
    exceptions: Annotated[
        tuple[SecurityException, ...],
        Field(
            description="Exceptions from Pod Security that the device cannot do without; the policy must allow them."
        ),
    ] = ()
    vm: Annotated[
        Maybe[VirtualMachine], Field(description="What the class is called for pods with isolation: vm.")
    ] = None
    confidential: Annotated[
        Maybe[VirtualMachine],
        Field(description="What the class is called for pods with isolation: confidential."),
    ] = None
    dra: Annotated[
        Maybe[DeviceClaim],
        Field(
            description="Ask for devices by claims (dynamic resource allocation) instead of by the resource."
        ),
    ] = None
