"""Team: who owns workloads, where their specs may lie, and how much they may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema.base import Forms, Maybe, Model, shared
from yardarm_schema.environment import Defaults
from yardarm_schema.limits import Budget
from yardarm_schema.metadata import ApiVersion, PlatformMetadata
from yardarm_schema.names import DnsLabel, ObjectName
from yardarm_schema.places import Glob
from yardarm_schema.security import PodSecurityLevel
from yardarm_schema.workload import WorkloadKind


class SecretStore(Model):
    """A store of the External Secrets operator."""

    kind: Annotated[
        Literal["SecretStore", "ClusterSecretStore"],
        Field(description="Of the team's namespace, or of the cluster."),
    ] = "SecretStore"
    name: Annotated[ObjectName, Field(description="Name of the store.")]


_Queues: TypeAlias = Annotated[tuple[DnsLabel, ...], Field(min_length=1, max_length=20)]


class Team(Model):
    """Owner of workloads."""

    paths: Annotated[
        tuple[Glob, ...],
        Field(min_length=1, description="Where its specs may lie, such as workloads/nlp/**."),
    ]
    budgets: Annotated[
        Mapping[DnsLabel, Budget], Field(description="Limits by environment or group of environments.")
    ] = Field(default_factory=dict)
    queue: Annotated[
        Maybe[Annotated[str | tuple[str, ...], Forms(text=DnsLabel, items=_Queues)]],
        Field(
            description="Queue that its jobs wait in where the environment has it (Kueue); of several, the first "
            "unless a spec names another."
        ),
    ] = None
    secret_store: Annotated[
        Maybe[SecretStore], Field(description="Where its secrets come from (External Secrets).")
    ] = None
    pod_security: Annotated[
        Mapping[DnsLabel, PodSecurityLevel],
        Field(
            description="Pod Security level of its namespace by environment; restricted where nothing is said."
        ),
    ] = Field(default_factory=dict)
    kinds: Annotated[
        Maybe[tuple[WorkloadKind, ...]],
        Field(description="Kinds that it may use; without it all."),
    ] = None
    defaults: Annotated[
        Defaults, Field(description="Fields that its workloads get where they say nothing.")
    ] = Field(default_factory=shared(Defaults))

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that it may wait in, the one that its jobs wait in first."""
        return (self.queue,) if isinstance(self.queue, str) else self.queue or ()


class TeamDocument(Model):
    """Owner of workloads."""

    api_version: Annotated[ApiVersion, Field(description="Version of this format.")]
    kind: Annotated[Literal["Team"], Field(description="Kind of the spec.")]
    metadata: Annotated[PlatformMetadata, Field(description="Its name.")]
    spec: Annotated[Team, Field(description="What it is.")]
