"""Ways to hosts outside the cluster by their names, which a NetworkPolicy cannot say.

Where the environment has fqdnEgress they are a CiliumNetworkPolicy, which opens just these names; elsewhere the
NetworkPolicy opens every host outside on these ports, and that is said.
https://docs.cilium.io/en/stable/security/policy/language/#dns-based
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import addresses
from yardarm_reconciler.expand.capabilities import has
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic, Severity
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.network import HostTarget
from yardarm_schema.raw_resources import RawResources

WIDE = Code(
    "security/wide-egress",
    title="A host name opens every host outside the cluster",
    why="A NetworkPolicy knows addresses, no names; only with fqdnEgress can the way be held to the host.",
    bad="network: {egress: [{host: api.example.com}]} in an environment without fqdnEgress",
    good="network: {egress: [{cidr: 203.0.113.0/24, ports: [443]}]}",
    severity=Severity.WARNING,
)
REFUSED = Code(
    "policy/wide-egress",
    title="This environment opens no way to every host outside",
    why="Environment.policy.requireFqdnEgress demands that host names open just these hosts, which needs fqdnEgress.",
    bad="network: {egress: [{host: api.example.com}]} in an environment without fqdnEgress",
    good="network: {egress: [{cidr: 203.0.113.0/24, ports: [443]}]}",
)

RESOLVER: Object = {
    "toEndpoints": [
        {"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system", "k8s:k8s-app": "kube-dns"}}
    ],
    "toPorts": [
        {
            "ports": [{"port": "53", "protocol": "ANY"}],
            "rules": {"dns": [{"matchPattern": "*"}]},
        }
    ],
}
"""Cilium learns the addresses of names from the answers that pass its proxy; so the question must be allowed there."""


def _hosts(workload: Resolved[Any]) -> Iterator[tuple[str, HostTarget]]:
    """Every host target, with the field that asks for it: one that is listed, or a source outside."""
    asking = (workload,) if isinstance(workload.spec, RawResources) else workload.programs()
    for program in asking:
        for index, target in enumerate(program.spec.network.egress):
            if isinstance(target, HostTarget):
                yield f"spec.network.egress[{index}].host", target
        for target in addresses.hosts(program):
            yield "spec.source", target


def check(program: Resolved[Any]) -> Iterator[Diagnostic]:
    """Say where a host name opens more than the host."""
    for field, target in _hosts(program):
        yield from opened(program, target, field, "give its addresses as cidr")


def opened(program: Resolved[Any], target: HostTarget, field: str, fix: str) -> Iterator[Diagnostic]:
    """Say that a field opens more than the host that it means, where names cannot be held to."""
    if not has(program, "fqdnEgress"):
        code = REFUSED if program.environment.policy.require_fqdn_egress else WIDE
        message = f"{target.host} opens every host outside on {', '.join(map(str, target.ports))}"
        yield code.at(program.origin(field), message, fix=fix, field=field)


def policies(workload: Resolved[Any]) -> Iterator[Manifest]:
    """The policy that opens the names."""
    targets = {(each.host, each.ports): each for _, each in _hosts(workload)}
    if not targets or not has(workload, "fqdnEgress"):
        return
    body = {
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": metadata(workload, workload.name),
        "spec": {
            "endpointSelector": {"matchLabels": selector(workload)},
            "egress": [RESOLVER, *(_rule(each) for _, each in sorted(targets.items()))],
        },
    }
    yield manifest(body, workload.origin("spec.network.egress"))


def _rule(target: HostTarget) -> Object:
    name = {"matchPattern" if target.host.startswith("*") else "matchName": target.host}
    ports = [{"port": str(port), "protocol": "TCP"} for port in target.ports]
    return {"toFQDNs": [name], "toPorts": [{"ports": ports}]}
