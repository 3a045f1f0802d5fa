"""What resolving one workload needs to know of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yardarm_reconciler.model.document import PlatformSpec, Specs
from yardarm_reconciler.model.node import Node, descend, place_at
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_schema.environment import Environment


@dataclass(frozen=True, slots=True)
class Here:
    """One environment, among all specs of the revision.

    ``known`` are team and name of every workload of the revision; ``teams_held`` says of each team that cannot be
    used here why.
    """

    specs: Specs
    platform: PlatformSpec[Environment]
    known: frozenset[tuple[str, str]]
    teams_held: Mapping[str, tuple[Diagnostic, ...]]

    @property
    def name(self) -> str:
        """Name of the environment."""
        return self.platform.name

    @property
    def environment(self) -> Environment:
        """Its spec."""
        return self.platform.model

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of ``environments`` that mean this one, the weakest first: its groups in order, then its name."""
        return (*self.environment.groups, self.name)

    def place(self, *path: str) -> Place:
        """Where something is written in the Environment."""
        return place_at(self.platform.document.node, path)


def child(node: Node, *path: str) -> Node | None:
    """The value at a path, or None where there is none."""
    found, _, steps = descend(node, path)
    return found if steps == len(path) else None


def key_place(node: Node, *path: str) -> Place:
    """Where the key at a path is written, or its nearest ancestor's value."""
    found, entry, steps = descend(node, path)
    return entry.place if entry is not None and steps == len(path) else found.place
