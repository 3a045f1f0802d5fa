"""Who may write what: asked at the one place that writes, immediately before each write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.workload import Workload

CLUSTER_SCOPED = frozenset({"Namespace"})
"""The only cluster-scoped kinds that are written, and only for a team's own workload."""


AT_THE_GATEWAY = frozenset(
    {
        GroupKind("security.istio.io", "RequestAuthentication"),
        GroupKind("security.istio.io", "AuthorizationPolicy"),
    }
)
"""Kinds that Istio reads from the gateway's namespace alone; their names begin with the namespace of the team."""


def namespaces(workloads: Iterable[Workload], inventory: Inventory) -> Mapping[str, AbstractSet[str]]:
    """By team, the namespaces that are its own: those that this revision gives it, and those that it already has."""
    own: defaultdict[str, set[str]] = defaultdict(set)
    for workload in workloads:
        own[workload.team].add(workload.namespace)
    for record in inventory.records.values():
        own[record.team] |= {
            key.namespace or key.name for key in record.entries if key.group_kind not in AT_THE_GATEWAY
        }
        own[record.team] |= {run.key.namespace for run in record.runs}
    return own


def deny(todo: Todo, key: Key, own: Mapping[str, AbstractSet[str]], gateway: str = "") -> str:
    """Why this workload may not write that object, or an empty text.

    Args:
        todo: the workload on whose behalf it is written.
        key: the object.
        own: by team, the namespaces that are its own in this environment.
        gateway: the namespace of the environment's gateway, where it has one.
    """
    team = todo.id.split("/")[1]
    allowed = own.get(team, frozenset())
    if key.group_kind in AT_THE_GATEWAY and _is_for_a_route(todo, key, allowed, gateway):
        return ""
    if key.namespace:
        return "" if key.namespace in allowed else f"namespace {key.namespace} is not one of team {team}"
    if key.kind in CLUSTER_SCOPED and todo.id == f"Team/{team}" and key.name in allowed:
        return ""
    return f"team {team} may not write the cluster-scoped {key.group_kind} {key.name}"


def _is_for_a_route(todo: Todo, key: Key, allowed: AbstractSet[str], gateway: str) -> bool:
    """Whether it is beside the gateway, or was when it was made, under a name that only this team's can have."""
    known = todo.record is not None and key in todo.record.entries
    return (known or key.namespace == gateway) and key.name.partition(".")[0] in allowed
