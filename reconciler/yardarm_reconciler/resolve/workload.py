"""One workload in one environment: layers merged, accelerators bound, references followed, policy held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.model.document import PlatformSpec, WorkloadSpec
from yardarm_reconciler.model.merge import only, replaced
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Found, Place
from yardarm_reconciler.model.parts import Part
from yardarm_reconciler.model.parts import parts as parts_of
from yardarm_reconciler.model.runtime import BoundRuntime
from yardarm_reconciler.model.typed import typed
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_reconciler.resolve import (
    accelerators,
    budgets,
    caches,
    identity,
    overrides,
    peaks,
    policy,
    raw,
    references,
    requests,
    runtimes,
    security,
    steps,
)
from yardarm_reconciler.resolve.here import Here, child, key_place
from yardarm_schema.accelerators import Accelerator
from yardarm_schema.base import Maybe, Model
from yardarm_schema.kinds import WORKLOADS
from yardarm_schema.metadata import Metadata
from yardarm_schema.model_service import ServingRole
from yardarm_schema.names import DnsLabel
from yardarm_schema.pipeline import Pipeline
from yardarm_schema.raw_resources import RawResources
from yardarm_schema.replicated import PER_NODE, Replicas, Replicated
from yardarm_schema.security import Isolation
from yardarm_schema.team import Team
from yardarm_schema.volumes import NewVolume, Volume
from yardarm_schema.workload import Program, Workload

STARTUP = {False: "10m", True: "30m"}
"""How long a server may take to start, without and with accelerators: weights of a large model load for minutes."""


class Shape(Model):
    """The fields that defaults depend on, and that have none themselves."""

    accelerator: Accelerator | None = None
    isolation: Isolation = "container"
    runtime: DnsLabel | None = None
    nodes: int | None = None
    roles: Mapping[str, Any] | None = None
    volumes: Mapping[str, Volume] = {}
    replicas: Maybe[Replicas] = None


@dataclass(frozen=True, slots=True)
class Layered:
    """A spec, or a part of one, with all layers merged, as a model and as nodes.

    ``written`` is what the team itself wrote of it.
    """

    model: Workload
    node: Node
    written: Node
    bound: BoundAccelerator | None
    runtime: BoundRuntime | None


def resolve_workload(
    here: Here, spec: WorkloadSpec, team: PlatformSpec[Team]
) -> Found[Resolved[Workload] | None]:
    """Apply everything to one workload and its parts; None where an error was found."""
    kind, above = WORKLOADS[spec.kind], overrides.layers(here, spec)
    metadata = typed(Metadata, child(spec.document.node, "metadata") or spec.document.node, ("metadata",))
    found = _resolved(here, spec, team, kind, above, metadata.value)
    parts: dict[str, dict[str, Resolved[Workload]]] = {}
    problems = [*metadata.diagnostics, *found.diagnostics]
    for part in parts_of(kind, above):
        made = _resolved(here, spec, team, part.model, part.layers, metadata.value, part)
        problems += [each for each in made.diagnostics if each not in problems]
        if made.value is not None:
            parts.setdefault(part.field, {})[part.name] = made.value
    if problems or found.value is None:
        return Found(None, tuple(problems))
    return _whole(found.value, parts)


def _whole(
    own: Resolved[Workload], parts: Mapping[str, Mapping[str, Resolved[Workload]]]
) -> Found[Resolved[Workload] | None]:
    """A workload with its parts: which run it is with them, and what they hold at one time."""
    if isinstance(own.spec, Pipeline):
        named = parts.get("steps", {})
        problems = tuple(steps.check(named))
        if problems:
            return Found(None, problems)
        done = steps.with_ids(named)
        run_id = identity.with_parts("", "steps", done)
        peak = steps.peak(done, own.spec.at_once)
        return Found(replace(own, parts={"steps": done}, peak=peak, run_id=run_id))
    peak, run_id = (
        peaks.together(own.peak, parts),
        identity.with_parts(own.run_id, "roles", parts.get("roles", {})),
    )
    return Found(replace(own, parts=parts, peak=peak, run_id=run_id if own.run_id else ""))


def _resolved(
    here: Here,
    spec: WorkloadSpec,
    team: PlatformSpec[Team],
    model: type[Workload],
    above: tuple[Node, ...],
    metadata: Metadata | None,
    part: Part | None = None,
) -> Found[Resolved[Workload] | None]:
    """The whole of a spec without its parts, or one part."""
    layered = _layered(here, spec.name, team, model, above)
    if layered.value is None or metadata is None:
        return Found(None, layered.diagnostics)
    return _finished(here, spec, team, layered.value, metadata, part)


def _layered(
    here: Here, name: str, team: PlatformSpec[Team], kind: type[Workload], above: tuple[Node, ...]
) -> Found[Layered | None]:
    """Merge what the team wrote onto all defaults, which depend on the accelerator and the runtime that it asks for."""
    written = overrides.written(above)
    shape = typed(Shape, only(written, *Shape.model_fields), ("spec",))
    if shape.value is None:
        return Found(None, shape.diagnostics)
    bound, runtime = _bound(here, shape.value, written), _runtime(here, shape.value, written)
    if bound.diagnostics or runtime.diagnostics:
        return Found(None, (*bound.diagnostics, *runtime.diagnostics))
    below = [_built_in(kind, shape.value), *overrides.defaults(here, team.document, kind)]
    if runtime.value is not None:
        below.append(runtimes.layer(here, runtime.value, bound.value, written, name))
    if bound.value is not None:
        below.append(accelerators.per_device(here, bound.value))
    node = overrides.merged(below, above, written)
    model = typed(kind, node, ("spec",))
    if model.value is None:
        return Found(None, model.diagnostics)
    return Found(Layered(model.value, node, written, bound.value, runtime.value))


def _bound(here: Here, shape: Shape, node: Node) -> Found[BoundAccelerator | None]:
    if shape.accelerator is None:
        return Found(None)
    return requests.bind(here, shape.accelerator, shape.isolation, node)


def _runtime(here: Here, shape: Shape, node: Node) -> Found[BoundRuntime | None]:
    if shape.runtime is None:
        return Found(None)
    return runtimes.bind(here, shape.runtime, place_at(node, ("runtime",)))


def _built_in(kind: type[Workload], shape: Shape) -> Node:
    """Defaults of Yardarm's own, of the kind and of what it asks for.

    A surge pod of a server with accelerators would wait for devices that its predecessor holds (and count against
    the budget), and one with storage of a single writer would wait for the volume. Where each node or each name has
    one pod, there is no place for a second. A replica that spans nodes needs several at once.
    """
    if not issubclass(kind, Replicated):
        return Node({}, NOWHERE)
    alone = any(_is_alone(volume) for volume in shape.volumes.values()) or shape.replicas == PER_NODE
    spans = issubclass(kind, ServingRole) or shape.roles or shape.nodes not in (None, 1)
    scarce = shape.accelerator is not None or alone or spans
    defaults: Mapping[str, object] = {
        "startup": {"timeout": STARTUP[shape.accelerator is not None]},
        "rollout": {"surge": 0, "unavailable": 1} if scarce else {"surge": "25%", "unavailable": "25%"},
    }
    return overrides.node_of(defaults, NOWHERE)


def _is_alone(volume: Volume) -> bool:
    """Whether a pod's successor must wait for a volume until the pod is gone."""
    return isinstance(volume, NewVolume) and (volume.access == "one" or volume.per_replica)


def _finished(
    here: Here,
    spec: WorkloadSpec,
    team: PlatformSpec[Team],
    layered: Layered,
    metadata: Metadata,
    part: Part | None,
) -> Found[Resolved[Workload] | None]:
    """Check the merged spec and put everything together."""
    model, node = layered.model, layered.node
    resolved = _put_together(here, spec, team, layered, metadata, part)
    if isinstance(model, RawResources):
        objects = raw.manifests(here, model, node)
        strange = (*objects.diagnostics, *references.peers(here, spec.team, model, node))
        return Found(None if strange else replace(resolved, raw=objects.value), strange)
    if not isinstance(model, Program):
        return Found(resolved)
    if not model.runs_itself:
        shared = only(layered.written, *identity.OF_ALL_ROLES)
        return Found(replace(resolved, run_id=identity.run_id(model, shared, {}) if model.COMPUTES else ""))
    files = references.files(here, model, node)
    kept = caches.bind(here, model, node) if isinstance(model, caches.Needing) else Found({})
    key = part.entry.place if part else key_place(spec.document.node, "spec")
    problems = (*files.diagnostics, *kept.diagnostics, *_problems(here, model, team, layered, key))
    if problems:
        return Found(None, problems)
    pods = peaks.pods_of(model, layered.bound)
    program = replace(
        resolved,
        files=files.value,
        caches=kept.value,
        run_id=identity.run_id(model, layered.written, files.value) if model.COMPUTES else "",
        pods=pods.most,
        peak=peaks.program(pods, layered.bound, place_at(node, ("accelerator",))),
    )
    return Found(program)


def _put_together(
    here: Here,
    spec: WorkloadSpec,
    team: PlatformSpec[Team],
    layered: Layered,
    metadata: Metadata,
    part: Part | None,
) -> Resolved[Workload]:
    """A spec with what belongs to it, before anything is checked of what it asks for."""
    return Resolved(
        id=spec.id,
        kind=spec.kind,
        component=WORKLOADS[spec.kind].COMPONENT,
        team=spec.team,
        name=spec.name,
        labels=metadata.labels,
        annotations=metadata.annotations,
        spec=layered.model,
        node=replaced(spec.document.node, "spec", layered.node),
        environment_name=here.name,
        environment=here.environment,
        team_spec=team.model,
        namespace=namespace_name(here.environment, here.name, spec.team),
        accelerator=layered.bound,
        runtime=layered.runtime,
        depends_on=references.dependencies(spec.team, layered.model),
        part=part.name if part else "",
    )


def _problems(
    here: Here, model: Program, team: PlatformSpec[Team], layered: Layered, key: Place
) -> Iterator[Diagnostic]:
    """Everything that a program asks for and must not have, or that there is not. ``key`` is where its spec begins."""
    node, bound, asked = layered.node, layered.bound, place_at(layered.node, ("accelerator",))
    yield from policy.check(here, model, node, bound, layered.runtime, key)
    yield from references.priority(here, model, node)
    yield from references.queue(here, team.model, model, node)
    yield from references.topology(here, model, node)
    yield from references.peers(here, team.name, model, node)
    yield from references.volumes(here, team.name, model, node)
    yield from policy.beside(here, model, node)
    yield from policy.rules(here, model, node)
    yield from references.fabric(here, model, node)
    yield from security.check(here, team.model, model, node, bound)
    if bound is not None:
        limits = (here.environment.limits.cost_per_hour, budgets.team_limit(here, team).cost_per_hour)
        yield from accelerators.price_missing(here, bound, asked, limits)
        yield from requests.topology_product(bound, getattr(model, "nodes", None) or 1, node)
        yield from accelerators.uncounted_nodes(here, bound, model, place_at(node, ("replicas",)))
