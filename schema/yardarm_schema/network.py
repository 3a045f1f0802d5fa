"""Who may reach a workload, and whom it may reach."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.names import DnsLabel
from yardarm_schema.places import Cidr, Host, Port


class WorkloadPeer(Model):
    """Another workload in the same environment, of the same team unless said otherwise."""

    workload: Annotated[DnsLabel, Field(description="Name of the workload.", examples=["qdrant"])]
    team: Annotated[Maybe[DnsLabel], Field(description="Its team, if not this one.", examples=["search"])] = (
        None
    )


class NamespacePeer(Model):
    """All pods of a namespace."""

    namespace: Annotated[DnsLabel, Field(description="Name of the namespace.", examples=["streaming"])]


class CidrTarget(Model):
    """Addresses outside the cluster."""

    cidr: Annotated[Cidr, Field(description="Network, such as 10.0.0.0/8.")]
    ports: Annotated[tuple[Port, ...], Field(description="TCP ports; all where there are none.")] = ()


class HostTarget(Model):
    """A host outside the cluster, by its name."""

    host: Annotated[Host, Field(description="Host name, such as api.example.com or *.example.com.")]
    ports: Annotated[tuple[Port, ...], Field(min_length=1, description="TCP ports; by default 443.")] = (443,)


class WorkloadTarget(WorkloadPeer):
    """Another workload, with the ports to reach."""

    ports: Annotated[tuple[Port, ...], Field(description="TCP ports; all where there are none.")] = ()


class NamespaceTarget(NamespacePeer):
    """All pods of a namespace, for what no spec describes: a store or a broker that somebody else installed."""

    ports: Annotated[tuple[Port, ...], Field(description="TCP ports; all where there are none.")] = ()


Peer: TypeAlias = Annotated[
    WorkloadPeer | NamespacePeer, Forms(keys={"workload": WorkloadPeer, "namespace": NamespacePeer})
]
Target: TypeAlias = Annotated[
    CidrTarget | HostTarget | WorkloadTarget | NamespaceTarget,
    Forms(
        keys={
            "cidr": CidrTarget,
            "host": HostTarget,
            "workload": WorkloadTarget,
            "namespace": NamespaceTarget,
        }
    ),
]


class Ways(Model):
    """Who may reach the workload, and whom it may reach. What is not listed is denied."""

    ingress: Annotated[tuple[Peer, ...], Field(description="Who may connect to its ports.")] = ()
    egress: Annotated[tuple[Target, ...], Field(description="Where it may connect to, besides DNS.")] = ()


class Network(Ways):
    """Who may reach the workload, whom it may reach, and on what network its nodes meet."""

    fabric: Annotated[
        Maybe[DnsLabel],
        Field(
            description="A fast network between nodes: a key of the environment's fabrics.", examples=["rdma"]
        ),
    ] = None
