"""What a cluster must have for a field to mean anything: the objects of other projects need their controllers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.capabilities import Capability

MISSING = Code(
    "capability/missing",
    title="This environment lacks what the field needs",
    why="Environment.capabilities lists what its cluster has beyond Kubernetes; without it nobody would act on the object.",
    bad="scaling: {metric: lag} in an environment without keda",
    good="capabilities: [keda]",
)


def has(workload: Resolved[Any], capability: Capability) -> bool:
    """Whether the environment has a capability."""
    return capability in workload.environment.capabilities


def require(workload: Resolved[Any], field: str, *any_of: Capability, what: str = "") -> Iterator[Diagnostic]:
    """Refuse a field where the environment has none of the capabilities that it needs.

    Args:
        workload: whose field it is.
        field: its dotted path, to blame.
        any_of: each of them would do.
        what: the value that needs it, if not the field as such.
    """
    if not any(has(workload, capability) for capability in any_of):
        needed = " or ".join(any_of)
        message = (
            f"{what or field.removeprefix('spec.')} needs {needed}, which {workload.environment_name} lacks"
        )
        listed = ", ".join(workload.environment.capabilities)
        yield MISSING.at(
            workload.origin(field),
            message,
            fix=f"add {any_of[0]} to capabilities of Environment {workload.environment_name} where its cluster has it",
            note=f"it has: {listed or 'none'}",
            field=field,
        )
