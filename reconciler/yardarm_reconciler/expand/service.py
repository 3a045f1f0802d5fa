"""Service: a long-running server behind a Service."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.expand import replicated, routes, surroundings, variants
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.service import Service


def check(service: Resolved[Service]) -> Iterator[Diagnostic]:
    """What is wrong with a service, or a variant of it, that types cannot say."""
    yield from variants.check(service)
    for each in variants.apart(service):
        yield from replicated.check(each)
        yield from routes.check(each, each)


def expand(service: Resolved[Service]) -> Iterator[Manifest]:
    """Everything that a server and its variants need, in the order in which it is needed, and last its route."""
    several = variants.apart(service)
    for each in several:
        yield from _replicas(each)
    shares = tuple(routes.Share(each, each.spec.weight, each.spec.mirror) for each in several[1:])
    yield from routes.expand(several[0], several[0], shares)


def _replicas(service: Resolved[Service]) -> Iterator[Manifest]:
    yield from surroundings.expand(service)
    if service.spec.ports:
        yield replicated.service(service)
    yield from replicated.expand(service)
