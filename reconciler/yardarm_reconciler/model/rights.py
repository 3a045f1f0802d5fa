"""What an account must be allowed to do in a cluster so that a unit can be looked after there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from yardarm_reconciler.model.manifest import GroupKind, Key

CONFIG_MAP = GroupKind("", "ConfigMap")
NAMESPACE = GroupKind("", "Namespace")
EVENT = GroupKind("", "Event")
LEASE = GroupKind("coordination.k8s.io", "Lease")
MADE = (GroupKind("", "Pod"), GroupKind("apps", "ReplicaSet"))
"""What controllers make, read for the reasons of health."""

ROLE = GroupKind("rbac.authorization.k8s.io", "Role")
BEYOND = {ROLE: "escalate", GroupKind("rbac.authorization.k8s.io", "RoleBinding"): "bind"}
"""What may be done with Roles by whoever writes these: give what it does not have itself, which the environment's
policy limits. Whoever binds a Role is asked for a right on that.
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping"""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on objects of a kind, in a namespace or, where that is empty, in all and outside of them."""

    kind: GroupKind
    verb: str
    namespace: str = ""


def needed(keys: Collection[Key], records: str, *, writes: bool, follows: bool) -> frozenset[Right]:
    """What a unit needs that has these objects.

    Args:
        keys: its objects.
        records: the namespace of its inventory.
        writes: whether it is to write, and not only to look.
        follows: whether it is to be told of changes, and not only to look once.
    """
    return frozenset(_needed(keys, records, writes=writes, follows=follows))


def _needed(keys: Collection[Key], records: str, *, writes: bool, follows: bool) -> Iterator[Right]:
    reading = ("list", "watch") if follows else ("list",)
    kinds = {key.group_kind for key in keys}
    for verb in reading:
        yield from (Right(kind, verb) for kind in (*kinds, *MADE))
        yield from (Right(EVENT, verb, key.namespace) for key in keys if key.namespace)
        yield Right(CONFIG_MAP, verb, records)
    yield Right(NAMESPACE, "get")  # a cluster is known by that of its system
    for key in keys:
        for verb in ("get", "create", "patch", "delete") if writes else ("get",):
            yield Right(key.group_kind, verb, key.namespace)
    if not writes:
        return
    for kind, verb in BEYOND.items():
        yield from (Right(ROLE, verb, key.namespace) for key in keys if key.group_kind == kind)
    yield from (Right(CONFIG_MAP, verb, records) for verb in ("get", "create", "update", "delete"))
    yield from (Right(LEASE, verb, records) for verb in ("get", "create", "update"))
