"""A workload: one spec resolved for one environment, then expanded into manifests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeAlias, TypeVar, cast

from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.cache import BoundCache
from yardarm_reconciler.model.declared import NOTHING, Declared
from yardarm_reconciler.model.manifest import GroupKind, Key, Manifest, Object
from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.operators import KUBEFLOW_JOBS
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_reconciler.model.runtime import BoundRuntime
from yardarm_schema.accelerators import AcceleratorBinding
from yardarm_schema.container import ServiceAddress
from yardarm_schema.environment import Environment
from yardarm_schema.team import Team
from yardarm_schema.workload import Program

_STEPS = re.compile(r"\[([0-9]+)\]|([^.\[]+)")

S_co = TypeVar("S_co", covariant=True)
Parts: TypeAlias = Mapping[str, Mapping[str, "Resolved[Any]"]]
"""Parts of a workload by the field that holds them and by name: ``{"roles": {"leader": …}}``."""


@dataclass(frozen=True, slots=True)
class BoundAccelerator:
    """What an accelerator request means in this environment: ``count`` devices of one class in each pod.

    ``resource`` and ``runtime_class`` are what the pods' isolation makes of the binding's, ``price`` is money per hour
    for a device. ``alternatives`` are other classes that the scheduler may take instead, by the same resource.
    """

    class_name: str
    count: int
    binding: AcceleratorBinding
    resource: str
    runtime_class: str = ""
    price: Decimal | None = None
    topology: str = ""
    alternatives: tuple[BoundAccelerator, ...] = ()

    @property
    def claimed(self) -> bool:
        """Whether its devices are asked for by claims instead of by the resource."""
        return self.binding.dra is not None and not self.runtime_class


@dataclass(frozen=True, slots=True)
class Address:
    """Where another workload of the environment answers."""

    team: str
    workload: str
    namespace: str
    port: int

    def text(self, asked: ServiceAddress) -> str:
        """What a program is told: ``http://qdrant.search-production.svc:6333/v1``."""
        scheme = "" if asked.scheme == "none" else f"{asked.scheme}://"
        return f"{scheme}{self.workload}.{self.namespace}.svc:{self.port}{asked.path}"


@dataclass(frozen=True, slots=True)
class Resolved(Generic[S_co]):
    """A spec with overrides, defaults and bindings applied; everything an expander needs, and no more.

    ``spec`` is the kind's ``spec`` model, ``component`` what a kind is called in labels. ``node`` is the merged document: every value of it still
    knows the file and line that it came from (the spec, or a default of the environment or team).
    ``files`` holds the bytes of every file that the spec refers to, by repository path, ``addresses`` what its
    references to other workloads come to, ``raw`` the objects of RawResources as they are written, ``caches`` by name the
    cache classes that its models name, ``before`` containers of Yardarm's own that run before all others of its pod.

    A role, variant or step is a ``Resolved`` too, of the model that its patched spec is: ``part`` is its name (empty
    for the whole), and ``parts`` of the whole holds them by field and name. ``pods`` run of it alone at one time at
    most, ``peak`` is what it and its parts hold.
    """

    id: str
    kind: str
    component: str
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
    runtime: BoundRuntime | None = None
    caches: Mapping[str, BoundCache] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    run_id: str = ""
    addresses: Mapping[ServiceAddress, Address] = field(default_factory=dict)
    pods: int = 0
    peak: Peak = field(default_factory=Peak)
    depends_on: tuple[str, ...] = ()
    raw: tuple[Node, ...] = ()
    before: tuple[Object, ...] = ()
    part: str = ""
    parts: Parts = field(default_factory=dict)

    def programs(self) -> tuple[Resolved[Program], ...]:
        """Everything of it that runs in pods: itself, unless only its parts do, then its parts."""
        own = self if isinstance(self.spec, Program) and self.spec.runs_itself else None
        parts = (part for named in self.parts.values() for part in named.values())
        return (*([cast("Resolved[Program]", own)] if own is not None else []), *parts)

    def served_by(self) -> BoundRuntime:
        """The runtime of a workload of a kind that must name one.

        Raises:
            TypeError: it is of another kind.
        """
        if self.runtime is None:
            raise TypeError(f"a {self.kind} has no runtime")
        return self.runtime

    def origin(self, path: str = "", *steps: str | int) -> Place:
        """Where the value at a dotted path (``spec.metrics[0].metric``) was written, or its nearest ancestor in any file.

        ``steps`` go on from there: they may be keys that have dots in them.
        """
        whole = (*(int(index) if index else name for index, name in _STEPS.findall(path)), *steps)
        places = (descend(self.node, whole[:end])[0].place for end in range(len(whole), 0, -1))
        return next((place for place in places if place.path), self.node.place)


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

    @property
    def accounting(self) -> Declared:
        """How the pods of kinds are found that only the environment knows."""
        return self.environment.accounting if self.environment is not None else NOTHING


RUN_KINDS = frozenset(
    {
        GroupKind("batch", "Job"),
        GroupKind("jobset.x-k8s.io", "JobSet"),
        GroupKind("trainer.kubeflow.org", "TrainJob"),
        GroupKind("ray.io", "RayJob"),
        GroupKind("argoproj.io", "Workflow"),
        *(GroupKind(group, kind) for group, kind in KUBEFLOW_JOBS),
        GroupKind("sparkoperator.k8s.io", "SparkApplication"),
    }
)
"""Kinds of objects that are one execution each: their pods end with them, and none of them is ever adopted."""


@dataclass(frozen=True, slots=True)
class RunIntent:
    """One execution that a spec asks for: its id is the hash of what the team asked to compute.

    ``step`` tells the executions of one workload apart, empty where there is one; ``needs`` are the ids of those that
    must have succeeded before this one starts.

    A fetch is a run too: it ``opens`` the way for what serves, which waits until it has succeeded, and what it does is
    in the claim that it ``fills``, so that without the claim it is as if it had never run. It is ``repeatable``: done
    twice it does no harm, so nobody need say yes to it, and one that was lost or cancelled is begun anew.
    """

    id: str
    key: Key
    overlap: str
    history: int
    rerun: str
    step: str = ""
    needs: tuple[str, ...] = ()
    opens: bool = False
    repeatable: bool = False
    fills: Key | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """The unit of isolation, health and budget: manifests, and what they take at their peak.

    ``input_hash`` covers all that the manifests were rendered from but the renderer itself: equal
    input and other bytes mean that Yardarm was upgraded. ``last_good`` is what the inventory keeps of it once it was
    applied completely: all its manifests but the runs.
    """

    id: str
    team: str
    namespace: str
    origin: Place
    manifests: tuple[Manifest, ...]
    input_hash: str
    peak: Peak = field(default_factory=Peak)
    runs: tuple[RunIntent, ...] = ()
    depends_on: tuple[str, ...] = ()
    last_good: bytes = b""
