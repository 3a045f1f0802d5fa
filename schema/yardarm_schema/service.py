"""Service: a long-running server."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Model
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.served import Served


class Service(Served):
    """A long-running server."""

    COMPONENT: ClassVar[str] = "server"

    image: Annotated[units.Image, Field(description="Image of the main container.")]


class ServiceDocument(Model):
    """A long-running server: agent, user interface, database, model behind an API."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Service"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[Service, Field(description="What it is.")]
