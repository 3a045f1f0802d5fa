"""How an environment follows git."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Forms, Model, shared
from yardarm_schema.cron import Cron, TimeZone
from yardarm_schema.names import DnsLabel
from yardarm_schema.text import Text


class PruneGuard(Model):
    """How much may be deleted without a person who confirms it."""

    workloads: Annotated[int, Field(ge=0, le=1_000_000, description="At most so many workloads at once.")] = (
        10
    )
    percent: Annotated[
        int, Field(ge=0, le=100, description="And at most this share of them, in percent.")
    ] = 20


class Upgrade(Model):
    """What another version of Yardarm may restart, with nothing changed in git."""

    mode: Annotated[
        Literal["confirm", "apply"],
        Field(
            description="confirm: a person says yes to just these; apply: they restart by themselves, a few at a time."
        ),
    ] = "confirm"
    workloads: Annotated[
        int, Field(ge=1, le=10_000, description="With apply: so many workloads at a time.")
    ] = 5
    every: Annotated[
        units.Time, Field(description="With apply: no sooner than after this time the next ones follow.")
    ] = units.Duration("10m")


class Wait(Model):
    """How long a change may take until it is healthy."""

    timeout: Annotated[
        units.Time,
        Field(description="After this time a change that is not healthy has failed.", examples=["15m"]),
    ] = units.Duration("30m")


class _Window(Model):
    lasts: Annotated[
        units.Time,
        Field(alias="for", description="How long it lasts, in time that really passes.", examples=["8h"]),
    ]
    time_zone: Annotated[TimeZone, Field(description="Time zone that it begins by.")] = "UTC"


class AllowWindow(_Window):
    """A time in which the environment may follow git to a new revision."""

    allow: Annotated[Cron, Field(description="When it begins.")]


class DenyWindow(_Window):
    """A time in which it may not, whatever else allows it."""

    deny: Annotated[Cron, Field(description="When it begins.")]


Window: TypeAlias = Annotated[
    AllowWindow | DenyWindow, Forms(keys={"allow": AllowWindow, "deny": DenyWindow})
]


class Sync(Model):
    """How the environment follows git."""

    mode: Annotated[
        Literal["enforce", "apply", "plan"],
        Field(
            description="enforce: apply and repair; apply: apply changes of git, report drift; plan: only report."
        ),
    ] = "enforce"
    prune: Annotated[PruneGuard, Field(description="How much may be deleted unconfirmed.")] = Field(
        default_factory=shared(PruneGuard)
    )
    upgrade: Annotated[Upgrade, Field(description="What another version of Yardarm may restart.")] = Field(
        default_factory=shared(Upgrade)
    )
    confirm: Annotated[
        tuple[
            Annotated[
                str,
                Text(
                    "digest", "[0-9a-f]{12,64}", "a digest: 12 to 64 hexadecimal digits", 64, "3f9c1ab07d52"
                ),
            ],
            ...,
        ],
        Field(description="Digests of held sets that a person has confirmed."),
    ] = ()
    wait: Annotated[Wait, Field(description="How long a change may take until it is healthy.")] = Field(
        default_factory=shared(Wait)
    )
    windows: Annotated[
        tuple[Window, ...],
        Field(
            max_length=50,
            description="When new revisions may come: within one that allows, if there is any, and in none that denies.",
        ),
    ] = ()
    after: Annotated[
        tuple[DnsLabel, ...],
        Field(max_length=20, description="Environments in which a change must have proved itself first."),
    ] = ()
    soak: Annotated[
        units.Time,
        Field(description="How long a change must have been healthy in these environments.", examples=["1h"]),
    ] = units.Duration("0s")
