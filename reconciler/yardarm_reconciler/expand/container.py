"""A container: what it runs, what it is given, what it may take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol, cast

from yardarm_reconciler.expand import claims, probes, secrets, security, sources, storage
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.container import ConfigKey, EnvVar, PodField, Resources, Secret, SecretKey, ServiceAddress
from yardarm_schema.environment import Fabric
from yardarm_schema.ports import NamedPort
from yardarm_schema.spec_values import SourceValue
from yardarm_schema.stream_processor import ConsumerVar, StreamProcessor
from yardarm_schema.units import Duration
from yardarm_schema.workload import Program

MAIN = "main"
_EXPANDED = re.compile(r"\$(?=[$(])")


def main(workload: Resolved[Program], variables: Mapping[str, Object]) -> Object:
    """The container that the workload is about."""
    spec = workload.spec
    return without_empty(
        {
            "name": MAIN,
            "image": str(spec.image),
            **program(spec),
            "env": _env(workload, variables),
            "ports": listed(spec.ports),
            "resources": _resources(workload),
            "volumeMounts": storage.mounts(workload),
            **probes.probes(workload),
            "lifecycle": _lifecycle(spec),
            "securityContext": security.of_container(workload),
        }
    )


class Command(Protocol):
    """What a container runs."""

    @property
    def command(self) -> tuple[str, ...] | None: ...  # noqa: D102 - as in the schema
    @property
    def args(self) -> tuple[str, ...] | None: ...  # noqa: D102 - as in the schema
    @property
    def run(self) -> str | None: ...  # noqa: D102 - as in the schema


def program(spec: Command) -> Object:
    """What a container runs instead of what its image says, or besides it."""
    if spec.run is not None:
        return {"command": ["/bin/sh", "-ec", verbatim(spec.run)]}
    return without_empty({"command": list(spec.command or ()), "args": list(spec.args or ())})


def listed(ports: Mapping[str, int | NamedPort]) -> list[Object]:
    """Ports as a container lists them."""
    return [
        {"name": name, "containerPort": port.port, "protocol": port.protocol}
        for name, port in sorted(long_form(ports).items())
    ]


def long_form(ports: Mapping[str, int | NamedPort]) -> Mapping[str, NamedPort]:
    """Ports by name, in their long form."""
    return {
        name: port if isinstance(port, NamedPort) else NamedPort(port=port) for name, port in ports.items()
    }


def ports(spec: Program) -> Mapping[str, NamedPort]:
    """The ports of all containers of a pod, by name."""
    found = long_form(spec.ports)
    for sidecar in spec.sidecars.values():
        found = {**long_form(sidecar.ports), **found}
    return found


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
        **variables_of(workload, workload.spec.env, workload.spec.secrets),
        **variables,
    }
    return [{"name": name, **value} for name, value in sorted(values.items())]


def variables_of(
    workload: Resolved[Program],
    env: Mapping[str, EnvVar],
    from_secrets: Mapping[str, Secret],
    prefix: str = "",
) -> dict[str, Object]:
    """Variables as a container has them, by name: each a text, or a reference.

    Args:
        workload: whose pod it is.
        env: texts and references.
        from_secrets: secrets.
        prefix: of this container's keys where secrets come from a store; main has none.
    """
    return {
        **{name: _value(workload, value) for name, value in env.items()},
        **{
            name: secrets.reference(workload, f"{prefix}{name}", value)
            for name, value in from_secrets.items()
        },
    }


def _value(workload: Resolved[Program], value: ConsumerVar) -> Object:
    match value:
        case SecretKey():
            return {"valueFrom": {"secretKeyRef": {"name": value.secret, "key": value.key}}}
        case ConfigKey():
            return {"valueFrom": {"configMapKeyRef": {"name": value.config, "key": value.key}}}
        case PodField():
            return {"valueFrom": {"fieldRef": {"fieldPath": value.field}}}
        case SourceValue():
            return _value(workload, sources.told(cast("Resolved[StreamProcessor]", workload))[value.path])
        case ServiceAddress():
            return {"value": workload.addresses[value].text(value)}
        case _:
            return {"value": verbatim(value)}


def _resources(workload: Resolved[Program]) -> Object:
    """Memory is request and limit, CPU a request; devices stand in limits, from which requests follow."""
    asked, bound = workload.spec.resources, workload.accelerator
    fabric = fabric_of(workload)
    devices: dict[str, str] = {**bound.binding.resources} if bound else {}
    devices |= fabric.resources if fabric else {}
    if bound and not bound.claimed:
        devices[bound.resource] = str(bound.count)
    plain = amounts(asked)
    return without_empty(
        {
            "requests": plain["requests"],
            "limits": {**devices, **plain["limits"]},
            "claims": claims.of_container(workload),
        }
    )


def amounts(asked: Resources) -> Mapping[str, dict[str, str]]:
    """Requests and limits of a container without devices."""
    pages = {f"hugepages-{size}": amount for size, amount in sorted(asked.hugepages.items())}
    memory = {"memory": asked.memory, "ephemeral-storage": asked.ephemeral, **pages}
    return {
        "requests": _said({"cpu": asked.cpu, **memory}),
        "limits": _said({"cpu": asked.cpu_limit, **memory}),
    }


def fabric_of(workload: Resolved[Program]) -> Fabric | None:
    """The fast network that its pods are in, if any."""
    return workload.environment.fabrics.get(workload.spec.network.fabric or "")


def _said(asked: Mapping[str, str | None]) -> dict[str, str]:
    return {name: str(amount) for name, amount in asked.items() if amount is not None}


def _lifecycle(spec: Program) -> Object:
    match spec.shutdown.pre_stop:
        case Duration() as wait if wait.seconds:
            return {"preStop": {"sleep": {"seconds": wait.seconds}}}
        case tuple() as command:
            return {"preStop": {"exec": {"command": list(command)}}}
        case _:
            return {}


def without_empty(fields: Mapping[str, Any]) -> Object:
    """What says something: neither None nor an empty list or map. False and 0 do say something."""
    return {key: value for key, value in fields.items() if value is not None and value not in ([], {})}
