"""One workload in one environment: layers merged, accelerators bound, references followed, policy held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from yardarm_reconciler.model.document import PlatformSpec, WorkloadSpec
from yardarm_reconciler.model.merge import replaced
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Found
from yardarm_reconciler.model.typed import typed
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_reconciler.resolve import accelerators, budgets, identity, overrides, policy, references
from yardarm_reconciler.resolve.here import Here, child, key_place
from yardarm_schema.accelerators import Accelerator
from yardarm_schema.base import Model
from yardarm_schema.batch_job import BatchJob
from yardarm_schema.kinds import WORKLOADS
from yardarm_schema.metadata import Metadata
from yardarm_schema.service import Service
from yardarm_schema.team import Team
from yardarm_schema.volumes import NewVolume, Volume
from yardarm_schema.workload import Workload

STARTUP = {False: "10m", True: "30m"}
"""How long a server may take to start, without and with accelerators: weights of a large model load for minutes."""


class Shape(Model):
    """The fields that defaults depend on, and that have none themselves."""

    accelerator: Accelerator | None = None
    volumes: Mapping[str, Volume] = {}


@dataclass(frozen=True, slots=True)
class Parts:
    """A spec with all layers merged, as a model and as nodes; ``written`` is what the team itself wrote of it."""

    model: Workload
    node: Node
    written: Node
    bound: BoundAccelerator | None


def resolve_workload(
    here: Here, spec: WorkloadSpec, team: PlatformSpec[Team]
) -> Found[Resolved[Workload] | None]:
    """Apply everything to one workload; None where an error was found."""
    kind, above = WORKLOADS[spec.kind], overrides.layers(here, spec)
    written = overrides.written(above)
    shape = typed(Shape, overrides.only(written, "accelerator", "volumes"), ("spec",))
    if shape.value is None:
        return Found(None, shape.diagnostics)
    bound = _bound(here, shape.value, written)
    if bound.diagnostics:
        return Found(None, bound.diagnostics)
    below = [_built_in(kind, shape.value), *overrides.defaults(here, team.document, kind)]
    if bound.value is not None:
        below.append(accelerators.per_device(here, bound.value))
    node = overrides.merged(below, above, written)
    model = typed(kind, node, ("spec",))
    if model.value is None:
        return Found(None, model.diagnostics)
    return _finished(here, spec, team, Parts(model.value, node, written, bound.value))


def _bound(here: Here, shape: Shape, node: Node) -> Found[BoundAccelerator | None]:
    if shape.accelerator is None:
        return Found(None)
    return accelerators.bind(here, shape.accelerator, place_at(node, ("accelerator",)))


def _built_in(kind: type[Workload], shape: Shape) -> Node:
    """Defaults of Yardarm's own, of the kind and of what it asks for.

    A surge pod of a server with accelerators would wait for devices that its predecessor holds (and count against
    the budget), and one with storage of a single writer would wait for the volume.
    """
    if kind is not Service:
        return Node({}, NOWHERE)
    alone = any(isinstance(volume, NewVolume) and volume.access == "one" for volume in shape.volumes.values())
    scarce = shape.accelerator is not None or alone
    defaults: Mapping[str, object] = {
        "startup": {"timeout": STARTUP[shape.accelerator is not None]},
        "rollout": {"surge": 0, "unavailable": 1} if scarce else {"surge": "25%", "unavailable": "25%"},
    }
    return overrides.node_of(defaults, NOWHERE)


def _finished(
    here: Here, spec: WorkloadSpec, team: PlatformSpec[Team], parts: Parts
) -> Found[Resolved[Workload] | None]:
    """Check the merged spec and put everything together."""
    model, node, bound = parts.model, parts.node, parts.bound
    files = references.files(here, model, node)
    asked = place_at(node, ("accelerator",))
    limits = (here.environment.limits.cost_per_hour, budgets.team_limit(here, team).cost_per_hour)
    problems: tuple[Diagnostic, ...] = (
        *files.diagnostics,
        *policy.check(here, model, node, bound, key_place(spec.document.node, "spec")),
        *references.priority(here, model, node),
        *references.peers(here, spec.team, model, node),
        *(accelerators.price_missing(here, bound, asked, limits) if bound else ()),
    )
    metadata = typed(Metadata, child(spec.document.node, "metadata") or spec.document.node, ("metadata",))
    problems = (*problems, *metadata.diagnostics)
    if problems or metadata.value is None:
        return Found(None, problems)
    resolved = Resolved(
        id=spec.id,
        kind=spec.kind,
        team=spec.team,
        name=spec.name,
        labels=metadata.value.labels,
        annotations=metadata.value.annotations,
        spec=model,
        node=replaced(spec.document.node, "spec", node),
        environment_name=here.name,
        environment=here.environment,
        team_spec=team.model,
        namespace=namespace_name(here.environment, here.name, spec.team),
        accelerator=bound,
        files=files.value,
        run_id=identity.run_id(model, parts.written, files.value) if isinstance(model, BatchJob) else "",
        peak=budgets.peak(model, bound, asked),
        depends_on=references.dependencies(spec.team, model),
    )
    return Found(resolved)
