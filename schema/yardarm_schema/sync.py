"""How an environment follows git."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from yardarm_schema import units
from yardarm_schema.base import Model


class PruneGuard(Model):
    """How much may be deleted without a person who confirms it."""

    workloads: Annotated[int, Field(ge=0, le=1_000_000, description="At most so many workloads at once.")] = (
        10
    )
    percent: Annotated[
        int, Field(ge=0, le=100, description="And at most this share of them, in percent.")
    ] = 20


class Wait(Model):
    """How long a change may take until it is healthy."""

    timeout: Annotated[
        units.Time, Field(description="After this time a change that is not healthy has failed.")
    ] = units.Duration("30m")


class Sync(Model):
    """How the environment follows git."""

    mode: Annotated[
        Literal["enforce", "apply", "plan"],
        Field(
            description="enforce: apply and repair; apply: apply changes of git, report drift; plan: only report."
        ),
    ] = "enforce"
    prune: Annotated[PruneGuard, Field(description="How much may be deleted unconfirmed.")] = Field(
        default_factory=PruneGuard
    )
    confirm: Annotated[
        tuple[
            Annotated[
                str,
                units.Text(
                    "digest", "[0-9a-f]{12,64}", "a digest: 12 to 64 hexadecimal digits", 64, "3f9c1ab07d52"
                ),
            ],
            ...,
        ],
        Field(description="Digests of held sets that a person has confirmed."),
    ] = ()
    wait: Annotated[Wait, Field(description="How long a change may take until it is healthy.")] = Field(
        default_factory=Wait
    )
