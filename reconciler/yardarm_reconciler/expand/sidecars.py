"""Containers beside the main one: native sidecars, then those that run to their end before it starts.

https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import container, probes, security
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import MISSING, did_you_mean
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.sidecars import InitContainer, Mount, Sidecar
from yardarm_schema.workload import Program

UNKNOWN_VOLUME = Code(
    "reference/unknown-volume",
    title="There is no such volume",
    why="A container mounts volumes of its workload, by their names.",
    bad="volumes: {data: …}, sidecars: {sync: {mounts: {date: /data}}}",
    good="volumes: {data: …}, sidecars: {sync: {mounts: {data: /data}}}",
)
RESERVED_NAME = Code(
    "name/reserved-container",
    title="The name of this container is taken",
    why="main is the program itself; names that begin with yardarm- are Yardarm's own; a name is a container's alone.",
    bad="sidecars: {main: …}",
    good="sidecars: {proxy: …}",
)
PORT_TWICE = Code(
    "field/port-name-twice",
    title="Two containers name a port alike",
    why="Ports are named once for the whole pod: its Service could not tell them apart.",
    bad="ports: {metrics: 9090}, sidecars: {proxy: {ports: {metrics: 9901}}}",
    good="ports: {metrics: 9090}, sidecars: {proxy: {ports: {proxy-metrics: 9901}}}",
)


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the containers beside the main one."""
    seen = {container.MAIN}
    for field, name, each in _all(workload):
        if name in seen or name.startswith("yardarm-"):
            yield RESERVED_NAME.at(
                workload.origin(field), f"a container cannot be called {name!r} here", field=field
            )
        seen.add(name)
        if each.resources.memory is None:
            path = f"{field}.resources"
            yield MISSING.at(
                workload.origin(path), "memory is missing", fix="add memory", field=f"{path}.memory"
            )
        for volume in sorted(each.mounts.keys() - workload.spec.volumes.keys()):
            path, known = f"{field}.mounts.{volume}", sorted(workload.spec.volumes)
            message = f"there is no volume {volume!r}"
            yield UNKNOWN_VOLUME.at(
                workload.origin(path), message, fix=did_you_mean(volume, known), field=path
            )
        if isinstance(each, Sidecar):
            yield from _ports(workload, field, each)


def _ports(workload: Resolved[Program], field: str, sidecar: Sidecar) -> Iterator[Diagnostic]:
    """Port names that another container has, and health that asks none of its ports."""
    others = [other.ports for other in workload.spec.sidecars.values() if other is not sidecar]
    taken = {name for ports in (workload.spec.ports, *others) for name in ports}
    for name in sorted(sidecar.ports.keys() & taken):
        path = f"{field}.ports.{name}"
        yield PORT_TWICE.at(workload.origin(path), f"another container has a port {name!r}", field=path)
    yield from probes.check_port(workload, f"{field}.health", sidecar)


def _all(workload: Resolved[Program]) -> Iterator[tuple[str, str, InitContainer]]:
    for name, sidecar in workload.spec.sidecars.items():
        yield f"spec.sidecars.{name}", name, sidecar
    for name, each in workload.spec.init_containers.items():
        yield f"spec.initContainers.{name}", name, each


def before_main(workload: Resolved[Program]) -> list[Object]:
    """Sidecars first: what prepares may need them (a proxy to a database). Both as they are written."""
    return [_rendered(workload, name, each) for _, name, each in _all(workload)]


def _rendered(workload: Resolved[Program], name: str, each: InitContainer) -> Object:
    variables = container.variables_of(workload, each.env, each.secrets, f"{name}.")
    fields: dict[str, Any] = {
        "name": name,
        "image": str(each.image or workload.spec.image),
        **container.program(each),
        "env": [{"name": key, **value} for key, value in sorted(variables.items())],
        "resources": container.amounts(each.resources),
        "volumeMounts": [{"name": volume, **_mount(mount)} for volume, mount in sorted(each.mounts.items())],
        "securityContext": security.beside_main(),
    }
    if isinstance(each, Sidecar):
        fields |= {
            "restartPolicy": "Always",
            "ports": container.listed(each.ports),
            **probes.of(each, None),
        }
    return container.without_empty(fields)


def _mount(mount: Mount) -> Object:
    if isinstance(mount, str):
        return {"mountPath": mount}
    fields = {"mountPath": mount.path, "readOnly": mount.read_only or None, "subPath": mount.sub_path}
    return container.without_empty(fields)
