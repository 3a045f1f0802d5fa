"""Ports of a container."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Model
from yardarm_schema.names import PortName
from yardarm_schema.places import Port

PortRef: TypeAlias = Annotated[int | str, Forms(text=PortName, number=Port)]


class NamedPort(Model):
    """A port with its protocol."""

    port: Annotated[Port, Field(description="Port number in the container and on the Service.")]
    protocol: Annotated[Literal["TCP", "UDP", "SCTP"], Field(description="Transport protocol.")] = "TCP"


ContainerPort: TypeAlias = Annotated[int | NamedPort, Forms(number=Port, whole=NamedPort)]
