"""StreamProcessor: a continuous consumer. Nothing connects to it, so it has no Service."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.expand import replicated, sources, surroundings
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.stream_processor import StreamProcessor


def check(consumer: Resolved[StreamProcessor]) -> Iterator[Diagnostic]:
    """What is wrong with a consumer that types cannot say."""
    yield from replicated.check(consumer)
    yield from sources.check(consumer)


def expand(consumer: Resolved[StreamProcessor]) -> Iterator[Manifest]:
    """Everything that a consumer needs, in the order in which it is needed."""
    yield from surroundings.expand(consumer)
    scaling = consumer.spec.scaling
    if scaling is not None and any(each.metric == "lag" for each in scaling.measured):
        yield from sources.authentication(consumer)
    yield from replicated.expand(consumer)
