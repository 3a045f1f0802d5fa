"""Who may write what: asked at the one place that writes, immediately before each write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.workload import Workload

CLUSTER_SCOPED = frozenset({"Namespace"})
"""The only cluster-scoped kinds that are written, and only for a team's own workload."""


def namespaces(workloads: Iterable[Workload], inventory: Inventory) -> Mapping[str, AbstractSet[str]]:
    """By team, the namespaces that are its own: those that this revision gives it, and those that it already has."""
    own: defaultdict[str, set[str]] = defaultdict(set)
    for workload in workloads:
        own[workload.team].add(workload.namespace)
    for record in inventory.records.values():
        own[record.team] |= {key.namespace or key.name for key in record.entries}
        own[record.team] |= {run.key.namespace for run in record.runs}
    return own


def deny(todo: Todo, key: Key, own: Mapping[str, AbstractSet[str]]) -> str:
    """Why this workload may not write that object, or an empty text.

    Args:
        todo: the workload on whose behalf it is written.
        key: the object.
        own: by team, the namespaces that are its own in this environment.
    """
    team = todo.id.split("/")[1]
    allowed = own.get(team, frozenset())
    if key.namespace:
        return "" if key.namespace in allowed else f"namespace {key.namespace} is not one of team {team}"
    if key.kind in CLUSTER_SCOPED and todo.id == f"Team/{team}" and key.name in allowed:
        return ""
    return f"team {team} may not write the cluster-scoped {key.group_kind} {key.name}"
