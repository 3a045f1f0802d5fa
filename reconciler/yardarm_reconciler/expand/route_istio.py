"""Who may use a route, enforced by Istio at the gateway.

Policies for a Gateway lie in its namespace, and cannot point at a route: so they say again which requests it takes.
A RequestAuthentication alone lets requests without any token through, so it always comes with an AuthorizationPolicy,
which denies what lacks something. It does not allow what has everything: one policy that allows would close the
gateway to all requests that no such policy is about. Since all routes share the gateway, a token that is good for
another route says nothing about this one: issuer and audience are asked for again.

https://istio.io/latest/docs/reference/config/security/request_authentication/ and
https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.route import Allow, Gateway, Jwt, Route
from yardarm_schema.served import Served


def policies(workload: Resolved[Served], route: Route, gateway: Gateway, asked: Jwt) -> Iterator[Manifest]:
    """The tokens that are known, and what is denied without one."""
    rules = [_rule(route, gateway, lack) for lack in _lacks(asked)]
    yield _policy(workload, gateway, "RequestAuthentication", {"jwtRules": [_tokens(asked)]})
    yield _policy(workload, gateway, "AuthorizationPolicy", {"action": "DENY", "rules": rules})


def _policy(workload: Resolved[Served], gateway: Gateway, kind: str, spec: Object) -> Manifest:
    """Beside the gateway, named by the workload's own namespace first: no namespace has a dot, so names are unique."""
    meta = metadata(workload, f"{workload.namespace}.{part_name(workload)}")
    target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": gateway.name}
    body = {
        "apiVersion": "security.istio.io/v1",
        "kind": kind,
        "metadata": {**meta, "namespace": gateway.namespace},
        "spec": {"targetRefs": [target], **spec},
    }
    return manifest(body, workload.origin("spec.route.auth"))


def _tokens(asked: Jwt) -> Object:
    rule: dict[str, Any] = {"issuer": asked.issuer}
    if asked.jwks_uri is not None:
        rule["jwksUri"] = asked.jwks_uri
    if asked.audiences:
        rule["audiences"] = list(asked.audiences)
    if asked.claim_to_headers:
        rule["outputClaimToHeaders"] = [
            {"claim": claim, "header": header} for claim, header in sorted(asked.claim_to_headers.items())
        ]
    return rule


def _lacks(asked: Jwt) -> Iterator[Object]:
    """Everything that a request may lack, each of which is enough to deny it: ``from`` and ``when`` of a rule."""
    allow = asked.allow or Allow()
    yield {"from": [{"source": {"notRequestPrincipals": [f"{asked.issuer}/*"]}}]}
    if asked.audiences:
        yield _without("request.auth.audiences", asked.audiences)
    for name, values in sorted(allow.claims.items()):
        yield _without(_claim(name), values)
    for scope in allow.scopes:
        yield _without(_claim("scope"), (scope,))


def _without(key: str, values: tuple[str, ...]) -> Object:
    return {"when": [{"key": key, "notValues": list(values)}]}


def _claim(name: str) -> str:
    return "request.auth.claims" + "".join(f"[{part}]" for part in name.split("."))


def _rule(route: Route, gateway: Gateway, lack: Object) -> Object:
    """A rule about just the requests that the route takes."""
    host = route.host or gateway.host
    operation: dict[str, Any] = {"hosts": [host, f"{host}:*"]}
    if route.path != "/":
        operation["paths"] = [route.path, f"{route.path}/*"]
    headers = [
        {"key": f"request.headers[{name}]", "values": [value]}
        for name, value in sorted(route.headers.items())
    ]
    if route.models:
        headers.append({"key": f"request.headers[{gateway.model_header}]", "values": list(route.models)})
    when = [*lack.get("when", ()), *headers]
    return {**lack, "to": [{"operation": operation}], **({"when": when} if when else {})}
