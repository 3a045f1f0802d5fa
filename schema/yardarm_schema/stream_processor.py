"""StreamProcessor: a continuous consumer of what waits in a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.container import ConfigKey, PodField, SecretKey, ServiceAddress
from yardarm_schema.images import Image
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.names import EnvName
from yardarm_schema.replicated import Replicated
from yardarm_schema.sources import Source
from yardarm_schema.spec_values import SourceValue

ConsumerVar: TypeAlias = Annotated[
    str | SecretKey | ConfigKey | PodField | ServiceAddress | SourceValue,
    Forms(
        text=str,
        keys={
            "secret": SecretKey,
            "config": ConfigKey,
            "field": PodField,
            "service": ServiceAddress,
            "from": SourceValue,
        },
    ),
]


class StreamProcessor(Replicated):
    """A continuous consumer."""

    COMPONENT: ClassVar[str] = "consumer"
    SERVES: ClassVar[bool] = False

    image: Annotated[Image, Field(description="Image of the main container.")]
    source: Annotated[Source, Field(description="Where its items come from.")]
    env: Annotated[
        Mapping[EnvName, ConsumerVar],
        Field(description="Environment variables: a text, or a reference, also to what source says."),
    ] = Field(default_factory=dict)  # type: ignore[assignment] # a reference to other values than elsewhere
    replicas: Annotated[
        Maybe[int], Field(ge=0, le=100_000, description="How many pods run, 1 if nothing is said.")
    ] = None


class StreamProcessorDocument(Model):
    """A continuous consumer: embeddings of new documents, features, moderation, enrichment."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["StreamProcessor"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[StreamProcessor, Field(description="What it is.")]
