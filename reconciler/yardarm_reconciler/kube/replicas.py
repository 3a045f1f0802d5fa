"""Replicas that are left to a scaler change hands at the value that they have.

What we applied and then leave out, and nobody else holds, gets the API server's default: one replica, which for a busy
server is an outage. So another manager of ours applies the live value first.
https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
"""

from __future__ import annotations

from yardarm_reconciler.kube.managed import owned
from yardarm_reconciler.model.manifest import GroupKind, Manifest, Object

SCALED = frozenset(
    {
        GroupKind("apps", "Deployment"),
        GroupKind("apps", "StatefulSet"),
        GroupKind("leaderworkerset.x-k8s.io", "LeaderWorkerSet"),
    }
)
"""Kinds that we write and that scalers scale."""


def left_to_others(manifest: Manifest) -> bool:
    """Whether an object says no number where it could."""
    return manifest.key.group_kind in SCALED and "replicas" not in manifest.body["spec"]


def held(live: Object) -> int | None:
    """The replicas of a live object that we have applied; None where others hold them already, or nobody does."""
    ours = owned(live["metadata"].get("managedFields") or ()) or {}
    replicas = live.get("spec", {}).get("replicas")
    return replicas if "f:replicas" in ours.get("f:spec", {}) else None


def alone(manifest: Manifest, uid: str, replicas: int) -> Object:
    """The object with its replicas and nothing else, for the other manager to apply."""
    name = {"name": manifest.key.name, "namespace": manifest.key.namespace, "uid": uid}
    head = {key: manifest.body[key] for key in ("apiVersion", "kind")}
    return {**head, "metadata": name, "spec": {"replicas": replicas}}


def kept(answer: Object, replicas: int) -> Object:
    """What a dry-run answers, with the replicas that will stay."""
    return {**answer, "spec": {**answer["spec"], "replicas": replicas}}
