"""Units as types: a number says what it counts. Each knows its written forms, its checks and its JSON Schema.

Texts keep what was written, so that a manifest shows it as it is in the spec; their values are exact.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Self, TypeAlias

from pydantic import Field, GetCoreSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Text:
    """A string of a given form, as an annotation.

    Attributes:
        kind: type of the error; ``name`` is reported as ``name/invalid``, others as ``field/invalid``.
        pattern: for the whole text, in the subset that ECMAScript, Python and Rust share, without anchors.
        says: what is expected, completing *It must be …*.
        longest: most characters.
        example: of what is right.
        make: makes the value of a text that matches.
        numbers: whether a JSON number is taken as its text.
    """

    kind: str
    pattern: str
    says: str
    longest: int
    example: str
    make: Callable[[str], Any] = str
    numbers: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        metadata = {"pydantic_js_functions": [lambda _schema, _handler: self._json_schema()]}
        if self.make is not str or self.numbers:
            serialization = core_schema.simple_ser_schema("any")
            return core_schema.no_info_plain_validator_function(
                self._checker(), serialization=serialization, metadata=metadata
            )
        text = core_schema.str_schema(pattern=f"^(?:{self.pattern})$", max_length=self.longest, strict=True)
        return core_schema.custom_error_schema(  # checked without a call into Python: most texts are names
            text,
            self.kind,
            custom_error_message="It must be {says}",
            custom_error_context={"says": self.says},
            metadata=metadata,
        )

    def _checker(self) -> Callable[[object], Any]:
        matches = re.compile(self.pattern).fullmatch
        numbers, longest, make = self.numbers, self.longest, self.make

        def check(value: object) -> Any:  # noqa: ANN401 - whatever ``make`` makes
            if numbers and isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if not isinstance(value, str):
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says})
            if len(value) > longest or not matches(value):
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says})
            try:
                return make(value)
            except ValueError as error:
                raise PydanticCustomError(self.kind, "It must be {says}", {"says": self.says}) from error

        return check

    def _json_schema(self) -> JsonSchemaValue:
        text: JsonSchemaValue = {
            "type": "string",
            "pattern": f"^(?:{self.pattern})$",
            "maxLength": self.longest,
        }
        text["examples"] = [self.example]
        if not self.numbers:
            return text
        return {"anyOf": [text, {"type": "number", "exclusiveMinimum": 0}]}


# Quantities ----------------------------------------------------------------------------------------

_SUFFIXES = {
    "": Decimal(1),
    **{suffix: Decimal(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Decimal(1000) ** (i + 1) for i, suffix in enumerate("kMGTPE")},
    **{suffix: Decimal(1024) ** (i + 1) for i, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))},
}
_QUANTITY = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?[0-9]{1,2}))?"
)
_POSITIVE = r"(?:[0-9]*[1-9][0-9]*(?:\.[0-9]*)?|[0-9]*\.[0-9]*[1-9][0-9]*)"
_EXPONENT = r"[eE][+-]?[0-9]{1,2}"


def parse_quantity(text: str) -> Decimal:
    """The exact value of a Kubernetes quantity: ``500m`` is 0.5, ``1Gi`` is 1073741824.

    Grammar: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/

    Raises:
        ValueError: not a quantity.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError("not a quantity")
    number, suffix, exponent = match.groups()
    return Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _SUFFIXES[suffix or ""])


class Quantity(str):
    """An amount as written (``500m``, ``1.5``); ``value`` is exact, in the resource's own unit (cores, bytes)."""

    __slots__ = ("value",)

    value: Decimal

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.value = parse_quantity(text)
        return made


Cpu: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:m|{_EXPONENT})?",
        "a number of cores above zero, such as 2, 0.5 or 500m",
        32,
        "500m",
        Quantity,
        numbers=True,
    ),
]
"""CPU in cores."""

Bytes: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:[KMGTPE]i|[kMGTPE]|{_EXPONENT})?",
        "a number of bytes above zero, such as 512Mi or 16Gi (m would mean thousandths)",
        32,
        "16Gi",
        Quantity,
        numbers=True,
    ),
]
"""Memory or storage in bytes."""

Amount: TypeAlias = Annotated[
    Quantity,
    Text(
        "quantity",
        f"{_POSITIVE}(?:[KMGTPE]i|[mkMGTPE]|{_EXPONENT})?",
        "an amount above zero, such as 1, 500m or 16Gi",
        32,
        "1",
        Quantity,
        numbers=True,
    ),
]
"""Of any resource."""

_MONEY = {"type": "number", "minimum": 0, "maximum": 1e12, "examples": [4.1]}


@dataclass(frozen=True, slots=True)
class _Money:
    """A JSON number, exact as it was written."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source, handler
        return core_schema.no_info_plain_validator_function(
            self._check,
            serialization=core_schema.to_string_ser_schema(),
            metadata={"pydantic_js_functions": [lambda _schema, _handler: dict(_MONEY)]},
        )

    @staticmethod
    def _check(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise PydanticCustomError("money", "It must be {says}", {"says": "money per hour, a number"})
        if not 0 <= value <= _MONEY["maximum"]:  # type: ignore[operator] # the map is of mixed values
            raise PydanticCustomError(
                "money", "It must be {says}", {"says": "money per hour, a number from 0"}
            )
        return Decimal(str(value))


Money: TypeAlias = Annotated[Decimal, _Money()]
"""An amount of the one currency that all environments share."""


# Time and parts ------------------------------------------------------------------------------------

_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _duration_pattern() -> str:
    """Days, hours, minutes, seconds, in this order, at least one of them: ``1h30m``."""
    units = list(_SECONDS)
    starts = (
        f"[0-9]{{1,6}}{unit}" + "".join(f"(?:[0-9]{{1,6}}{later})?" for later in units[i + 1 :])
        for i, unit in enumerate(units)
    )
    return "|".join(starts)


class Duration(str):
    """A length of time as written (``1h30m``)."""

    __slots__ = ("seconds",)

    seconds: int

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.seconds = sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"([0-9]+)([dhms])", text))
        return made


Time: TypeAlias = Annotated[
    Duration,
    Text(
        "duration",
        _duration_pattern(),
        "a duration with its unit, such as 90s, 30m or 1h30m",
        28,
        "30m",
        Duration,
    ),
]


class Percent(str):
    """A share as written (``25%``); ``value`` is 25."""

    __slots__ = ("value",)

    value: int

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        made.value = int(text.removesuffix("%"))
        return made


Share: TypeAlias = Annotated[
    Percent, Text("percent", "(?:100|[1-9]?[0-9])%", "a percentage from 0% to 100%", 4, "25%", Percent)
]

# Names ---------------------------------------------------------------------------------------------

LABEL = "[a-z](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN_PART = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_SUBDOMAIN_PART}(?:\.{_SUBDOMAIN_PART})*"
_LABEL_NAME = "[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"

DnsLabel: TypeAlias = Annotated[
    str,
    Text(
        "name",
        LABEL,
        "a name of at most 63 lower-case letters, digits and dashes that starts with a letter",
        63,
        "qwen3-32b",
    ),
]
"""A name of ours: a DNS label (RFC 1035)."""

PartName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        LABEL,
        "a name of at most 24 lower-case letters, digits and dashes that starts with a letter",
        24,
        "worker",
    ),
]
"""The name of a role or step: short, for it stands in the names of objects beside that of the workload."""

ObjectName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        _SUBDOMAIN,
        "the name of an object: lower-case letters, digits, dashes and dots",
        253,
        "registry-login",
    ),
]
"""The name of a Kubernetes object that others made: a DNS subdomain (RFC 1123)."""

PortName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "(?:[0-9]+-)*[a-z](?:-?[a-z0-9])*",
        "a port's name: at most 15 lower-case letters, digits and dashes",
        15,
        "http",
    ),
]
EnvName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "[A-Za-z_][A-Za-z0-9_]*",
        "a variable's name: letters, digits and underscores",
        253,
        "LOG_LEVEL",
    ),
]
DataKey: TypeAlias = Annotated[
    str,
    Text(
        "name",
        "[-._a-zA-Z0-9]+",
        "a key of a Secret or ConfigMap: letters, digits, dashes, dots",
        253,
        "token",
    ),
]
QualifiedName: TypeAlias = Annotated[
    str,
    Text(
        "name",
        f"(?:{_SUBDOMAIN}/)?{_LABEL_NAME}",
        "a label's key: [prefix/]name",
        253 + 1 + 63,
        "example.com/cost-centre",
    ),
]
"""The key of a label or annotation, or the name of a resource."""

QualifiedResource: TypeAlias = Annotated[
    str,
    Text(
        "name",
        rf"[a-z]+(?:/[a-z]+)?(?:\.{_SUBDOMAIN})?",
        "a resource: its plural name, and its group if it has one",
        253,
        "leases.coordination.k8s.io",
    ),
]
"""A resource of the API as ``kubectl api-resources`` lists it: plural name, then the group."""

Host: TypeAlias = Annotated[
    str,
    Text(
        "host",
        rf"(?:\*\.)?{_SUBDOMAIN_PART}(?:\.{_SUBDOMAIN_PART})+",
        "a host name, such as api.example.com or *.example.com",
        253,
        "api.example.com",
    ),
]

LabelValue: TypeAlias = Annotated[
    str,
    Text(
        "label", f"(?:{_LABEL_NAME})?", "a label's value: at most 63 letters, digits, dashes, dots", 63, "a-1"
    ),
]
Word: TypeAlias = Annotated[
    str,
    Text("word", _LABEL_NAME, "a word of at most 63 letters, digits, dashes, dots and underscores", 63, "r2"),
]

# Places --------------------------------------------------------------------------------------------

_PART = r"(?:[^/:\\\x00-\x1f\x7f.][^/:\\\x00-\x1f\x7f]*|\.[^/:\\\x00-\x1f\x7f.][^/:\\\x00-\x1f\x7f]*|\.\.[^/:\\\x00-\x1f\x7f]+)"
"""A part of a path: no separator, no control character, neither ``.`` nor ``..``."""

AbsolutePath: TypeAlias = Annotated[
    str,
    Text("path", f"(?:/{_PART})+", "an absolute path in the container, such as /data", 1024, "/data"),
]
RepoPath: TypeAlias = Annotated[
    str,
    Text(
        "path",
        f"{_PART}(?:/{_PART})*",
        "a path in this repository, from its root, without ..",
        1024,
        "prompts/a.txt",
    ),
]
Glob: TypeAlias = Annotated[
    str,
    Text(
        "path",
        rf"\.|{_PART}(?:/{_PART})*/?",
        "a path or pattern in this repository, from its root (* within a directory, ** across)",
        1024,
        "workloads/nlp/**",
    ),
]
UrlPath: TypeAlias = Annotated[
    str, Text("path", r"/[!-~]*", "the path of a URL, starting with /", 1024, "/health")
]
_HOST_PART = "[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?"
_HOST_NAME = rf"{_HOST_PART}(?:\.{_HOST_PART})*"
_MOST_PORTS = 65535


class HostPort(str):
    """Where a server listens, as written (``kafka.streaming:9092``)."""

    __slots__ = ("host", "port")

    host: str
    port: int

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits.

        Raises:
            ValueError: there is no such port.
        """
        made = super().__new__(cls, text)
        made.host, _, port = text.rpartition(":")
        made.port = int(port)
        if not 1 <= made.port <= _MOST_PORTS:
            raise ValueError("no such port")
        return made


Server: TypeAlias = Annotated[
    HostPort,
    Text(
        "server",
        rf"{_HOST_NAME}:[0-9]{{1,5}}",
        "a host and a port, such as kafka.streaming:9092",
        260,
        "kafka.streaming:9092",
        HostPort,
    ),
]
HttpUrl: TypeAlias = Annotated[
    str,
    Text(
        "url",
        rf"https?://{_HOST_NAME}(?::[0-9]{{1,5}})?(?:/[-A-Za-z0-9._~/%]*)?",
        "an address that begins with http:// or https://, without a password or a query",
        1024,
        "http://prometheus.monitoring:9090",
    ),
]
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"


def _cidr(text: str) -> str:
    ipaddress.ip_network(text)
    return text


Cidr: TypeAlias = Annotated[
    str,
    Text(
        "cidr",
        rf"{_BYTE}(?:\.{_BYTE}){{3}}/(?:3[0-2]|[12]?[0-9])|[0-9a-fA-F:]+/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])",
        "a network without host bits, such as 10.0.0.0/8",
        49,
        "10.0.0.0/8",
        _cidr,
    ),
]

# Images --------------------------------------------------------------------------------------------

_HOST = "[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?"
_NAME_PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*"
IMAGE = (
    rf"(?:(?:{_HOST}(?:\.{_HOST})+(?::[0-9]{{1,5}})?|{_HOST}:[0-9]{{1,5}}|localhost)/)?{_NAME_PART}(?:/{_NAME_PART})*"
    r"(?::[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(?:@sha256:[a-f0-9]{64})?"
)


class ImageRef(str):
    """A container image as written: ``[registry/]repository[:tag][@sha256:digest]``.

    Grammar: https://github.com/distribution/reference; without a registry it is Docker Hub's.
    """

    __slots__ = ("digest", "registry", "repository", "tag")

    registry: str
    repository: str
    tag: str
    digest: str

    def __new__(cls, text: str) -> Self:
        """Take a text that the pattern of its annotation admits."""
        made = super().__new__(cls, text)
        rest, _, made.digest = text.partition("@")
        first, slash, path = rest.partition("/")
        if slash and (first == "localhost" or "." in first or ":" in first):
            made.registry, rest = first, path
        else:
            made.registry = "docker.io"
        made.repository, _, made.tag = rest.partition(":")
        if made.registry == "docker.io" and "/" not in made.repository:
            made.repository = f"library/{made.repository}"
        return made

    @property
    def full_repository(self) -> str:
        """``registry/repository`` with what was left out: ``docker.io/library/redis``."""
        return f"{self.registry}/{self.repository}"


Image: TypeAlias = Annotated[
    ImageRef,
    Text(
        "image",
        IMAGE,
        "an image: [registry/]repository[:tag][@sha256:…]",
        512,
        "registry.example.com/nlp/api:1.4",
        ImageRef,
    ),
]

Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
