"""Service: a long-running server."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yardarm_schema.base import Model
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.served import Served
from yardarm_schema.variants import Variant, Variants
from yardarm_schema.workload import PartField


class ServiceVariant(Variant):
    """Replicas of a server with something different, that get some of the requests of the route."""

    image: Annotated[Image, Field(description="Image of the main container.")]


class Service(Served):
    """A long-running server."""

    COMPONENT: ClassVar[str] = "server"
    PARTS: ClassVar[tuple[PartField, ...]] = (
        PartField("variants", {"": ServiceVariant}, apart=("replicas", "scaling")),
    )

    image: Annotated[Image, Field(description="Image of the main container.")]
    variants: Variants = None


class ServiceDocument(Model):
    """A long-running server: agent, user interface, database, model behind an API."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Service"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[Service, Field(description="What it is.")]
