"""Service: a long-running server behind a Service."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.expand import replicated, routes, surroundings
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.service import Service


def check(service: Resolved[Service]) -> Iterator[Diagnostic]:
    """What is wrong with a service that types cannot say."""
    yield from replicated.check(service)
    yield from routes.check(service, service)


def expand(service: Resolved[Service]) -> Iterator[Manifest]:
    """Everything that a server needs, in the order in which it is needed."""
    yield from surroundings.expand(service)
    if service.spec.ports:
        yield replicated.service(service)
    yield from replicated.expand(service)
    yield from routes.expand(service, service)
