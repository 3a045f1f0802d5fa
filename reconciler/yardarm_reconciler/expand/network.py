"""Who may reach a workload and whom it may reach; nothing else gets through, for the team's namespace denies it.

https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from yardarm_reconciler.expand import addresses, monitoring, routes
from yardarm_reconciler.expand.addresses import NAMESPACE_NAME
from yardarm_reconciler.expand.capabilities import has
from yardarm_reconciler.expand.container import ports
from yardarm_reconciler.expand.labels import metadata, pods_of, selector
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, manifest
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.workload import Address, Resolved
from yardarm_schema.network import (
    CidrTarget,
    HostTarget,
    NamespacePeer,
    NamespaceTarget,
    Target,
    WorkloadPeer,
    WorkloadTarget,
)
from yardarm_schema.raw_resources import RawResources
from yardarm_schema.replicated import Replicated
from yardarm_schema.route import Gateway
from yardarm_schema.served import Served
from yardarm_schema.workload import Program

LOCAL_DNS = "169.254.20.10/32"
"""Where NodeLocal DNSCache listens: https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/"""

EVERYWHERE: tuple[Object, ...] = (
    {
        "cidr": "0.0.0.0/0",
        "except": ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
    },
    {"cidr": "::/0", "except": ["fc00::/7", "fe80::/10"]},
)
"""Any host outside: a NetworkPolicy knows no names. Not private networks, where the cluster and its nodes are."""

DNS: Object = {
    "to": [
        {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: "kube-system"}}},
        {"ipBlock": {"cidr": LOCAL_DNS}},
    ],
    "ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
}


def network_policy(
    workload: Resolved[Any],
    *,
    together: bool = False,
    besides: tuple[Object, ...] = (),
    outward: tuple[Object, ...] = (),
) -> Manifest:
    """Names can be resolved; the team's pods and those that the spec lists may connect to the ports.

    Pods that work ``together`` on one thing reach one another on any port: which ones is decided as they meet.
    ``besides`` are further rules of who may reach them, ``outward`` of whom they may reach.
    """
    programs = workload.programs()
    sources = [rule for each in programs for rule in addresses.rules(each)]
    targets = [_answering(address) for each in programs for _, address in sorted_addresses(each)]
    targets += [
        _target(workload, target)
        for each in programs
        for target in (*each.spec.network.egress, *addresses.hosts(each))
        if not (isinstance(target, HostTarget) and has(workload, "fqdnEgress"))
    ]
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": selector(workload)},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [DNS, *_distinct([*_peers(programs), *sources, *targets, *outward])],
    }
    own: Object = {"podSelector": {"matchLabels": selector(workload)}}
    ingress: list[Object] = [*besides]
    if together:
        spec["egress"].append({"to": [own]})
        ingress.insert(0, {"from": [own]})
    opened = [port for each in programs for port in _opened(each)]
    if opened:
        team: Object = {"podSelector": {}}
        peers = [_peer(workload, peer) for each in programs for peer in each.spec.network.ingress]
        ingress.append({"from": [team, *_distinct(peers)], "ports": _distinct(opened)})
        ingress += [*_routed(workload), *_scraped(workload)]
    if ingress:
        spec["ingress"] = ingress
    return _policy(workload, spec)


def raw_policy(workload: Resolved[RawResources], ports_: Iterable[Object]) -> Manifest:
    """Pods of raw manifests reach one another, names, and what the spec lists; the team and its peers reach their ports.

    Where no port is written, those that the spec lists may connect to any.
    """
    asked = workload.spec.network
    own: Object = {"podSelector": {"matchLabels": selector(workload)}}
    targets = [
        _target(workload, target)
        for target in asked.egress
        if not (isinstance(target, HostTarget) and has(workload, "fqdnEgress"))
    ]
    peers, opened = [_peer(workload, peer) for peer in asked.ingress], _distinct(ports_)
    ingress: list[Object] = [{"from": [own]}]
    if opened:
        ingress.append({"from": [{"podSelector": {}}, *peers], "ports": opened})
    elif peers:
        ingress.append({"from": peers})
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": selector(workload)},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [DNS, *_distinct(targets), {"to": [own]}],
        "ingress": ingress,
    }
    return _policy(workload, spec)


def _policy(workload: Resolved[Any], spec: Object) -> Manifest:
    body = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(workload, workload.name),
    }
    return manifest({**body, "spec": spec}, workload.origin("spec.network"))


def _opened(program: Resolved[Program]) -> list[Object]:
    """The ports of a program."""
    return [{"port": port.port, "protocol": port.protocol} for _, port in sorted(ports(program.spec).items())]


def _peers(programs: Iterable[Resolved[Program]]) -> Iterator[Object]:
    """Replicas with names talk to one another."""
    for each in programs:
        if isinstance(each.spec, Replicated) and each.spec.stateful and each.spec.ports:
            peers = {"podSelector": {"matchLabels": selector(each)}}
            yield {"to": [peers], "ports": _opened(each)}


def _routed(workload: Resolved[Any]) -> list[Object]:
    """The way in for the gateway, where it leads requests here."""
    gateway = workload.environment.gateway
    if gateway is None or not isinstance(workload.spec, Served) or workload.spec.route is None:
        return []
    found = (routes.routed(each.spec) for each in workload.programs())
    return [from_gateway(gateway, *dict.fromkeys(port.port for _, port in filter(None, found)))]


def from_gateway(gateway: Gateway, *numbers: int) -> Object:
    """The way in for what passes requests on, at these ports."""
    peer = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: gateway.proxies or gateway.namespace}}}
    return {"from": [peer], "ports": [{"port": number, "protocol": "TCP"} for number in numbers]}


def _scraped(workload: Resolved[Any]) -> list[Object]:
    """The way in for who reads the metrics, where it is known from which namespace that comes."""
    namespace = monitoring.scraped_from(workload.environment)
    names = {number: None for each in workload.programs() for number in monitoring.scraped(each)}
    if namespace is None or not names:
        return []
    peer = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: namespace}}}
    return [{"from": [peer], "ports": [{"port": number, "protocol": "TCP"} for number in names]}]


def _distinct(rules: Iterable[Object]) -> list[Object]:
    """Each rule once, in the order of their first mention: parts mostly say the same."""
    return list({canonical(rule): rule for rule in rules}.values())


def _peer(workload: Resolved[Any], peer: WorkloadPeer | NamespacePeer) -> Object:
    if isinstance(peer, NamespacePeer):
        return {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: peer.namespace}}}
    team = peer.team or workload.team
    namespace = namespace_name(workload.environment, workload.environment_name, team)
    return {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: namespace}},
        "podSelector": {"matchLabels": pods_of(team, peer.workload)},
    }


def sorted_addresses(program: Resolved[Any]) -> list[tuple[str, Address]]:
    """The workloads that a program refers to, in an order that does not depend on how they are written."""
    return sorted((f"{each.team}/{each.workload}:{each.port}", each) for each in program.addresses.values())


def _answering(address: Address) -> Object:
    """The way to a workload that is referred to."""
    to = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: address.namespace}},
        "podSelector": {"matchLabels": pods_of(address.team, address.workload)},
    }
    return {"to": [to], "ports": [{"port": address.port, "protocol": "TCP"}]}


def _target(workload: Resolved[Any], target: Target) -> Object:
    match target:
        case CidrTarget():
            to: list[Object] = [{"ipBlock": {"cidr": target.cidr}}]
        case HostTarget():
            to = [{"ipBlock": dict(block)} for block in EVERYWHERE]
        case WorkloadTarget() | NamespaceTarget():
            to = [_peer(workload, target)]
    rule: dict[str, Any] = {"to": to}
    if target.ports:
        rule["ports"] = [{"port": port, "protocol": "TCP"} for port in target.ports]
    return rule
