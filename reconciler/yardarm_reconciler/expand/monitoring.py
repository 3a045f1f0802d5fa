"""What is scraped of a workload's pods, and the rules on it: objects of the Prometheus Operator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from yardarm_reconciler.expand.capabilities import has, require
from yardarm_reconciler.expand.container import ports
from yardarm_reconciler.expand.labels import metadata, selector
from yardarm_reconciler.expand.names import part_name
from yardarm_reconciler.model.manifest import Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.capabilities import Capability
from yardarm_schema.environment import Environment
from yardarm_schema.monitoring import Alert, Monitoring
from yardarm_schema.workload import Program

NO_PORT = Code(
    "reference/unknown-metrics-port",
    title="Monitoring names a port that the workload does not have",
    why="Nothing could be read from it.",
    bad="monitoring: {port: stats} with ports: {metrics: 9090}",
    good="monitoring: {port: metrics} with ports: {metrics: 9090}",
)

API_VERSION = "monitoring.coreos.com/v1"
OPERATOR: Capability = "prometheusOperator"


def check(program: Resolved[Program]) -> Iterator[Diagnostic]:
    """What is wrong with what is asked to be measured."""
    asked = program.spec.monitoring
    if asked is None:
        return
    yield from require(program, "spec.monitoring", OPERATOR)
    if asked.port not in ports(program.spec):
        field = "spec.monitoring.port"
        known = ", ".join(sorted(ports(program.spec))) or "no ports"
        message = f"there is no port {asked.port!r}"
        yield NO_PORT.at(program.origin(field), message, note=f"it has: {known}", field=field)


def expand(program: Resolved[Program]) -> Iterator[Manifest]:
    """A monitor for pods with metrics, and a rule for each alert, where the environment can."""
    asked = program.spec.monitoring or Monitoring()
    if not has(program, OPERATOR) or asked.port not in ports(program.spec):
        return
    yield _monitor(program, asked)
    if asked.alerts:
        yield _rules(program, asked)


def scraped(program: Resolved[Program]) -> tuple[int, ...]:
    """The ports that are read."""
    asked = program.spec.monitoring or Monitoring()
    port = ports(program.spec).get(asked.port)
    return (port.port,) if port is not None and has(program, OPERATOR) else ()


def scraped_from(environment: Environment) -> str | None:
    """The namespace that Prometheus is in, by its address: ``http://prometheus.monitoring:9090``."""
    host = urlsplit(environment.metrics.prometheus).hostname if environment.metrics else None
    parts = (host or "").split(".")
    inside = len(parts) == 2 or parts[2:3] == ["svc"]  # noqa: PLR2004 - service and namespace
    return parts[1] if inside else None


def _monitor(program: Resolved[Program], asked: Monitoring) -> Manifest:
    endpoint: dict[str, Any] = {"port": asked.port, "path": asked.path}
    if asked.interval is not None:
        endpoint["interval"] = str(asked.interval)
    body = {
        "apiVersion": API_VERSION,
        "kind": "PodMonitor",
        "metadata": metadata(program, part_name(program)),
        "spec": {"selector": {"matchLabels": selector(program)}, "podMetricsEndpoints": [endpoint]},
    }
    return manifest(body, program.origin("spec.monitoring"))


def _rules(program: Resolved[Program], asked: Monitoring) -> Manifest:
    group = {
        "name": part_name(program),
        "rules": [_alert(program, name, each) for name, each in sorted(asked.alerts.items())],
    }
    body = {
        "apiVersion": API_VERSION,
        "kind": "PrometheusRule",
        "metadata": metadata(program, part_name(program)),
        "spec": {"groups": [group]},
    }
    return manifest(body, program.origin("spec.monitoring.alerts"))


def _alert(program: Resolved[Program], name: str, alert: Alert) -> Object:
    labels = {"severity": alert.severity, "team": program.team, "workload": program.name}
    rule: dict[str, Any] = {"alert": name, "expr": alert.expr, "labels": labels}
    if alert.for_ is not None:
        rule["for"] = str(alert.for_)
    if alert.summary is not None:
        rule["annotations"] = {"summary": alert.summary}
    return rule
