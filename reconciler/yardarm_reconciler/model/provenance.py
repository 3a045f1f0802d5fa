"""Where rendered values come from: the values of ``yardarm explain -e``."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class Source:
    """One value that somebody wrote, or a default of Yardarm's own (which has no place).

    ``name`` is what people call it: ``spec.replicas``, ``Environment.defaults.scheduling.spread``; ``value`` is
    shown, and hidden where it may be secret.
    """

    name: str
    value: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a manifest.

    ``sources`` are those that it is computed from: with another value there, it would be another. ``because`` are
    those without which it would not be there at all. What has neither is Yardarm's own, in every such object.
    """

    path: str
    value: str
    sources: tuple[Source, ...] = ()
    because: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """One manifest, value by value."""

    key: Key
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """All manifests of a workload. Of ``untraced`` values nobody knows what they lead to: no other is valid there."""

    environment: str
    workload: str
    objects: tuple[Explained, ...]
    untraced: tuple[Source, ...] = ()
