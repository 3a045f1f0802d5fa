"""Where pods run, who they are, what they may do, and how they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from yardarm_schema import units
from yardarm_schema.base import Forms, Maybe, Model, exclusive
from yardarm_schema.container import Argv
from yardarm_schema.names import LABEL, DnsLabel, ObjectName, QualifiedName
from yardarm_schema.text import Text


class Topology(Model):
    """How near to one another the pods of one run are."""

    level: Annotated[
        DnsLabel, Field(description="A key of the environment's topologies, such as rack.", examples=["rack"])
    ]
    mode: Annotated[
        Maybe[Literal["required", "preferred"]],
        Field(
            description="Whether they must be in one place of that level, or shall be if possible (Kueue); required "
            "unless exclusive says how they are placed."
        ),
    ] = None
    exclusive: Annotated[
        bool, Field(description="Whether each slice or role has a place of that level for itself (JobSet).")
    ] = False


class Scheduling(Model):
    """Where pods run and who goes first."""

    spot: Annotated[
        Maybe[bool], Field(description="Whether nodes that may be taken away are acceptable.")
    ] = None
    spread: Annotated[
        Maybe[Literal["node", "zone"]], Field(description="Spread replicas over nodes, or over zones.")
    ] = None
    priority: Annotated[
        Maybe[DnsLabel], Field(description="A key of the environment's priorities.", examples=["high"])
    ] = None
    queue: Annotated[
        Maybe[DnsLabel],
        Field(
            description="A queue of the team that it waits in (Kueue); jobs wait in the team's first.",
            examples=["nightly"],
        ),
    ] = None
    topology: Annotated[
        Maybe[Topology], Field(description="How near to one another the pods of one run are.")
    ] = None


class Rule(Model):
    """Rights of the program itself in its namespace."""

    group: Annotated[
        str,
        Text("name", rf"(?:{LABEL}(?:\.{LABEL})*)?", "an API group", 253, "coordination.k8s.io"),
        Field(description="API group of the resources; empty for the core group."),
    ] = ""
    resources: Annotated[
        tuple[
            Annotated[str, Text("name", "[a-z]+(?:/[a-z]+)?", "a resource's plural name", 100, "configmaps")],
            ...,
        ],
        Field(
            min_length=1, description="Plural names of resources; the environment's policy must list each."
        ),
    ]
    verbs: Annotated[
        tuple[Literal["get", "list", "watch", "create", "update", "patch", "delete"], ...],
        Field(min_length=1, description="What it may do with them."),
    ]
    names: Annotated[
        tuple[ObjectName, ...], Field(description="Only objects of these names; without it all.")
    ] = ()


class Identity(Model):
    """The workload's ServiceAccount."""

    model_config = ConfigDict(
        json_schema_extra={
            "not": {"required": ["serviceAccount", "rules"], "properties": {"rules": {"minItems": 1}}}
        }
    )

    service_account: Annotated[
        Maybe[ObjectName],
        Field(
            description="An existing ServiceAccount; without it one is made for the workload.",
            examples=["model-reader"],
        ),
    ] = None
    annotations: Annotated[
        Mapping[QualifiedName, str],
        Field(description="Annotations of the ServiceAccount that is made, such as a cloud role."),
    ] = Field(default_factory=dict)
    rules: Annotated[
        tuple[Rule, ...],
        Field(description="Rights in its namespace (a Role); only then does the program get a token."),
    ] = ()

    @model_validator(mode="after")
    def _own_account(self) -> Identity:
        exclusive(serviceAccount=self.service_account, rules=self.rules or None)
        return self


class Shutdown(Model):
    """How a pod ends."""

    grace: Annotated[
        Maybe[units.Time],
        Field(description="Time from the request to stop until it is killed, such as 60s.", examples=["60s"]),
    ] = None
    pre_stop: Annotated[
        Maybe[Annotated[units.Duration | tuple[str, ...], Forms(text=units.Time, items=Argv)]],
        Field(description="A time to wait, or a command to run, before the process is asked to stop."),
    ] = None
