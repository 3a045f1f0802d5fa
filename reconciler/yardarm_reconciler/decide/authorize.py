"""Who may write what: asked at the one place that writes, immediately before each write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from yardarm_reconciler.decide.steps import Todo
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.manifest import DEFINITION, GroupKind, Key
from yardarm_reconciler.model.workload import Resolution, Workload

CLUSTER_SCOPED = frozenset({"Namespace"})
"""The cluster-scoped kinds that are written for a team's own objects."""


AT_THE_GATEWAY = frozenset(
    {
        GroupKind("security.istio.io", "RequestAuthentication"),
        GroupKind("security.istio.io", "AuthorizationPolicy"),
    }
)
"""Kinds that Istio reads from the gateway's namespace alone; their names begin with the namespace of the team."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What an environment admits outside of the namespaces of teams.

    ``gateway`` is the namespace of its gateway, where it has one; ``definitions`` says whether teams may define kinds.
    """

    gateway: str = ""
    definitions: bool = False


def admitted(resolution: Resolution) -> Admitted:
    """What an environment admits; one that cannot be read admits nothing new."""
    environment = resolution.environment
    if environment is None:
        return Admitted()
    gateway = environment.gateway.namespace if environment.gateway else ""
    return Admitted(gateway, str(DEFINITION) in environment.policy.resources)


def namespaces(workloads: Iterable[Workload], inventory: Inventory) -> Mapping[str, AbstractSet[str]]:
    """By team, the namespaces that are its own: those that this revision gives it, and those that it already has."""
    own: defaultdict[str, set[str]] = defaultdict(set)
    for workload in workloads:
        own[workload.team].add(workload.namespace)
    for record in inventory.records.values():
        own[record.team] |= {
            key.namespace or key.name
            for key in record.entries
            if key.group_kind not in {*AT_THE_GATEWAY, DEFINITION}
        }
        own[record.team] |= {run.key.namespace for run in record.runs}
    return own


def deny(todo: Todo, key: Key, own: Mapping[str, AbstractSet[str]], beyond: Admitted) -> str:
    """Why this workload may not write that object, or an empty text.

    Args:
        todo: the workload on whose behalf it is written.
        key: the object.
        own: by team, the namespaces that are its own in this environment.
        beyond: what the environment admits besides.
    """
    team = todo.id.split("/")[1]
    allowed = own.get(team, frozenset())
    if key.group_kind in AT_THE_GATEWAY and _is_for_a_route(todo, key, allowed, beyond.gateway):
        return ""
    if key.group_kind == DEFINITION and (beyond.definitions or _is_known(todo, key)):
        return ""
    if key.namespace:
        return "" if key.namespace in allowed else f"namespace {key.namespace} is not one of team {team}"
    if key.kind in CLUSTER_SCOPED and todo.id == f"Team/{team}" and key.name in allowed:
        return ""
    return f"team {team} may not write the cluster-scoped {key.group_kind} {key.name}"


def _is_for_a_route(todo: Todo, key: Key, allowed: AbstractSet[str], gateway: str) -> bool:
    """Whether it is beside the gateway, or was when it was made, under a name that only this team's can have."""
    beside = key.namespace == gateway or _is_known(todo, key)
    return beside and key.name.partition(".")[0] in allowed


def _is_known(todo: Todo, key: Key) -> bool:
    return todo.record is not None and key in todo.record.entries
