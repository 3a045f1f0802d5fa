"""How to tell that a workload is ready, and whether it is alive."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.container import Argv
from yardarm_schema.places import UrlPath
from yardarm_schema.ports import PortRef


class _Health(Model):
    port: Annotated[
        Maybe[PortRef],
        Field(description="Name or number of the port that answers; by default http, grpc or the only one."),
    ] = None


class HttpHealth(_Health):
    """An HTTP GET that answers 2xx or 3xx when the workload is ready."""

    path: Annotated[UrlPath, Field(description="Path to ask, such as /health.")]
    live: Annotated[
        Maybe[UrlPath],
        Field(description="Path that tells a hung process from a busy one; by default the same."),
    ] = None


class GrpcHealth(_Health):
    """The gRPC health protocol."""

    grpc: Annotated[
        str | Literal[True],
        Forms(text=str, truth=True),
        Field(description="true for the server as a whole, or the name of the service to ask for."),
    ]


class TcpHealth(_Health):
    """A port that accepts connections."""

    tcp: Annotated[Literal[True], Field(description="true: ready when the port accepts connections.")]


class ExecHealth(Model):
    """A command in the container that exits with 0."""

    exec: Annotated[Argv, Field(description="The command and its arguments, without a shell.")]
    live: Annotated[
        Maybe[Argv],
        Field(description="Command that tells a hung process from a busy one; by default the same."),
    ] = None


Health: TypeAlias = Annotated[
    HttpHealth | GrpcHealth | TcpHealth | ExecHealth,
    Forms(keys={"path": HttpHealth, "grpc": GrpcHealth, "tcp": TcpHealth, "exec": ExecHealth}),
]
