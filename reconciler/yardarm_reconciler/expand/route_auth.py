"""Who may use a route: policies that the gateway enforces before any request reaches a pod.

They are written before the route (decide/order.py): a policy that is refused leaves no open route behind.
https://gateway.envoyproxy.io/docs/api/extension_types/#securitypolicy
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from yardarm_reconciler.expand import route_istio
from yardarm_reconciler.expand.capabilities import has, require
from yardarm_reconciler.expand.labels import metadata
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic, Severity
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.route import Allow, ApiKey, ApiKeyAuth, Gateway, Jwt, JwtAuth, Route
from yardarm_schema.served import Served

OPEN = Code(
    "security/open-route",
    title="Everybody who reaches the gateway may use the route",
    why="Without auth nobody is asked who they are; where that is meant, it can be said.",
    bad="route: {path: /docs}",
    good="route: {path: /docs, auth: none}",
    severity=Severity.WARNING,
)
REQUIRED = Code(
    "policy/route-auth",
    title="This environment has no routes without authentication",
    why="Environment.policy.requireRouteAuth demands that every route says whom it lets in.",
    bad="route: {path: /qwen3}",
    good='route: {path: /qwen3, auth: {jwt: {issuer: "https://login.example.com", audiences: [models]}}}',
)

WILDCARD = Code(
    "route/wildcard-host",
    title="Istio cannot protect a host name with a wildcard",
    why="Its policies match a host with or without its port; for *.example.com they could only match one of the two, "
    "and the other would be open.",
    bad='route: {host: "*.example.com", auth: {jwt: …}} in an environment with istio',
    good="route: {host: models.example.com, auth: {jwt: …}}",
)

PROVIDER = "issuer"
"""A name within the policy, for its one issuer of tokens."""


def check(workload: Resolved[Served], route: Route) -> Iterator[Diagnostic]:
    """What is wrong with who may use a route."""
    match route.auth:
        case None | "none":
            demanded = workload.environment.policy.require_route_auth
            field = "spec.route" if route.auth is None else "spec.route.auth"
            if demanded:
                yield REQUIRED.at(workload.origin(field), fix="auth: {jwt: …} or {apiKey: …}", field=field)
            elif route.auth is None:
                yield OPEN.at(workload.origin(field), fix="add auth", field=field)
        case JwtAuth():
            yield from require(workload, "spec.route.auth.jwt", "envoyGateway", "istio")
            gateway, field = workload.environment.gateway, "spec.route.host"
            host = route.host or (gateway.host if gateway else "")
            if host.startswith("*") and not has(workload, "envoyGateway"):
                yield WILDCARD.at(workload.origin(field), f"{host} is a wildcard", field=field)
        case ApiKeyAuth():
            yield from require(workload, "spec.route.auth.apiKey", "envoyGateway")


def policies(workload: Resolved[Served], route: Route, gateway: Gateway, kind: str) -> Iterator[Manifest]:
    """What lets only those in that the route is for. ``kind`` is that of the route."""
    match route.auth:
        case JwtAuth() if not has(workload, "envoyGateway"):
            yield from route_istio.policies(workload, route, gateway, route.auth.jwt)
        case JwtAuth():
            yield _security_policy(workload, kind, _jwt(route.auth.jwt))
        case ApiKeyAuth():
            yield _security_policy(workload, kind, _api_key(route.auth.api_key))


def _security_policy(workload: Resolved[Served], kind: str, spec: Object) -> Manifest:
    target = {"group": "gateway.networking.k8s.io", "kind": kind, "name": part_name(workload)}
    body = {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "SecurityPolicy",
        "metadata": metadata(workload, part_name(workload)),
        "spec": {"targetRefs": [target], **spec},
    }
    return manifest(body, workload.origin("spec.route.auth"))


def _api_key(asked: ApiKey) -> Object:
    """The workload never sees the key."""
    keys = {
        "credentialRefs": [{"name": asked.secret}],
        "extractFrom": [{"headers": [asked.header]}],
        "sanitize": True,
    }
    return {"apiKeyAuth": keys}


def _jwt(asked: Jwt) -> Object:
    uri = asked.jwks_uri or f"{asked.issuer.rstrip('/')}/.well-known/jwks.json"
    provider: dict[str, Any] = {"name": PROVIDER, "issuer": asked.issuer, "remoteJWKS": {"uri": uri}}
    if asked.audiences:
        provider["audiences"] = list(asked.audiences)
    if asked.claim_to_headers:
        provider["claimToHeaders"] = [
            {"claim": claim, "header": header} for claim, header in sorted(asked.claim_to_headers.items())
        ]
    spec = {"jwt": {"providers": [provider]}}
    allow = asked.allow
    return {**spec, **_authorization(allow)} if allow and (allow.claims or allow.scopes) else spec


def _authorization(allow: Allow) -> Object:
    """A claim may be a text or a list, which only the token tells: a rule for each way in which all can be."""
    scopes = {"scopes": list(allow.scopes)} if allow.scopes else {}
    claims = sorted(allow.claims.items())
    rules = []
    for number, types in enumerate(product(("StringArray", "String"), repeat=len(claims))):
        listed = [
            {"name": name, "valueType": type_, "values": list(values)}
            for type_, (name, values) in zip(types, claims, strict=True)
        ]
        principal = {"provider": PROVIDER, **scopes, **({"claims": listed} if listed else {})}
        rules.append({"name": f"allow-{number}", "action": "Allow", "principal": {"jwt": principal}})
    return {"authorization": {"defaultAction": "Deny", "rules": rules}}
