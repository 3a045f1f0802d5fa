"""Probes: started once it answers, in service while it answers, restarted when it has long stopped to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic, Severity
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.health import ExecHealth, GrpcHealth, Health, HttpHealth, TcpHealth
from yardarm_schema.ports import NamedPort
from yardarm_schema.replicated import Replicated
from yardarm_schema.units import Duration
from yardarm_schema.workload import Program

UNKNOWN_PORT = Code(
    "reference/unknown-port",
    title="Health names a port that the workload does not have",
    why="A probe of it would never succeed, and the pod would be restarted for ever.",
    bad="ports: {http: 8080}, health: {path: /health, port: web}",
    good="ports: {http: 8080}, health: {path: /health, port: http}",
)
WHICH_PORT = Code(
    "field/which-port",
    title="Health does not say which port answers",
    why="Without a port of the usual name (http, grpc), or a single one, it could be any.",
    bad="ports: {api: 8080, admin: 9090}, health: {path: /health}",
    good="ports: {api: 8080, admin: 9090}, health: {path: /health, port: api}",
)
NO_HEALTH = Code(
    "field/no-health",
    title="A server without a health check",
    why="It counts as ready as soon as its port accepts connections, or at once where it has no port.",
    bad="ports: {http: 8080}",
    good="ports: {http: 8080}, health: {path: /health}",
    severity=Severity.WARNING,
)

PERIOD_SECONDS = 10
"""The server's default, so it is not written."""

TIMEOUT_SECONDS = 5
"""A model under load answers late; the server's default of one second would take it out of service."""

LIVENESS_FAILURES = 6
"""One minute: a restart of a large model costs far more than a wait."""


def check(workload: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with the health check of a workload."""
    spec, health = workload.spec, workload.spec.health
    if health is None and isinstance(spec, Replicated) and spec.SERVES:
        how = "by TCP" if spec.ports else "at once: it has no port"
        message = f"{workload.name} counts as ready {how}"
        yield NO_HEALTH.at(workload.origin("spec"), message, field="spec.health")
    yield from check_port(workload, "spec.health", spec)


class Checked(Protocol):
    """What is asked whether it works: a program, or a container beside it."""

    @property
    def health(self) -> Health | None: ...  # noqa: D102 - as in the schema
    @property
    def ports(self) -> Mapping[str, int | NamedPort]: ...  # noqa: D102 - as in the schema


def check_port(workload: Resolved[Program], field: str, checked: Checked) -> Iterator[Diagnostic]:
    """Refuse a health check that asks a port which is not there, or does not say which."""
    health = checked.health
    if health is None or isinstance(health, ExecHealth) or port_of(checked) is not None:
        return
    if isinstance(health.port, str):
        known = f"it has {', '.join(sorted(checked.ports))}" if checked.ports else "it has no ports"
        message = f"there is no port {health.port!r}"
        yield UNKNOWN_PORT.at(workload.origin(f"{field}.port"), message, note=known, field=f"{field}.port")
    else:
        fix = "add port to health" if checked.ports else "add ports"
        yield WHICH_PORT.at(workload.origin(field), fix=fix, field=field)


def port_of(spec: Checked) -> int | None:
    """The port that health asks: the one it names, else http or grpc as the protocol is, else the only one."""
    health = spec.health
    numbers = {name: port.port if isinstance(port, NamedPort) else port for name, port in spec.ports.items()}
    named = None if health is None or isinstance(health, ExecHealth) else health.port
    if isinstance(named, int):
        return named
    if named is not None:
        return numbers.get(named)
    usual = "grpc" if isinstance(health, GrpcHealth) else "http"
    if usual in numbers:
        return numbers[usual]
    return next(iter(numbers.values())) if len(numbers) == 1 or (numbers and health is None) else None


def probes(workload: Resolved[Program]) -> dict[str, Object]:
    """The probes of the container ``main``, by their field."""
    spec = workload.spec
    if spec.health is None and not isinstance(spec, Replicated):
        return {}
    return of(spec, spec.startup.timeout if isinstance(spec, Replicated) else None)


def of(checked: Checked, timeout: Duration | None) -> dict[str, Object]:
    """The probes of a container, which may take a time to start."""
    ready, live = _questions(checked)
    if ready is None:
        return {}
    answer = {"timeoutSeconds": TIMEOUT_SECONDS}
    found: dict[str, Object] = {"readinessProbe": {**ready, **answer}}
    if live is not None:
        found["livenessProbe"] = {**live, **answer, "failureThreshold": LIVENESS_FAILURES}
    if timeout is not None:
        found["startupProbe"] = {**ready, **answer, "failureThreshold": attempts(timeout)}
    return found


def attempts(timeout: Duration) -> int:
    """How often to ask within a time, at least once."""
    return max(1, math.ceil(timeout.seconds / PERIOD_SECONDS))


def _questions(spec: Checked) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """What to ask a pod whether it is ready, and whether it is alive."""
    port = port_of(spec)
    match spec.health:
        case ExecHealth(exec=command, live=live):
            return {"exec": {"command": list(command)}}, {"exec": {"command": list(live or command)}}
        case HttpHealth(path=path, live=live):
            return {"httpGet": {"path": path, "port": port}}, {
                "httpGet": {"path": live or path, "port": port}
            }
        case GrpcHealth(grpc=service):
            question: Object = {"port": port} if service is True else {"port": port, "service": service}
            return {"grpc": question}, {"grpc": question}
        case TcpHealth():
            return {"tcpSocket": {"port": port}}, {"tcpSocket": {"port": port}}
        case _:
            # Nobody said what health is: an open port may take traffic, but is no reason to restart.
            return (
                ({"tcpSocket": {"port": port}}, None)
                if isinstance(spec, Replicated) and port
                else (None, None)
            )
