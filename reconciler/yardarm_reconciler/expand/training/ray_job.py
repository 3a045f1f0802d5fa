"""Training by a RayJob: a Ray cluster for this run alone, whose head runs the program.

The operator submits the program itself, so no pod is made for that, and asks the head how far it is.
https://docs.ray.io/en/latest/cluster/kubernetes/getting-started/rayjob-quick-start.html
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import pod
from yardarm_reconciler.expand.labels import RUN
from yardarm_reconciler.expand.names import run_name
from yardarm_reconciler.expand.queue import metadata_of_run
from yardarm_reconciler.expand.training.rendezvous import variables
from yardarm_reconciler.expand.training.roles import leader_of, roles_of
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Training
from yardarm_schema.workload import Program

NO_PROGRAM = Code(
    "field/no-entrypoint",
    title="Nothing says what Ray shall run",
    why="Ray's own program starts in every pod; what the head then runs is asked for by run, or by command and args.",
    bad="framework: ray, image: …",
    good="framework: ray, image: …, run: python train.py",
)
ONE_HEAD = Code(
    "field/one-head",
    title="A Ray cluster has one head",
    why="The role that leads is the head; the others are workers, as many as they say.",
    bad="framework: ray, roles: {head: {leader: true, nodes: 2}}",
    good="framework: ray, roles: {head: {leader: true}, worker: {nodes: 2}}",
)

GROUP, VERSION = "ray.io", "v1"
NAME_LIMIT = 47
"""Characters of a RayJob's name (MaxRayJobNameLength in ray-operator/controllers/ray/utils/constant.go)."""

DASHBOARD = 8265
HEAD_PORTS: Mapping[str, int] = {"gcs-server": 6379, "dashboard": DASHBOARD, "client": 10001}
"""Of Ray's own: where a head names any port, KubeRay opens only those that it names."""

WORKERS = "worker"
OPERATOR: Object = {
    "namespaceSelector": {},
    "podSelector": {"matchLabels": {"app.kubernetes.io/component": "kuberay-operator"}},
}
"""The operator as its chart labels it, wherever it runs: without its questions a RayJob never ends."""


def check(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """Refuse what Ray could not run."""
    head = _head(job)
    if _entrypoint(head) is None:
        yield NO_PROGRAM.at(head.origin("spec"), field="spec.run")
    if roles_of(job) and head.pods != 1:
        yield ONE_HEAD.at(head.origin("spec.nodes"), field=f"spec.roles.{head.part}.nodes")


def key(job: Resolved[Training]) -> Key:
    """The RayJob."""
    return Key(GROUP, "RayJob", job.namespace, run_name(job, NAME_LIMIT))


def ingress() -> tuple[Object, ...]:
    """Who has to reach the head besides its workers."""
    return ({"from": [OPERATOR], "ports": [{"port": DASHBOARD, "protocol": "TCP"}]},)


def expand(job: Resolved[Training]) -> Iterator[Manifest]:
    """The RayJob. Its cluster goes when it has ended: it would go on to hold its devices."""
    meta = metadata_of_run(job, key(job).name)
    spec: dict[str, Any] = {
        "entrypoint": _entrypoint(_head(job)),
        "submissionMode": "HTTPMode",
        "shutdownAfterJobFinishes": True,
        "backoffLimit": job.spec.retries,
        "rayClusterSpec": {
            "headGroupSpec": {"rayStartParams": {}, "template": _template(job, _head(job), HEAD_PORTS)},
            "workerGroupSpecs": [_workers(job, *group) for group in _groups(job)],
        },
    }
    if job.spec.deadline is not None:
        spec["activeDeadlineSeconds"] = job.spec.deadline.seconds
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "RayJob", "metadata": meta, "spec": spec}
    yield manifest(body, job.origin("spec"))


def _head(job: Resolved[Training]) -> Resolved[Program]:
    return leader_of(job) if job.parts else job


def _groups(job: Resolved[Training]) -> Iterator[tuple[str, Resolved[Program], int]]:
    """Groups of workers: every other role, or where all pods are alike all of them but the head."""
    if job.parts:
        head = leader_of(job)
        yield from ((name, each, each.pods) for name, each in roles_of(job).items() if each is not head)
    elif job.pods > 1:
        yield WORKERS, job, job.pods - 1


def _workers(job: Resolved[Training], name: str, program: Resolved[Program], nodes: int) -> Object:
    counts = {"replicas": nodes, "minReplicas": nodes, "maxReplicas": nodes}
    return {"groupName": name, **counts, "rayStartParams": {}, "template": _template(job, program, {})}


def _template(job: Resolved[Training], program: Resolved[Program], own: Mapping[str, int]) -> Object:
    """The pod as Ray starts it: KubeRay brings the command, and the name of what to connect to."""
    made = pod.template(program, variables(job, program, None), {RUN: job.run_id})
    container = made["spec"]["containers"][0]
    kept = {name: value for name, value in container.items() if name not in {"command", "args"}}
    ports = [{"name": name, "containerPort": port, "protocol": "TCP"} for name, port in sorted(own.items())]
    if own:
        kept["ports"] = [*ports, *kept.get("ports", ())]
    return {**made, "spec": {**made["spec"], "containers": [kept]}}


def _entrypoint(program: Resolved[Program]) -> str | None:
    """The program as a line for a shell, which is how Ray runs it."""
    spec = program.spec
    if spec.run is not None:
        return f"/bin/sh -ec {shlex.quote(spec.run)}"
    words = (*(spec.command or ()), *(spec.args or ()))
    return shlex.join(words) if words else None
