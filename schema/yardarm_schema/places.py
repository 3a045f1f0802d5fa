"""Where things are: paths in containers and repositories, hosts, ports, addresses and networks."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Self, TypeAlias

from pydantic import Field

from yardarm_schema.names import SUBDOMAIN_PART
from yardarm_schema.text import Text

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

Host: TypeAlias = Annotated[
    str,
    Text(
        "host",
        rf"(?:\*\.)?{SUBDOMAIN_PART}(?:\.{SUBDOMAIN_PART})+",
        "a host name, such as api.example.com or *.example.com",
        253,
        "api.example.com",
    ),
]

Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
