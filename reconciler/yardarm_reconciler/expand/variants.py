"""Variants: replicas with something different, that get a share of the route's requests, or copies of them.

Each is a whole set of objects of its own, under a name and labels of its own: so neither the address nor the autoscaler
or disruption budget of the others ever counts its pods, and adding one restarts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand.names import derived
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.served import Served
from yardarm_schema.variants import Variant

FIELD = "variants"
TOO_MUCH = Code(
    "route/weights",
    title="The variants together get more than all requests",
    why="What the variants leave is what the others get, which cannot be less than nothing.",
    bad="variants: {a: {weight: 60}, b: {weight: 50}}",
    good="variants: {a: {weight: 60}, b: {weight: 40}}",
)
NO_ROUTE = Code(
    "route/variants-without-route",
    title="Variants share the requests of a route, and there is none",
    why="It is the route that divides requests; inside the cluster an address leads to the other replicas alone.",
    bad="variants: {canary: {weight: 10}} without route",
    good="variants: {canary: {weight: 10}}, route: {path: /llama}",
)
OWN_ROUTE = Code(
    "route/of-variant",
    title="A variant has no route of its own",
    why="It gets a share of the requests of the one route.",
    bad="variants: {canary: {weight: 10, route: {path: /canary}}}",
    good="another workload with that route",
)


def check(service: Resolved[Served]) -> Iterator[Diagnostic]:
    """What is wrong with how requests are divided."""
    found = _variants(service)
    field, route = f"spec.{FIELD}", service.spec.route
    total = sum(each.spec.weight or 0 for each in found.values())
    if total > 100:  # noqa: PLR2004 - percent
        yield TOO_MUCH.at(service.origin(field), f"they get {total} percent", field=field)
    if found and route is None:
        yield NO_ROUTE.at(service.origin(field), field=field)
    for name, each in found.items():
        if route is not None and each.spec.route != route:
            inside = f"{field}.{name}.route"
            yield OWN_ROUTE.at(each.origin("spec.route"), fix="remove route", field=inside)


def apart(service: Resolved[Any]) -> tuple[Resolved[Any], ...]:
    """The service without its variants, then each of these as a service of its own."""
    parts = {field: named for field, named in service.parts.items() if field != FIELD}
    others = (
        replace(each, name=derived(service.name, name), part="", parts={})
        for name, each in _variants(service).items()
    )
    return (replace(service, parts=parts), *others)


def _variants(service: Resolved[Served]) -> Mapping[str, Resolved[Variant]]:
    return dict(sorted(service.parts.get(FIELD, {}).items()))
