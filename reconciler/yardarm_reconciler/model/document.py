"""What a config repository holds at one revision: documents, and the specs that they were validated into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Diagnostic, Found, Place
from yardarm_schema.accelerators import AcceleratorClass
from yardarm_schema.cache_class import CacheClass
from yardarm_schema.environment import Environment
from yardarm_schema.repository import Repository
from yardarm_schema.runtime import Runtime
from yardarm_schema.team import Team
from yardarm_schema.workload import Workload as WorkloadModel

P_co = TypeVar("P_co", covariant=True)

ReadFile = Callable[[str], bytes | None]
"""Bytes of a file of the same revision by repository path, None where there is none."""

ReadDocuments = Callable[[str], Found[tuple[Node, ...]] | None]
"""The YAML documents in a file of the same revision, with what is wrong with it; None where there is no such file."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document under the spec paths, of our group, with the positions of all that it says."""

    path: str
    node: Node
    kind: str
    kind_place: Place


@dataclass(frozen=True, slots=True)
class Loaded:
    """All documents of one revision.

    ``broken`` are the paths of files whose documents cannot all be attributed to a workload (syntax
    errors, unreadable encodings): whatever the inventory recorded at such a path is held and not pruned.
    ``catalogue`` are the runtimes that Yardarm brings along, as documents of no file.
    """

    revision: str
    repository: Repository
    documents: tuple[Document, ...]
    broken: frozenset[str]
    read_file: ReadFile
    read_documents: ReadDocuments
    catalogue: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class PlatformSpec(Generic[P_co]):
    """A validated Environment, Team, AcceleratorClass, Runtime or CacheClass with its document (for origins and merging)."""

    name: str
    model: P_co
    document: Document


@dataclass(frozen=True, slots=True)
class WorkloadSpec:
    """A workload document whose identity is known; ``model`` is None where it is invalid.

    ``model`` is the spec without overrides where that is complete by itself. ``errors`` are what
    validation found, also reported; they are kept so that a held workload can say why.
    """

    kind: str
    team: str
    name: str
    document: Document
    model: WorkloadModel | None
    errors: tuple[Diagnostic, ...] = ()

    @property
    def id(self) -> str:
        """``Kind/team/name``."""
        return f"{self.kind}/{self.team}/{self.name}"


@dataclass(frozen=True, slots=True)
class Specs:
    """The validated specs of one revision.

    ``invalid_platform`` names platform specs that exist but are invalid, as ``Kind/name``: they
    freeze the workloads that use them, no others. ``runtimes`` are those of the catalogue and the platform's own.
    """

    loaded: Loaded
    environments: Mapping[str, PlatformSpec[Environment]]
    teams: Mapping[str, PlatformSpec[Team]]
    classes: Mapping[str, PlatformSpec[AcceleratorClass]]
    workloads: tuple[WorkloadSpec, ...]
    invalid_platform: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    runtimes: Mapping[str, PlatformSpec[Runtime]] = field(default_factory=dict)
    caches: Mapping[str, PlatformSpec[CacheClass]] = field(default_factory=dict)

    @property
    def platform(self) -> tuple[Node, ...]:
        """All platform specs as they were written."""
        kinds = (self.environments, self.teams, self.classes, self.runtimes, self.caches)
        return tuple(each.document.node for specs in kinds for each in specs.values())
