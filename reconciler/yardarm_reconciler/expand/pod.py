"""The pod of any workload: one container ``main``, held to Pod Security's level "restricted".

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import capabilities, claims, probes, security, storage
from yardarm_reconciler.expand.labels import labels, selector
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_schema.container import ConfigKey, EnvVar, PodField, SecretKey
from yardarm_schema.environment import Fabric
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

MAIN = "main"
GRACE_SECONDS = 30
"""What Kubernetes gives a pod to stop; a wait before that (preStop) comes on top."""

SPOT_TAINTS = ("cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority")
"""Taints of nodes that may be taken away, on the clouds that taint them."""

TOPOLOGY = {"node": "kubernetes.io/hostname", "zone": "topology.kubernetes.io/zone"}

_EXPANDED = re.compile(r"\$(?=[$(])")


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with a pod that types cannot say."""
    spec = workload.spec
    for name in spec.env:
        if name.startswith("YARDARM_"):
            yield RESERVED_VARIABLE.at(workload.origin(f"spec.env.{name}"), field=f"spec.env.{name}")
    seen: dict[tuple[int, str], str] = {}
    for name, port in sorted(ports(spec).items()):
        other = seen.setdefault((port.port, port.protocol), name)
        if other != name:
            message = f"ports {other} and {name} are both {port.port}/{port.protocol}"
            yield DUPLICATE_PORT.at(
                workload.origin(f"spec.ports.{name}"), message, field=f"spec.ports.{name}"
            )
    wait, grace = spec.shutdown.pre_stop, spec.shutdown.grace
    if isinstance(wait, Duration) and grace is not None and grace.seconds <= wait.seconds:
        message = f"grace {grace} is over before preStop {wait} is"
        yield SHORT_GRACE.at(workload.origin("spec.shutdown.grace"), message, field="spec.shutdown.grace")
    if workload.accelerator is not None and workload.accelerator.claimed:
        what = f"{workload.accelerator.class_name}, which is bound to claims,"
        yield from capabilities.require(workload, "spec.accelerator", "dra", what=what)
    yield from storage.check(workload)
    yield from probes.check(workload)


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
        **(bound.binding.annotations if bound else {}),
        **(fabric.annotations if fabric else {}),
    }
    spec = {
        "serviceAccountName": workload.spec.identity.service_account or workload.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "runtimeClassName": _runtime_class(workload),
        **security.host(workload),
        "securityContext": security.of_pod(workload),
        "containers": [_main(workload, variables or {})],
        "volumes": storage.volumes(workload),
        "resourceClaims": claims.of_pod(workload),
        "imagePullSecrets": [{"name": name} for name in workload.spec.image_pull_secrets],
        "terminationGracePeriodSeconds": _grace(workload.spec),
        **_scheduling(workload),
    }
    if restart_policy != "Always":
        spec["restartPolicy"] = restart_policy
    return {
        "metadata": _without_empty(
            {"labels": {**labels(workload), **(extra_labels or {})}, "annotations": annotations}
        ),
        "spec": _without_empty(spec),
    }


def _without_empty(fields: Mapping[str, Any]) -> Object:
    """What says something: neither None nor an empty list or map. False and 0 do say something."""
    return {key: value for key, value in fields.items() if value is not None and value not in ([], {})}


def _main(workload: Resolved[Program], variables: Mapping[str, Object]) -> Object:
    spec = workload.spec
    command, args = spec.command, spec.args
    if spec.run is not None:
        command, args = ("/bin/sh", "-ec", verbatim(spec.run)), None
    return _without_empty(
        {
            "name": MAIN,
            "image": str(spec.image),
            "command": list(command or ()),
            "args": list(args or ()),
            "env": _env(workload, variables),
            "ports": [
                {"name": name, "containerPort": port.port, "protocol": port.protocol}
                for name, port in sorted(ports(spec).items())
            ],
            "resources": _resources(workload),
            "volumeMounts": storage.mounts(workload),
            **probes.probes(workload),
            "lifecycle": _lifecycle(spec),
            "securityContext": security.of_container(workload),
        }
    )


def ports(spec: Program) -> Mapping[str, NamedPort]:
    """Ports by name, in their long form."""
    return {
        name: port if isinstance(port, NamedPort) else NamedPort(port=port)
        for name, port in spec.ports.items()
    }


def verbatim(text: str) -> str:
    """Keep Kubernetes from reading ``$(NAME)`` and ``$$`` in a text that is a program, not a template.

    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Container (command)
    """
    return _EXPANDED.sub("$$", text)


def _env(workload: Resolved[Program], variables: Mapping[str, Object]) -> list[Object]:
    """Variables by name: those of accelerator and fabric, overridden by the spec's, and Yardarm's own."""
    bound, fabric = workload.accelerator, fabric_of(workload)
    given = {**(bound.binding.env if bound else {}), **(fabric.env if fabric else {})}
    values: dict[str, Object] = {
        **{name: {"value": value} for name, value in given.items()},
        **{name: _value(value) for name, value in workload.spec.env.items()},
        **variables,
    }
    return [{"name": name, **value} for name, value in sorted(values.items())]


def _value(value: EnvVar) -> Object:
    match value:
        case SecretKey():
            return {"valueFrom": {"secretKeyRef": {"name": value.secret, "key": value.key}}}
        case ConfigKey():
            return {"valueFrom": {"configMapKeyRef": {"name": value.config, "key": value.key}}}
        case PodField():
            return {"valueFrom": {"fieldRef": {"fieldPath": value.field}}}
        case _:
            return {"value": verbatim(value)}


def _resources(workload: Resolved[Program]) -> Object:
    """Memory is request and limit, CPU a request; devices stand in limits, from which requests follow."""
    asked, bound = workload.spec.resources, workload.accelerator
    memory = {"memory": asked.memory, "ephemeral-storage": asked.ephemeral}
    fabric = fabric_of(workload)
    devices: dict[str, str] = {**bound.binding.resources} if bound else {}
    devices |= fabric.resources if fabric else {}
    if bound and not bound.claimed:
        devices[bound.resource] = str(bound.count)
    return _without_empty(
        {
            "requests": _amounts({"cpu": asked.cpu, **memory}),
            "limits": {**devices, **_amounts({"cpu": asked.cpu_limit, **memory})},
            "claims": claims.of_container(workload),
        }
    )


def fabric_of(workload: Resolved[Program]) -> Fabric | None:
    """The fast network that its pods are in, if any."""
    return workload.environment.fabrics.get(workload.spec.network.fabric or "")


def _runtime_class(workload: Resolved[Program]) -> str | None:
    """The RuntimeClass that the device demands, else that of the isolation; None for containers as they are."""
    bound = workload.accelerator
    if bound is not None and bound.runtime_class:
        return bound.runtime_class
    isolation = workload.spec.isolation
    return None if isolation == "container" else workload.environment.isolation.get(isolation)


def _amounts(asked: Mapping[str, str | None]) -> dict[str, str]:
    return {name: str(amount) for name, amount in asked.items() if amount is not None}


def _lifecycle(spec: Program) -> Object:
    match spec.shutdown.pre_stop:
        case Duration() as wait if wait.seconds:
            return {"preStop": {"sleep": {"seconds": wait.seconds}}}
        case tuple() as command:
            return {"preStop": {"exec": {"command": list(command)}}}
        case _:
            return {}


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
