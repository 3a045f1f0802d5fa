"""RawResources: objects as they are written, with our labels, in the team's namespace, and held to every rule.

An object whose controller runs something once (a Job) is a run: its name carries the hash of what it is, so it is
started once and never as drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from yardarm_reconciler.expand import hosts, network, raw_rules
from yardarm_reconciler.expand.labels import RUN, labels, metadata
from yardarm_reconciler.expand.names import HASH_LENGTH, derived, job_limit
from yardarm_reconciler.model import pod_template, walker
from yardarm_reconciler.model.manifest import DEFINITION, Manifest, Object, canonical, digest, manifest
from yardarm_reconciler.model.node import Node, plain
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import RUN_KINDS, Resolved, RunIntent
from yardarm_schema.raw_resources import RawResources

ONCE = frozenset(f"{kind.kind}.{kind.group}" for kind in RUN_KINDS)
"""Kinds that run something to its end."""

HISTORY = 3
"""Finished runs of each object that are kept."""

SERVER_FIELDS = frozenset(
    {
        "creationTimestamp",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
"""What only the server may say; manifests that were read from a cluster have it."""


def check(workload: Resolved[RawResources]) -> Iterator[Diagnostic]:
    """What is wrong with the objects, each at its own line."""
    yield from raw_rules.check(workload)
    yield from hosts.check(workload)


def expand(workload: Resolved[RawResources]) -> Iterator[Manifest]:
    """The objects, as ours; and the ways in and out of their pods, for the team's namespace denies them all."""
    made = [_ours(workload, node) for node in workload.raw]
    declared = workload.environment.accounting
    if any(walker.makes_pods(item.body, declared) for item in made):
        found = (each for item in made for each in walker.templates(item.body, declared))
        yield network.raw_policy(workload, _ports(found))
        yield from hosts.policies(workload)
    yield from made


def _ports(found: Iterable[pod_template.Template]) -> Iterator[Object]:
    """The ports that are written at containers."""
    for template in found:
        for container in template.spec.get("containers") or ():
            for port in container.get("ports") or ():
                yield {"port": port["containerPort"], "protocol": port.get("protocol", "TCP")}


def runs(workload: Resolved[RawResources]) -> tuple[RunIntent, ...]:
    """Those that run something to its end, each a step of its own."""
    found = []
    for node in workload.raw:
        written: Any = plain(node)
        if _ends(written):
            step = f"{written['kind']}/{written['metadata']['name']}"
            key = _ours(workload, node).key
            found.append(RunIntent(_run_id(written), key, "finish", HISTORY, "onChange", step=step))
    return tuple(found)


def _run_id(written: Any) -> str:  # noqa: ANN401 - JSON
    return f"r1-{digest(canonical(written))[:32]}"


def _ours(workload: Resolved[RawResources], node: Node) -> Manifest:
    written: Any = plain(node)
    run = {RUN: _run_id(written)} if _ends(written) else {}
    said = {key: value for key, value in written["metadata"].items() if key not in SERVER_FIELDS}
    ours = metadata(workload, _name(written) if run else written["metadata"]["name"])
    meta = {
        **said,
        **ours,
        "labels": {**(said.get("labels") or {}), **ours["labels"], **run},
        "annotations": {**(said.get("annotations") or {}), **ours["annotations"]},
    }
    if raw_rules.kind_of(written) == str(DEFINITION):
        del meta["namespace"]
    body: Any = {**{key: value for key, value in written.items() if key != "status"}, "metadata": meta}
    for template in walker.templates(body, workload.environment.accounting):
        if template.labels_at:
            every = {**(template.metadata.get("labels") or {}), **labels(workload), **run}
            body = pod_template.replaced(body, template.labels_at, every)
    return manifest(body, node.place)


def _ends(written: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether an object runs something to its end; Spark may be told to begin again each time."""
    again = (written.get("spec") or {}).get("restartPolicy")
    always = isinstance(again, dict) and again.get("type") == "Always"
    return raw_rules.kind_of(written) in ONCE and not always


def _name(written: Any) -> str:  # noqa: ANN401 - JSON
    """With the hash of what it is: most of it is immutable."""
    completions = (written.get("spec") or {}).get("completions")
    limit = job_limit(completions if isinstance(completions, int) else None)
    short = _run_id(written).partition("-")[2][:HASH_LENGTH]
    return derived(written["metadata"]["name"], short, limit=limit)
