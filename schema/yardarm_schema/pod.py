"""Where pods run, who they are, what they may do, and how they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model
from yardarm_schema.container import Argv


class Scheduling(Model):
    """Where pods run and who goes first."""

    spot: Annotated[
        Maybe[bool], Field(description="Whether nodes that may be taken away are acceptable.")
    ] = None
    spread: Annotated[
        Maybe[Literal["node", "zone"]], Field(description="Spread replicas over nodes, or over zones.")
    ] = None
    priority: Annotated[
        Maybe[units.DnsLabel], Field(description="A key of the environment's priorities.")
    ] = None


class Identity(Model):
    """The workload's ServiceAccount."""

    service_account: Annotated[
        Maybe[units.ObjectName],
        Field(description="An existing ServiceAccount; without it one is made for the workload."),
    ] = None
    annotations: Annotated[
        Mapping[units.QualifiedName, str],
        Field(description="Annotations of the ServiceAccount that is made, such as a cloud role."),
    ] = Field(default_factory=dict)


class Shutdown(Model):
    """How a pod ends."""

    grace: Annotated[
        Maybe[units.Time], Field(description="Time from the request to stop until it is killed, such as 60s.")
    ] = None
    pre_stop: Annotated[
        Maybe[Annotated[units.Duration | tuple[str, ...], Forms(text=units.Time, items=Argv)]],
        Field(description="A time to wait, or a command to run, before the process is asked to stop."),
    ] = None
