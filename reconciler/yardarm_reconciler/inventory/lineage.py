"""Whose a live object is: through the objects that own it, to the workload whose inventory lists one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from yardarm_reconciler.inventory.records import Entry, Inventory, Record, Run
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Cluster, Seen

MOST_OWNERS = 8
"""Longer chains are no chains: a CronWorkflow's pod has four owners above it."""

MADE_BY_CONTROLLERS = (GroupKind("", "Pod"), GroupKind("apps", "ReplicaSet"), GroupKind("batch", "Job"))
"""Kinds of which many are in no inventory and people meet them every day."""

SHORT = {
    "po": "pod",
    "rs": "replicaset",
    "deploy": "deployment",
    "sts": "statefulset",
    "ds": "daemonset",
    "svc": "service",
    "cm": "configmap",
    "sa": "serviceaccount",
    "pvc": "persistentvolumeclaim",
    "cj": "cronjob",
    "hpa": "horizontalpodautoscaler",
    "pdb": "poddisruptionbudget",
    "ns": "namespace",
    "netpol": "networkpolicy",
}
"""Names that kubectl also takes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An object as a person names it: ``kind`` in lower case; group and namespace are empty where nothing was said."""

    kind: str
    group: str
    name: str
    namespace: str

    def names(self, key: Key) -> bool:
        """Whether it may be this object."""
        return self.is_a(key.group_kind) and self.name == key.name and self.namespace in {"", key.namespace}

    def is_a(self, kind: GroupKind) -> bool:
        """Whether it may be of this kind: one of it or several, as kubectl takes both."""
        one = kind.kind.lower()
        return self.kind in {one, f"{one}s", f"{one.removesuffix('y')}ies"} and self.group in {"", kind.group}


@dataclass(frozen=True, slots=True)
class Lineage:
    """An object, what owns it up to one of ours, and the workload that wrote that.

    Attributes:
        chain: the object that was asked for first, the one of ours last.
        record: the workload's.
        seen: the one of ours as it is now; None where it is gone.
    """

    chain: tuple[Key, ...]
    record: Record
    seen: Seen | None

    @property
    def entry(self) -> Entry | None:
        """What is recorded of the one of ours; None of a run."""
        return self.record.entries.get(self.chain[-1])

    @property
    def run(self) -> Run | None:
        """The run that the one of ours is, if it is one."""
        return next((run for run in self.record.runs if run.key == self.chain[-1]), None)


def asked(text: str, namespace: str) -> Asked:
    """Read ``deployment/api``, ``deploy/api`` or ``jobset.jobset.x-k8s.io/train``.

    Raises:
        UserError: it is not of that form.
    """
    kind, separator, name = text.partition("/")
    if not (kind and separator and name) or "/" in name:
        raise UserError(f"{text!r} is no KIND/NAME, such as deployment/api", exit_code=2)
    kind, _, group = kind.lower().partition(".")
    return Asked(SHORT.get(kind, kind), group, name, namespace)


def lineages(inventory: Inventory, cluster: Cluster, wanted: Asked) -> Iterator[Lineage]:
    """All that it may be among the objects of a unit, and among what their controllers made of them.

    Raises:
        TransientError: the cluster could not be read.
    """
    owned = {key: record for record in inventory.records.values() for key in record.keys}
    listed = [key for key in owned if wanted.names(key)]
    for key in listed:
        yield Lineage((key,), owned[key], cluster.get(key))
    if listed:
        return
    spaces = {wanted.namespace} if wanted.namespace else {key.namespace for key in owned if key.namespace}
    for kind in filter(wanted.is_a, MADE_BY_CONTROLLERS):
        for space in sorted(spaces):
            chain = _owners(cluster, Key(kind.group, kind.kind, space, wanted.name))
            mine = next((number for number, key in enumerate(chain) if key in owned), None)
            if mine is not None:
                key = chain[mine]
                yield Lineage(chain[: mine + 1], owned[key], cluster.get(key))


def _owners(cluster: Cluster, key: Key) -> tuple[Key, ...]:
    """The object and the controllers above it, as far as they are there; nothing where it is not."""
    chain: list[Key] = []
    following: Key | None = key
    while following is not None and len(chain) < MOST_OWNERS:
        seen = cluster.get(following)
        if seen is None:
            break
        chain.append(following)
        following = _controller(orjson.loads(seen.body), following.namespace)
    return tuple(chain)


def _controller(body: dict[str, Any], namespace: str) -> Key | None:
    owners = body["metadata"].get("ownerReferences") or ()
    for owner in owners:
        if owner.get("controller"):
            group, _, _ = owner["apiVersion"].rpartition("/")
            return Key(group, owner["kind"], namespace, owner["name"])
    return None
