"""Servers that a spec names, as policies can say them: pods of a namespace, one address, or a host outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand.sources import servers
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.network import CidrTarget, HostTarget
from yardarm_schema.places import HostPort
from yardarm_schema.stream_processor import StreamProcessor
from yardarm_schema.workload import Program

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label that the API server sets on every namespace."""


def rules(program: Resolved[Any]) -> Iterator[Object]:
    """The ways to what a consumer reads from, as far as its servers are in the cluster or have an address."""
    for server in _servers(program):
        peer = peer_of(server.host)
        if peer is not None:
            yield {"to": [peer], "ports": [{"port": server.port, "protocol": "TCP"}]}


def hosts(program: Resolved[Any]) -> Iterator[HostTarget]:
    """Those of its servers that have a name outside, unless the spec itself says in which networks the port is."""
    for server in _servers(program):
        if peer_of(server.host) is None and not _is_open(program.spec, server.port):
            yield HostTarget(host=server.host.lower(), ports=(server.port,))


def _servers(program: Resolved[Any]) -> tuple[HostPort, ...]:
    return servers(program.spec.source) if isinstance(program.spec, StreamProcessor) else ()


def _is_open(spec: Program, port: int) -> bool:
    networks = (target for target in spec.network.egress if isinstance(target, CidrTarget))
    return any(not target.ports or port in target.ports for target in networks)


def peer_of(host: str) -> Object | None:
    """Where a host is in the cluster, or what its address is; None where it has a name outside.

    Names of the cluster: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/. A name of two
    parts is a Service and its namespace: that is how resolvers in pods read it first.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        namespace = _namespace(host.lower().split("."))
        if namespace is None:
            return None
        if not namespace:
            return {"podSelector": {}}
        return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: namespace}}}
    return {"ipBlock": {"cidr": f"{address}/{address.max_prefixlen}"}}


def _namespace(parts: list[str]) -> str | None:
    """The namespace in a name of the cluster, empty for one's own; None where it is no such name."""
    if "svc" in parts[2:]:
        return parts[parts.index("svc", 2) - 1]
    return {1: "", 2: parts[-1]}.get(len(parts))
