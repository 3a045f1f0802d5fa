"""What people have put into a namespace of a cluster, as it could be written into files."""

from __future__ import annotations

from typing import Any

import orjson

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.sessions import Access, looked_into
from yardarm_reconciler.importing.grouping import CONTROLLERS, belongs, kind_of
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Clock, Selection

COMPANIONS = (
    GroupKind("", "Service"),
    GroupKind("autoscaling", "HorizontalPodAutoscaler"),
    GroupKind("policy", "PodDisruptionBudget"),
    GroupKind("gateway.networking.k8s.io", "HTTPRoute"),
)
"""What belongs to workloads. Not what pods refer to by name: that stays where it is, and may hold secrets."""


def objects_in(access: Access, namespace: str, names: tuple[str, ...], clock: Clock) -> list[dict[str, Any]]:
    """The workloads of a namespace, or those of these names (``deployment/web``), with what belongs to them.

    What a controller has made is left out, and what is Yardarm's already.

    Raises:
        UserError: there is nothing of such a name.
        TransientError: the cluster did not answer.
    """
    controllers = [
        GroupKind(group, kind) for kind, _, group in (each.partition(".") for each in sorted(CONTROLLERS))
    ]
    with looked_into(access, clock) as cluster:
        served = cluster.served((*controllers, *COMPANIONS))
        seen = [
            each
            for kind in (*controllers, *COMPANIONS)
            if kind in served
            for each in cluster.list(Selection(kind, namespace=namespace)).seen
        ]
    theirs = [orjson.loads(each.body) for each in seen if not each.ours]
    found = [each for each in theirs if not each["metadata"].get("ownerReferences")]
    if not names:
        return found
    wanted = [
        each for each in found if kind_of(each) in CONTROLLERS and _named(each) in {n.lower() for n in names}
    ]
    if missing := {name.lower() for name in names} - {_named(each) for each in wanted}:
        raise UserError(f"there is no {', '.join(sorted(missing))} in {namespace}", exit_code=exits.USAGE)
    return belongs(wanted, found)


def _named(body: dict[str, Any]) -> str:
    return f"{body['kind']}/{body['metadata']['name']}".lower()
