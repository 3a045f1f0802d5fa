"""The pods that an object makes, whatever its kind: their templates, and how many run of each at one time.

Read from the manifest alone, so that limits, security and budgets hold for what is applied and not for what was meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.model.manifest import Object


@dataclass(frozen=True, slots=True)
class Template:
    """A pod template of an object: ``path`` leads to the pod's spec, and at most ``pods`` run of it at one time."""

    path: tuple[str | int, ...]
    spec: Object
    metadata: Object
    pods: int


def templates(body: Object) -> tuple[Template, ...]:
    """All pod templates of an object; none where its kind makes no pods that we know."""
    group, slash, _ = str(body["apiVersion"]).partition("/")
    walk = WALKS.get((group if slash else "", body["kind"]))
    return tuple(walk(body)) if walk else ()


def _at(body: Object, path: tuple[str | int, ...], pods: int) -> Template:
    """The template whose ``spec`` lies at ``path``; its metadata lies beside it."""
    parent: Any = body
    for step in path[:-1]:
        parent = parent[step]
    return Template(path, parent[path[-1]], parent.get("metadata") or {}, pods)


def _pod(body: Object) -> Iterator[Template]:
    yield _at(body, ("spec",), 1)


def _deployment(body: Object) -> Iterator[Template]:
    """A rolling one runs ``replicas`` and its surge."""
    spec = body["spec"]
    replicas = spec.get("replicas", 1)
    pods = replicas + _surge(spec.get("strategy") or {}, replicas)
    yield _at(body, ("spec", "template", "spec"), pods)


def _surge(strategy: Mapping[str, Any], replicas: int) -> int:
    """Pods above ``replicas`` in a rollout; 25 % rounded up is what the server defaults."""
    if strategy.get("type") == "Recreate":
        return 0
    surge = (strategy.get("rollingUpdate") or {}).get("maxSurge", "25%")
    if isinstance(surge, int):
        return surge
    return math.ceil(replicas * int(str(surge).removesuffix("%")) / 100)


def _replicated(body: Object) -> Iterator[Template]:
    yield _at(body, ("spec", "template", "spec"), body["spec"].get("replicas", 1))


def _job(body: Object) -> Iterator[Template]:
    """A Job runs ``parallelism``."""
    yield _at(body, ("spec", "template", "spec"), body["spec"].get("parallelism", 1))


WALKS: Mapping[tuple[str, str], Callable[[Object], Iterator[Template]]] = {
    ("", "Pod"): _pod,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _replicated,
    ("apps", "ReplicaSet"): _replicated,
    ("batch", "Job"): _job,
}
"""By group and kind, how the pods of an object are found."""
