"""A unit: one environment as the operator's settings bind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """One source, one environment, one cluster, and an id that never changes.

    ``cluster`` is the name that the Environment must agree with; empty where a person points a command at a
    cluster ad hoc. ``cluster_uid`` is what the cluster must say of itself; empty where it is not pinned. ``platform`` narrows
    the paths that platform specs are accepted from. ``confirm_runs`` makes runs wait on a cluster without inventory.
    ``linear`` refuses a revision that does not continue the one that is followed.
    """

    id: str
    environment: str
    cluster: str = ""
    cluster_uid: str = ""
    platform: tuple[str, ...] | None = None
    confirm_runs: bool = True
    linear: bool = False
