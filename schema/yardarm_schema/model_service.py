"""ModelService: a model behind an API, by a runtime of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema.arguments import Args, ServingVar
from yardarm_schema.base import Maybe, Model, exclusive, never_both, shared
from yardarm_schema.metadata import ApiVersion, Metadata
from yardarm_schema.model_source import Data, FetchedModel, ModelSource
from yardarm_schema.names import DnsLabel, EnvName
from yardarm_schema.replicated import Replicated
from yardarm_schema.served import Served
from yardarm_schema.variants import Variant, Variants
from yardarm_schema.workload import PartField, Pods

_EXCLUSIVE = (("run", "command"), ("run", "args"), ("replicas", "scaling"), ("model", "models"))


class Parallelism(Model):
    """How a model is split over the devices of a replica; the product of the sizes is the number of devices."""

    tensor: Annotated[
        Maybe[int], Field(ge=1, le=9999, description="Parts of each layer; by default the devices of a pod.")
    ] = None
    pipeline: Annotated[
        Maybe[int], Field(ge=1, le=9999, description="Groups of layers; by default the nodes.")
    ] = None
    data: Annotated[
        Maybe[int], Field(ge=1, le=9999, description="Copies that share requests; by default 1.")
    ] = None
    expert: Annotated[
        Maybe[bool], Field(description="Spread the experts of each layer over the devices instead.")
    ] = None


class Serving(Replicated):
    """What a model service and its roles have in common."""

    model_config = ConfigDict(json_schema_extra=never_both(*_EXCLUSIVE))

    runtime: Annotated[
        DnsLabel,
        Field(description="Name of a Runtime: of the catalogue, or the platform's own.", examples=["vllm"]),
    ]
    args: Annotated[
        Maybe[Args],
        Field(description="Arguments by name beside the runtime's: true for a bare --name; null removes."),
    ] = None  # type: ignore[assignment] # by name here, so that an environment can change one of them
    env: Annotated[
        Mapping[EnvName, ServingVar],
        Field(description="Environment variables: a text, or a reference, also to what the spec comes to."),
    ] = Field(default_factory=dict)  # type: ignore[assignment] # a reference to other values than elsewhere
    model: Annotated[Maybe[ModelSource], Field(description="The model to serve.")] = None
    models: Annotated[
        Maybe[Mapping[DnsLabel, FetchedModel]],
        Field(description="Several models by name, for a runtime that serves them together."),
    ] = None
    data: Annotated[
        Mapping[DnsLabel, Data], Field(description="Further files that the program needs, by name.")
    ] = Field(default_factory=dict)
    nodes: Annotated[
        Maybe[int], Field(ge=1, le=1000, description="Nodes that one replica spans; by default 1.")
    ] = None
    parallelism: Annotated[
        Parallelism, Field(description="How the model is split over the devices of a replica.")
    ] = Field(default_factory=shared(Parallelism))

    @property
    def span(self) -> int:
        """Pods of one replica."""
        return self.nodes or 1

    def pods(self) -> Pods:
        """All replicas on all their nodes, with those of a rollout."""
        replicas = super().pods()
        if self.span == 1:
            return replicas
        words = f"({replicas.words})" if "+" in replicas.words else replicas.words
        return Pods(replicas.most * self.span, f"{words} * {self.span} nodes")

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Serving:
        exclusive(model=self.model, models=self.models)
        return self


class ServingRole(Serving):
    """One of the unlike pods that a replica consists of."""

    leader: Annotated[bool, Field(description="Whether it takes the requests: exactly one role does.")] = (
        False
    )


class ServedModel(Serving, Served):
    """What a model service and its variants have in common: how requests from outside find a replica."""

    router: Annotated[
        Literal["service", "inferencePool"],
        Field(
            description="What picks the replica for each request of the route: a plain service, or the "
            "environment's endpoint picker, which knows how busy each is and what it has cached."
        ),
    ] = "service"


class ServingVariant(ServedModel, Variant):
    """Replicas beside the others, with something different, that get some of the requests of the route."""

    model_config = ConfigDict(json_schema_extra=never_both(*_EXCLUSIVE, ("weight", "mirror")))


class ModelService(ServedModel):
    """A model behind an API."""

    model_config = ConfigDict(
        json_schema_extra=never_both(*_EXCLUSIVE, ("nodes", "roles"), ("roles", "variants"))
    )

    COMPONENT: ClassVar[str] = "model"
    PARTS: ClassVar[tuple[PartField, ...]] = (
        PartField("roles", {"": ServingRole}),
        PartField("variants", {"": ServingVariant}, apart=("replicas", "scaling")),
    )

    roles: Annotated[
        Maybe[Mapping[DnsLabel, Mapping[str, Any]]],
        Field(
            description="Unlike pods by name, each with what is different there: leader: true for the one that "
            "takes requests; nodes for the other pods of a replica, or replicas or scaling for a pool of its own.",
        ),
    ] = None

    variants: Variants = None

    @property
    def runs_itself(self) -> bool:
        """Not where roles say what runs."""
        return not self.roles

    @model_validator(mode="after")
    def _one_shape(self) -> ModelService:
        exclusive(nodes=self.nodes, roles=self.roles)
        exclusive(roles=self.roles, variants=self.variants)
        return self


class ModelServiceDocument(Model):
    """A model behind an API: a language model, embeddings, speech, vision, or one of your own."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["ModelService"], Field(description="Kind of the spec.")]
    metadata: Annotated[Metadata, Field(description="Who it is.")]
    spec: Annotated[ModelService, Field(description="What it is.")]
