"""A workload: one spec resolved for one environment, then expanded into manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_schema.accelerators import AcceleratorBinding
from yardarm_schema.environment import Environment
from yardarm_schema.team import Team

S_co = TypeVar("S_co", covariant=True)


@dataclass(frozen=True, slots=True)
class BoundAccelerator:
    """What an accelerator request means in this environment: ``count`` devices of one class in each pod."""

    class_name: str
    count: int
    binding: AcceleratorBinding


@dataclass(frozen=True, slots=True)
class Resolved(Generic[S_co]):
    """A spec with overrides, defaults and bindings applied; everything an expander needs, and no more.

    ``spec`` is the kind's ``spec`` model. ``node`` is the merged document: every value of it still
    knows the file and line that it came from (the spec, or a default of the environment or team).
    ``files`` holds the bytes of every file that the spec refers to, by repository path.
    """

    id: str
    kind: str
    team: str
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    spec: S_co
    node: Node
    environment_name: str
    environment: Environment
    team_spec: Team
    namespace: str
    accelerator: BoundAccelerator | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    run_id: str = ""
    peak: Peak = field(default_factory=Peak)
    depends_on: tuple[str, ...] = ()

    def origin(self, path: str = "") -> Place:
        """Where the value at a dotted path (``spec.accelerator``) was written, or its nearest ancestor's place."""
        steps = tuple(path.split(".")) if path else ()
        return descend(self.node, steps)[0].place


@dataclass(frozen=True, slots=True)
class Resolution:
    """One environment of one revision, resolved.

    ``held`` are workloads whose identity is known but that cannot be resolved here, by id, with the reasons:
    they keep their last good state. ``present`` are the ids of all workloads that this revision wants
    in this environment, resolvable or not. ``frozen`` says why the whole unit must not change (an invalid
    Environment), or is empty.
    """

    environment_name: str
    environment: Environment | None
    workloads: tuple[Resolved[object], ...]
    held: Mapping[str, tuple[Diagnostic, ...]]
    present: frozenset[str]
    limits: Limits
    frozen: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class RunIntent:
    """One execution of a job that the spec asks for: its id is the hash of what the team asked to compute."""

    id: str
    key: Key
    overlap: str
    history: int
    rerun: str


@dataclass(frozen=True, slots=True)
class Workload:
    """The unit of isolation, health and budget: manifests, and what they take at their peak.

    ``input_hash`` covers all that the manifests were rendered from but the renderer itself: equal
    input and other bytes mean that Yardarm was upgraded.
    """

    id: str
    team: str
    namespace: str
    origin: Place
    manifests: tuple[Manifest, ...]
    input_hash: str
    peak: Peak = field(default_factory=Peak)
    run: RunIntent | None = None
    depends_on: tuple[str, ...] = ()
