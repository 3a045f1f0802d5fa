"""Runtimes as specs use them: found by name, and what holds where a spec says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.model.merge import giving_way, merge, without
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Code
from yardarm_schema.runtime import Runtime

UNKNOWN_RUNTIME = Code(
    "reference/unknown-runtime",
    title="There is no runtime of this name",
    why="A runtime says how its program is started and asked; Yardarm's catalogue has the usual ones, the platform adds its own.",
    bad="runtime: vlm",
    good="runtime: vllm",
)

BY_NAME = ("args", "env", "files", "ports")
"""Maps whose items are of several forms: one item replaces another, and is never mixed with it."""

HEALTH = ("health", "modelHealth")
"""Two ways to say the same."""


@dataclass(frozen=True, slots=True)
class BoundRuntime:
    """The runtime of a workload; ``node`` is its spec with places, none where it is of the catalogue."""

    name: str
    spec: Runtime
    node: Node


def extended(base: Node, own: Node) -> Node:
    """The spec of a runtime that extends another."""
    said = own.value if isinstance(own.value, dict) else {}
    if any(key in said for key in HEALTH):
        base = without(base, *HEALTH)
    return merge(giving_way(base, own, *BY_NAME), own)
