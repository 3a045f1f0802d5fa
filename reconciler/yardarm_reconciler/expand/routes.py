"""How requests from outside reach a workload: a route of the Gateway API, from the environment's gateway to it.

https://gateway-api.sigs.k8s.io/api-types/httproute/ and https://gateway-api.sigs.k8s.io/api-types/grpcroute/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.expand import route_auth
from yardarm_reconciler.expand.capabilities import require
from yardarm_reconciler.expand.container import ports
from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.ports import NamedPort
from yardarm_schema.route import Gateway, Route
from yardarm_schema.served import Served
from yardarm_schema.units import Duration
from yardarm_schema.workload import Program

NO_GATEWAY = Code(
    "reference/no-gateway",
    title="This environment has no gateway",
    why="A route hangs on the Gateway that requests come through, which Environment.gateway names.",
    bad="route: {path: /qwen3} in an environment without gateway",
    good="gateway: {name: ai-gateway, namespace: gateways, host: models.example.com}",
)
NO_PORT = Code(
    "reference/no-routed-port",
    title="Nothing says which port the route leads to",
    why="A route leads to the port http, else grpc, else the only one.",
    bad="route: {path: /api}, ports: {api: 8080, admin: 8081}",
    good="route: {path: /api}, ports: {http: 8080, admin: 8081}",
)
NOT_FOR_GRPC = Code(
    "field/route-of-grpc",
    title="A route to a gRPC server has no path and no timeout",
    why="The path of a gRPC request is the method that is called, and a GRPCRoute cannot bound the time of calls.",
    bad="route: {path: /triton}, ports: {grpc: 8001}",
    good="route: {host: triton.example.com}, ports: {grpc: 8001}",
)

USUAL = frozenset({"http", "grpc"})
"""Names of ports that routes lead to without further words."""

POOL_GROUP = "inference.networking.k8s.io"

NEVER = "0s"
"""No timeout: https://gateway-api.sigs.k8s.io/geps/gep-1742/. Answers of language models are streams."""


@dataclass(frozen=True, slots=True)
class Share:
    """A server that gets some of the route's requests beside the workload's own: to answer, or as copies; in percent.

    ``pooled`` where the requests go to its InferencePool instead of its address.
    """

    server: Resolved[Any]
    weight: int | None = None
    mirror: int | None = None
    pooled: bool = False


def check(workload: Resolved[Served], server: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with a workload's route, which leads to one of its programs."""
    route, field = workload.spec.route, "spec.route"
    if route is None:
        return
    yield from require(workload, field, "gatewayAPI")
    if workload.environment.gateway is None:
        message = f"{workload.environment_name} has no gateway"
        yield NO_GATEWAY.at(workload.origin(field), message, field=field)
    found = routed(server.spec)
    if found is None:
        known = ", ".join(sorted(ports(server.spec))) or "no ports"
        yield NO_PORT.at(
            workload.origin(field), fix="name it http or grpc", note=f"it has: {known}", field=field
        )
    elif found[0] == "grpc":
        yield from _of_grpc(workload, route)
    yield from route_auth.check(workload, route)


def _of_grpc(workload: Resolved[Served], route: Route) -> Iterator[Diagnostic]:
    for name, given in (("path", route.path != "/"), ("timeout", route.timeout is not None)):
        if given:
            field = f"spec.route.{name}"
            yield NOT_FOR_GRPC.at(workload.origin(field), fix=f"remove {name}", field=field)


def routed(spec: Program) -> tuple[str, NamedPort] | None:
    """The port that a route leads to, with its name."""
    known = {name: port for name, port in ports(spec).items() if port.protocol == "TCP"}
    for name in ("http", "grpc", *known):
        if name in known and (name in USUAL or len(known) == 1):
            return name, known[name]
    return None


def expand(
    workload: Resolved[Served],
    server: Resolved[Program],
    shares: tuple[Share, ...] = (),
    *,
    pooled: bool = False,
) -> Iterator[Manifest]:
    """The route of a workload, and before it who may use it."""
    route, gateway, found = workload.spec.route, workload.environment.gateway, routed(server.spec)
    if route is None or gateway is None or found is None:
        return
    kind = "GRPCRoute" if found[0] == "grpc" else "HTTPRoute"
    yield from route_auth.policies(workload, route, gateway, kind)
    make = _grpc_rule if kind == "GRPCRoute" else _http_rule
    backends, mirrors = _backends(_backend(workload.name, found, pooled=pooled), shares), _mirrors(shares)
    body = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": kind,
        "metadata": metadata(workload, part_name(workload)),
        "spec": {
            "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace}],
            "hostnames": [host(route, gateway)],
            "rules": [make(route, headers, mirrors, backends) for headers in asked_headers(route, gateway)],
        },
    }
    yield manifest(body, workload.origin("spec.route"))


def _backend(name: str, port: tuple[str, NamedPort], *, pooled: bool = False) -> dict[str, Any]:
    kind = {"group": POOL_GROUP, "kind": "InferencePool"} if pooled else {}
    return {**kind, "name": name, "port": port[1].port}


def _backends(own: dict[str, Any], shares: tuple[Share, ...]) -> list[Object]:
    """Who answers: the workload itself all that its variants leave."""
    answering = [(share, routed(share.server.spec)) for share in shares if share.weight is not None]
    if not answering:
        return [own]
    rest = 100 - sum(share.weight or 0 for share, _ in answering)
    others = [
        {**_backend(share.server.name, port, pooled=share.pooled), "weight": share.weight}
        for share, port in answering
        if port
    ]
    return [{**own, "weight": rest}, *others]


def _mirrors(shares: tuple[Share, ...]) -> list[Object]:
    """Who gets copies."""
    copied = [(share, routed(share.server.spec)) for share in shares if share.mirror is not None]
    return [
        {
            "type": "RequestMirror",
            "requestMirror": {"backendRef": _backend(share.server.name, port), "percent": share.mirror},
        }
        for share, port in copied
        if port
    ]


def host(route: Route, gateway: Gateway) -> str:
    """The host name that requests are for."""
    return route.host or gateway.host


def asked_headers(route: Route, gateway: Gateway) -> list[dict[str, str]]:
    """Headers that requests must have, in each of the ways in which they may have them: one for each model."""
    asked = dict(sorted(route.headers.items()))
    return [{**asked, gateway.model_header: model} for model in route.models] or [asked]


def _http_rule(
    route: Route, headers: dict[str, str], mirrors: list[Object], backends: list[Object]
) -> Object:
    """One match a rule: where the path is rewritten there may be no second one."""
    filters = mirrors
    rule: dict[str, Any] = {
        "matches": [{"path": {"type": "PathPrefix", "value": route.path}, **_match(headers)}]
    }
    if route.path != "/":
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}
        filters = [{"type": "URLRewrite", "urlRewrite": {"path": path}}, *mirrors]
    if filters:
        rule["filters"] = filters
    rule["timeouts"] = (
        {"request": NEVER, "backendRequest": NEVER}
        if route.timeout is None
        else {"request": _time(route.timeout)}
    )
    return {**rule, "backendRefs": backends}


def _grpc_rule(
    route: Route, headers: dict[str, str], mirrors: list[Object], backends: list[Object]
) -> Object:
    del route  # its path and timeout mean nothing here, which is said before
    matches = {"matches": [_match(headers)]} if headers else {}
    return {**matches, **({"filters": mirrors} if mirrors else {}), "backendRefs": backends}


def _match(headers: dict[str, str]) -> Object:
    listed = [{"type": "Exact", "name": name, "value": value} for name, value in headers.items()]
    return {"headers": listed} if listed else {}


def _time(duration: Duration) -> str:
    """In the units of the Gateway API, which knows no days."""
    rest, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or NEVER
