"""Shards: what pods that run side by side divide among them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from yardarm_schema.base import Maybe, Model
from yardarm_schema.workload import Pods


class Shards(Model):
    """Parts that pods work on side by side."""

    count: Annotated[
        Maybe[int],
        Field(
            ge=1,
            le=100_000,
            description="How many parts there are; without it the pods share a queue of work.",
        ),
    ] = None
    parallelism: Annotated[
        Maybe[int],
        Field(ge=1, le=100_000, description="How many pods run at one time; by default one for each part."),
    ] = None
    retries_per_shard: Annotated[
        Maybe[int], Field(ge=0, le=1000, description="How often each part is tried again; needs count.")
    ] = None


def sharded(shards: Shards | None) -> Pods:
    """One for each shard where nothing is said, never more than there are shards."""
    shards = shards or Shards()
    most = shards.parallelism or shards.count or 1
    most = most if shards.count is None else min(most, shards.count)
    return Pods(most, f"{most} pod{'' if most == 1 else 's'} at one time")
