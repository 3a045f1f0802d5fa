"""Variants: replicas beside the others, with something different, that get some of the requests of the route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema.base import Maybe, exclusive, lacking, never_both
from yardarm_schema.names import DnsLabel
from yardarm_schema.served import Served

Variants: TypeAlias = Annotated[
    Maybe[Mapping[DnsLabel, Mapping[str, Any]]],
    Field(
        description="Replicas with something different that get a share of the route's requests, by name: "
        "weight or mirror, replicas (by default 1), and what is different.",
    ),
]


class Variant(Served):
    """Fields of every kind's variants: what they get of the requests."""

    model_config = ConfigDict(
        json_schema_extra=never_both(
            ("run", "command"), ("run", "args"), ("replicas", "scaling"), ("weight", "mirror")
        )
    )

    weight: Annotated[
        Maybe[int], Field(ge=0, le=100, description="Share of the requests that it answers, in percent.")
    ] = None
    mirror: Annotated[
        Maybe[int],
        Field(
            ge=1,
            le=100,
            description="Share of the requests that it gets a copy of, whose answers nobody sees.",
        ),
    ] = None

    @model_validator(mode="after")
    def _one_share(self) -> Variant:
        exclusive(weight=self.weight, mirror=self.mirror)
        if self.mirror is None:
            lacking(weight=self.weight)
        return self
