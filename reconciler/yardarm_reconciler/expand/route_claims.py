"""Which requests routes take: two that take the same ones cannot both be right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from yardarm_reconciler.model.manifest import GroupKind, Manifest, Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Workload

CONFLICT = Code(
    "route/conflict",
    title="Two workloads want the same requests",
    why="The gateway would give them to the older route, and nobody would see the other one.",
    bad="two workloads with route: {path: /qwen3} and the same host",
    good="route: {path: /qwen3} and route: {path: /qwen3-long}",
)
MIXED = Code(
    "route/mixed-host",
    title="HTTP and gRPC share a host name",
    why="A gateway takes routes of one of the two kinds for a host name, and refuses the other.",
    bad="route: {path: /a} to a port http, and route: {} to a port grpc, both of models.example.com",
    good="route: {host: grpc.example.com} to the port grpc",
)

KINDS = frozenset(
    {
        GroupKind("gateway.networking.k8s.io", "HTTPRoute"),
        GroupKind("gateway.networking.k8s.io", "GRPCRoute"),
    }
)


class Taken(NamedTuple):
    """Requests that a route takes, as it says it."""

    gateway: str
    host: str
    match: str


def conflicts(workloads: Iterable[Workload]) -> Mapping[str, tuple[Diagnostic, ...]]:
    """By id, what is wrong with routes that another workload has too. All of them are held: none is in the right."""
    routes = [(each, item) for each in workloads for item in each.manifests if item.key.group_kind in KINDS]
    same: defaultdict[Taken, list[tuple[Workload, Manifest]]] = defaultdict(list)
    hosts: defaultdict[tuple[str, str], list[tuple[Workload, Manifest]]] = defaultdict(list)
    for workload, item in routes:
        for taken in dict.fromkeys(_taken(item.body)):
            same[taken].append((workload, item))
            if (workload, item) not in hosts[taken[:2]]:
                hosts[taken[:2]].append((workload, item))
    found: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for taken, claims in same.items():
        for workload, item in claims:
            if len(claims) > 1:
                others = _others(claims, item)
                message = f"{taken.host}{taken.match} is also wanted by {others}"
                found[workload.id].append(CONFLICT.at(item.origin, message, field="spec.route"))
    for (_, host), claims in hosts.items():
        for workload, item in claims:
            mixed = [each for each in claims if each[1].key.kind != item.key.kind]
            if mixed:
                message = f"{host} is also a host of {_others(mixed, item)}"
                found[workload.id].append(MIXED.at(item.origin, message, field="spec.route"))
    return {id_: tuple(dict.fromkeys(why)) for id_, why in found.items()}


def _others(claims: Iterable[tuple[Workload, Manifest]], item: Manifest) -> str:
    return ", ".join(f"{other.id} ({where.origin})" for other, where in claims if where is not item)


def _taken(route: Object) -> Iterator[Taken]:
    """Every way in which a request can be meant for a route."""
    spec = route["spec"]
    for parent in spec.get("parentRefs", ()):
        gateway = f"{parent.get('namespace', route['metadata']['namespace'])}/{parent['name']}"
        for host in spec.get("hostnames", ("*",)):
            for rule in spec.get("rules", ()):
                for match in rule.get("matches", ({},)):
                    yield Taken(gateway, host, _words(match))


def _words(match: Object) -> str:
    """A match as a text: equal where the same requests are meant."""
    path = match.get("path", {"value": "/"})
    headers = sorted(f"{each['name'].lower()}: {each.get('value', '')}" for each in match.get("headers", ()))
    rest = sorted(f"{key} {value}" for key, value in match.items() if key not in {"path", "headers"})
    return "".join((str(path.get("value", "/")), *(f" with {each}" for each in (*headers, *rest))))
