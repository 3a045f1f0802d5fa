"""Routes and their policies: each parent, a gateway or a route, says whether it took them.

Conditions: https://gateway-api.sigs.k8s.io/reference/spec/#routestatus and, for policies of others,
https://gateway-api.sigs.k8s.io/reference/policy-attachment/#status
"""

from __future__ import annotations

from collections.abc import Iterable

from yardarm_reconciler.health.subject import Subject, condition, mapping, mappings, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind, Object

REFUSALS = ("Accepted", "ResolvedRefs", "Programmed")
"""Conditions that say, where they are not true, why no request gets through."""


def route(subject: Subject) -> Health:
    """Every gateway that it names has taken it, and finds what it leads to."""
    return _of_parents(subject, mappings(subject.status.get("parents")), "no gateway has taken it yet")


def policy(subject: Subject) -> Health:
    """Everything that it is for has taken it: until then nobody enforces it."""
    return _of_parents(subject, mappings(subject.status.get("ancestors")), "nothing enforces it yet")


def _of_parents(subject: Subject, parents: Iterable[Object], waiting: str) -> Health:
    found = [_of_parent(subject, parent) for parent in parents]
    refused = [each for each in found if each.state is State.DEGRADED]
    pending = [each for each in found if each.state is State.PROGRESSING]
    return next(
        iter((*refused, *pending)),
        Health(State.HEALTHY if found else State.PROGRESSING, "" if found else waiting),
    )


def _of_parent(subject: Subject, parent: Object) -> Health:
    name = text(mapping(parent.get("parentRef") or parent.get("ancestorRef")).get("name"))
    for kind in REFUSALS:
        said = condition(parent, kind)
        if said and number(said.get("observedGeneration")) < number(subject.metadata.get("generation")):
            return Health(State.PROGRESSING, f"{name} has not seen the newest spec yet")
        if said.get("status") == "False":
            return Health(State.DEGRADED, f"{name} refuses it: {says(said)}")
    if condition(parent, "Accepted").get("status") != "True":
        return Health(State.PROGRESSING, f"{name} has not taken it yet")
    return Health(State.HEALTHY)


RULES = {
    GroupKind("gateway.networking.k8s.io", "HTTPRoute"): route,
    GroupKind("gateway.networking.k8s.io", "GRPCRoute"): route,
    GroupKind("inference.networking.k8s.io", "InferencePool"): route,
    GroupKind("gateway.envoyproxy.io", "SecurityPolicy"): policy,
}
