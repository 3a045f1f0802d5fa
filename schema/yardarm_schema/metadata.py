"""Who a spec is, and what every document begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Model
from yardarm_schema.names import LABEL, DnsLabel, LabelValue, QualifiedName
from yardarm_schema.text import Text

API_VERSION = "yardarm.dev/v1alpha1"
ApiVersion: TypeAlias = Literal["yardarm.dev/v1alpha1"]


class Metadata(Model):
    """Who a workload is."""

    name: Annotated[DnsLabel, Field(description="Name of the workload, unique in its team.")]
    team: Annotated[
        DnsLabel, Field(description="The team that owns it and whose budget it uses.", examples=["nlp"])
    ]
    labels: Annotated[
        Mapping[QualifiedName, LabelValue],
        Field(description="Labels for every object of the workload."),
    ] = Field(default_factory=dict)
    annotations: Annotated[
        Mapping[QualifiedName, str], Field(description="Annotations for every object of the workload.")
    ] = Field(default_factory=dict)


Reference: TypeAlias = Annotated[
    str,
    Text(
        "reference",
        f"[A-Z][A-Za-z]{{0,62}}/{LABEL}",
        "Kind/name of a workload of the same team",
        127,
        "BatchJob/index",
    ),
]


class PlatformMetadata(Model):
    """The name of a platform spec."""

    name: Annotated[
        DnsLabel, Field(description="Name, unique among specs of its kind.", examples=["production"])
    ]
