"""Routes: how requests from outside the cluster reach a workload, and who may send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.names import DnsLabel, ObjectName
from yardarm_schema.places import Host
from yardarm_schema.text import Text

HeaderName: TypeAlias = Annotated[
    str,
    Text(
        "header",
        "[A-Za-z0-9](?:[-A-Za-z0-9_]*[A-Za-z0-9])?",
        "the name of an HTTP header: letters, digits, dashes",
        256,
        "x-tenant",
    ),
]
HeaderValue: TypeAlias = Annotated[
    str, Text("header", "[!-~](?:[ -~]*[!-~])?", "the value of an HTTP header", 4096, "gold")
]
RoutePath: TypeAlias = Annotated[
    str,
    Text(
        "path",
        "/|(?:/[-A-Za-z0-9_~][-A-Za-z0-9._~]*)+",
        "a path of whole words without a slash at its end, such as /qwen3",
        1024,
        "/qwen3",
    ),
]
HttpsUrl: TypeAlias = Annotated[
    str,
    Text(
        "url",
        r"https://[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[-A-Za-z0-9._~/%]*)?",
        "an address that begins with https://, without a password or a query",
        253,
        "https://login.example.com",
    ),
]
ClaimName: TypeAlias = Annotated[
    str,
    Text(
        "claim",
        r"[A-Za-z_][-A-Za-z0-9_]*(?:\.[A-Za-z_][-A-Za-z0-9_]*)*",
        "the name of a claim; dots lead into it, as in realm_access.roles",
        253,
        "groups",
    ),
]
Word: TypeAlias = Annotated[
    str,
    Text(
        "value",
        r"[^*\x00-\x1f\x7f]+",
        "a value of a claim, without *, which some gateways read as any text",
        253,
        "nlp",
    ),
]


class Allow(Model):
    """Which tokens are let through: those that have all of these claims and scopes."""

    claims: Annotated[
        Mapping[ClaimName, Annotated[tuple[Word, ...], Field(min_length=1, max_length=128)]],
        Field(
            max_length=4,
            description="Claims by name, each with values of which one will do: as a text, or in a list.",
        ),
    ] = Field(default_factory=dict)
    scopes: Annotated[
        tuple[Annotated[str, Text("scope", "[!-~]+", "a scope, without spaces", 253, "models:read")], ...],
        Field(max_length=16, description="Scopes, of which the token must have all."),
    ] = ()


class Jwt(Model):
    """Tokens of an issuer (OpenID Connect, OAuth 2)."""

    issuer: Annotated[HttpsUrl, Field(description="Who signs the tokens: their claim iss.")]
    jwks_uri: Annotated[
        Maybe[HttpsUrl],
        Field(
            description="Where its keys are; by default <issuer>/.well-known/jwks.json with Envoy Gateway, "
            "and what the issuer's own discovery says with Istio."
        ),
    ] = None
    audiences: Annotated[
        tuple[Word, ...],
        Field(max_length=8, description="Whom tokens must be for, one of them: their claim aud."),
    ] = ()
    allow: Annotated[
        Maybe[Allow], Field(description="Which of the issuer's tokens are let through; without it all.")
    ] = None
    claim_to_headers: Annotated[
        Mapping[ClaimName, HeaderName],
        Field(description="Claims that the workload is told of, and in which header."),
    ] = Field(default_factory=dict)


class ApiKey(Model):
    """Keys that callers send in a header."""

    secret: Annotated[
        ObjectName, Field(description="An existing Secret with a key for each caller, by its name.")
    ]
    header: Annotated[HeaderName, Field(description="The header that has the key.")] = "x-api-key"


class JwtAuth(Model):
    """Callers show a token."""

    jwt: Annotated[Jwt, Field(description="Tokens of an issuer (OpenID Connect, OAuth 2).")]


class ApiKeyAuth(Model):
    """Callers show a key."""

    api_key: Annotated[ApiKey, Field(description="Keys that callers send in a header.")]


Auth: TypeAlias = Annotated[
    JwtAuth | ApiKeyAuth | Literal["none"],
    Forms(text=Literal["none"], keys={"jwt": JwtAuth, "apiKey": ApiKeyAuth}),
]


class Route(Model):
    """The environment's gateway sends requests to the workload: to its port http, else grpc, else its only one."""

    host: Annotated[
        Maybe[Host], Field(description="Host name of the requests, if not that of the gateway.")
    ] = None
    path: Annotated[
        RoutePath,
        Field(description="How the path of requests begins; the workload gets them without it. HTTP only."),
    ] = "/"
    headers: Annotated[
        Mapping[HeaderName, HeaderValue],
        Field(max_length=15, description="Headers that requests must have, with these very values."),
    ] = Field(default_factory=dict)
    models: Annotated[
        tuple[HeaderValue, ...],
        Field(max_length=16, description="Names of models, one of which requests must ask for by header."),
    ] = ()
    timeout: Annotated[
        Maybe[units.Time],
        Field(
            description="When an answer must be complete; by default never, so that no stream is cut.",
            examples=["60s"],
        ),
    ] = None
    auth: Annotated[
        Maybe[Auth], Field(description="Who may send requests: jwt, apiKey, or none for everybody.")
    ] = None


class Gateway(Model):
    """The Gateway (Gateway API) that requests from outside come through."""

    name: Annotated[ObjectName, Field(description="Name of the Gateway.", examples=["public"])]
    namespace: Annotated[DnsLabel, Field(description="Its namespace.", examples=["gateways"])]
    host: Annotated[Host, Field(description="Host name of routes that name none.")]
    proxies: Annotated[
        Maybe[DnsLabel],
        Field(
            description="Namespace of the pods that pass requests on, if not the Gateway's own.",
            examples=["envoy-gateway-system"],
        ),
    ] = None
    model_header: Annotated[
        HeaderName,
        Field(
            description="The header that a request's model stands in, as the gateway reads it from the body."
        ),
    ] = "X-Gateway-Model-Name"
