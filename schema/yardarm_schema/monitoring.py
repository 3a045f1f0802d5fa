"""What is measured of a workload, and when somebody is told (Prometheus Operator)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Maybe, Model
from yardarm_schema.names import DnsLabel, PortName
from yardarm_schema.places import UrlPath


class Alert(Model):
    """A rule that fires when its expression holds for some time."""

    expr: Annotated[
        str,
        Field(min_length=1, max_length=4096, description="PromQL; the alert fires where it gives anything."),
    ]
    for_: Annotated[
        Maybe[units.Time],
        Field(
            alias="for",
            description="How long it must hold before anybody is told, such as 10m.",
            examples=["10m"],
        ),
    ] = None
    severity: Annotated[Literal["info", "warning", "critical"], Field(description="How bad it is.")] = (
        "warning"
    )
    summary: Annotated[
        Maybe[str], Field(min_length=1, max_length=1024, description="What to tell people.")
    ] = None


class Monitoring(Model):
    """Scraping and alerts. A port called metrics is scraped where the environment can, without a word here."""

    path: Annotated[UrlPath, Field(description="Path of the metrics.", examples=["/metrics"])] = "/metrics"
    port: Annotated[PortName, Field(description="Name of the port that has them.", examples=["metrics"])] = (
        "metrics"
    )
    interval: Annotated[
        Maybe[units.Time], Field(description="How often they are read, such as 30s.", examples=["30s"])
    ] = None
    alerts: Annotated[Mapping[DnsLabel, Alert], Field(description="Rules by name.")] = Field(
        default_factory=dict
    )
