"""Cache classes as models use them: what fetches, and where an environment keeps what was fetched."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.model.node import Node
from yardarm_schema.cache_class import CacheBinding, CacheClass

NONE = "none"
"""The class of what says nothing of a cache: where a platform has one, each pod fetches for itself."""


@dataclass(frozen=True, slots=True)
class BoundCache:
    """A cache class in an environment; ``node`` is its spec with places."""

    name: str
    spec: CacheClass
    binding: CacheBinding
    node: Node
