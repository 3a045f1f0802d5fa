"""The pod of any workload: one container ``main``, held to Pod Security's level "restricted".

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import (
    capabilities,
    claims,
    container,
    hosts,
    monitoring,
    probes,
    queue,
    secrets,
    security,
    sidecars,
    storage,
)
from yardarm_reconciler.expand.container import fabric_of, long_form, without_empty
from yardarm_reconciler.expand.labels import labels, selector
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_schema.ports import NamedPort
from yardarm_schema.units import Duration
from yardarm_schema.workload import Program

SHORT_GRACE = Code(
    "field/grace-too-short",
    title="The pod is killed before its preStop is over",
    why="The time to stop counts from the beginning of preStop.",
    bad="shutdown: {preStop: 30s, grace: 10s}",
    good="shutdown: {preStop: 30s, grace: 60s}",
)
RESERVED_VARIABLE = Code(
    "name/reserved-variable",
    title="Variables that start with YARDARM_ are Yardarm's own",
    why="They tell a job which shard and run it is; another value would make it compute something else.",
    bad='env: {YARDARM_SHARDS: "4"}',
    good="shards: {count: 4}",
)
DUPLICATE_PORT = Code(
    "field/duplicate-port",
    title="Two ports have the same number",
    why="Kubernetes keeps ports by number and protocol, and would keep only one of them.",
    bad="ports: {http: 8080, metrics: 8080}",
    good="ports: {http: 8080, metrics: 9090}",
)

GRACE_SECONDS = 30
"""What Kubernetes gives a pod to stop; a wait before that (preStop) comes on top."""

SPOT_TAINTS = ("cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority")
"""Taints of nodes that may be taken away, on the clouds that taint them."""

TOPOLOGY = {"node": "kubernetes.io/hostname", "zone": "topology.kubernetes.io/zone"}


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with a pod that types cannot say."""
    spec = workload.spec
    for field in (
        *(f"spec.env.{name}" for name in spec.env),
        *(f"spec.secrets.{name}" for name in spec.secrets),
    ):
        if field.rpartition(".")[2].startswith("YARDARM_"):
            yield RESERVED_VARIABLE.at(
                workload.origin(field), fix="a name that does not start with YARDARM_", field=field
            )
    seen: dict[tuple[int, str], str] = {}
    for name, port, field in _ports(workload):
        other = seen.setdefault((port.port, port.protocol), name)
        if other != name:
            message = f"ports {other} and {name} are both {port.port}/{port.protocol}"
            yield DUPLICATE_PORT.at(workload.origin(field), message, fix="another number", field=field)
    wait, grace = spec.shutdown.pre_stop, spec.shutdown.grace
    if isinstance(wait, Duration) and grace is not None and grace.seconds <= wait.seconds:
        message = f"grace {grace} is over before preStop {wait} is"
        field, fix = "spec.shutdown.grace", f"grace: {wait.seconds + GRACE_SECONDS}s"
        yield SHORT_GRACE.at(workload.origin(field), message, fix=fix, field=field)
    if workload.accelerator is not None and workload.accelerator.claimed:
        what = f"{workload.accelerator.class_name}, which is bound to claims,"
        yield from capabilities.require(workload, "spec.accelerator", "dra", what=what)
    yield from queue.check(workload)
    yield from storage.check(workload)
    yield from probes.check(workload)
    yield from sidecars.check(workload)
    yield from secrets.check(workload)
    yield from hosts.check(workload)
    yield from monitoring.check(workload)


def _ports(workload: Resolved[Program]) -> Iterator[tuple[str, NamedPort, str]]:
    """Every port of every container, with its field."""
    for name, port in sorted(long_form(workload.spec.ports).items()):
        yield name, port, f"spec.ports.{name}"
    for sidecar, each in workload.spec.sidecars.items():
        for name, port in sorted(long_form(each.ports).items()):
            yield f"{sidecar}.{name}", port, f"spec.sidecars.{sidecar}.ports.{name}"


def template(
    workload: Resolved[Program],
    variables: Mapping[str, Object] | None = None,
    extra_labels: Mapping[str, str] | None = None,
    restart_policy: str = "Always",
) -> Object:
    """The pod template.

    Args:
        workload: whose pod it is.
        variables: environment variables beyond the spec's own, by name.
        extra_labels: of the pod alone.
        restart_policy: ``Always`` is what the server takes for granted, so it is not said.
    """
    bound = workload.accelerator
    fabric = fabric_of(workload)
    annotations = {
        **workload.annotations,
        **queue.placement(workload),
        **storage.pod_annotations(workload.spec),
        **(bound.binding.annotations if bound else {}),
        **(fabric.annotations if fabric else {}),
    }
    spec = {
        "serviceAccountName": workload.spec.identity.service_account or workload.name,
        "automountServiceAccountToken": bool(workload.spec.identity.rules),
        "enableServiceLinks": False,
        "runtimeClassName": _runtime_class(workload),
        **security.host(workload),
        "securityContext": security.of_pod(workload),
        "initContainers": [*workload.before, *sidecars.before_main(workload)],
        "containers": [container.main(workload, variables or {})],
        "volumes": storage.volumes(workload),
        "resourceClaims": claims.of_pod(workload),
        "imagePullSecrets": [{"name": name} for name in workload.spec.image_pull_secrets],
        "terminationGracePeriodSeconds": _grace(workload.spec),
        **_scheduling(workload),
    }
    if restart_policy != "Always":
        spec["restartPolicy"] = restart_policy
    return {
        "metadata": without_empty(
            {"labels": {**labels(workload), **(extra_labels or {})}, "annotations": annotations}
        ),
        "spec": without_empty(spec),
    }


def _runtime_class(workload: Resolved[Program]) -> str | None:
    """The RuntimeClass that the device demands, else that of the isolation; None for containers as they are."""
    bound = workload.accelerator
    if bound is not None and bound.runtime_class:
        return bound.runtime_class
    isolation = workload.spec.isolation
    return None if isolation == "container" else workload.environment.isolation.get(isolation)


def _grace(spec: Program) -> int | None:
    if spec.shutdown.grace is not None:
        return spec.shutdown.grace.seconds
    wait = spec.shutdown.pre_stop
    return GRACE_SECONDS + wait.seconds if isinstance(wait, Duration) and wait.seconds else None


def _scheduling(workload: Resolved[Program]) -> Object:
    bound, asked = workload.accelerator, workload.spec.scheduling
    bindings = [each.binding for each in (bound, *bound.alternatives)] if bound else []
    tolerated = [key for each in bindings for key in each.tolerate] + list(SPOT_TAINTS if asked.spot else ())
    fields: dict[str, Any] = {
        # The taint's value differs between clouds, and not every cloud adds the toleration itself.
        "tolerations": [{"key": key, "operator": "Exists"} for key in sorted(set(tolerated))],
        "affinity": _affinity(bound) if bound else None,
    }
    if asked.priority is not None:
        fields["priorityClassName"] = workload.environment.priorities[asked.priority].pod
    if asked.spread is not None:
        fields["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": TOPOLOGY[asked.spread],
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": selector(workload)},
            }
        ]
    return fields


def _affinity(bound: BoundAccelerator) -> Object | None:
    """A product has many label values (PCIe, SXM), so ``In``; a term for each class, and the first is preferred."""
    terms = [_term(each) for each in (bound, *bound.alternatives)]
    if not all(terms):
        return None
    affinity: dict[str, Any] = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [*terms]},
    }
    if len(terms) > 1:
        affinity["preferredDuringSchedulingIgnoredDuringExecution"] = [
            {"weight": len(terms) - index, "preference": term}
            for index, term in enumerate(terms[:-1], start=1)
        ]
    return {"nodeAffinity": affinity}


def _term(bound: BoundAccelerator) -> Object | None:
    """The labels of the nodes that have a class, all of which must match."""
    nodes = dict(bound.binding.nodes)
    if bound.binding.topology is not None:
        nodes[bound.binding.topology] = (bound.topology,)
    labels_ = [
        {"key": key, "operator": "In", "values": list(values)} for key, values in sorted(nodes.items())
    ]
    return {"matchExpressions": labels_} if labels_ else None
