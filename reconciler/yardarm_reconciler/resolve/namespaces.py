"""Namespaces: one for each team and environment, never one that somebody else has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from yardarm_reconciler.model.document import PlatformSpec, Specs
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_schema.environment import Environment

RESERVED = Code(
    "namespace/reserved",
    title="This namespace belongs to the cluster or to Yardarm",
    why="A team that may write there could change what everybody relies on.",
    bad='namespaces: {pattern: "kube-{team}"}',
    good='namespaces: {pattern: "{team}-{environment}"}',
)
COLLISION = Code(
    "namespace/collision",
    title="Two teams or environments would share a namespace",
    why="Each would delete what the other needs, and quotas would hold for neither.",
    bad='namespaces: {pattern: "{team}"} in two environments of one cluster',
    good='namespaces: {pattern: "{team}-{environment}"}',
)
INVALID = Code(
    "namespace/invalid",
    title="This is no name for a namespace",
    why="A namespace is a DNS label: at most 63 lower-case letters, digits and dashes.",
    bad='namespaces: {pattern: "-{team}"}',
    good='namespaces: {pattern: "{team}-{environment}"}',
)

_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_RESERVED = re.compile(r"kube-.*|default|yardarm-.*|yardarm")
"""Kubernetes' own (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/), and ours."""

_PATTERN = ("spec", "namespaces", "pattern")


def problems(
    specs: Specs, here: PlatformSpec[Environment], teams: frozenset[str]
) -> Mapping[str, tuple[Diagnostic, ...]]:
    """By team, what is wrong with its namespace in an environment.

    Args:
        specs: of the revision; environments of the same cluster share its namespaces.
        here: the environment.
        teams: all that may have workloads anywhere.
    """
    owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for environment in specs.environments.values():
        if environment.model.cluster == here.model.cluster:
            for team in teams:
                name = namespace_name(environment.model, environment.name, team)
                owners[name].append((team, environment.name))
    found = {}
    for team in teams:
        problem = _problem(here, team, owners)
        if problem is not None:
            found[team] = (problem,)
    return found


def _problem(
    here: PlatformSpec[Environment], team: str, owners: Mapping[str, list[tuple[str, str]]]
) -> Diagnostic | None:
    name = namespace_name(here.model, here.name, team)
    place = place_at(here.document.node, _PATTERN)
    field = ".".join(_PATTERN)
    what = f"namespace {name} of team {team}"
    if not _LABEL.fullmatch(name):
        return INVALID.at(place, f"{what} is no DNS label of at most 63 characters", field=field)
    if _RESERVED.fullmatch(name):
        return RESERVED.at(place, f"{what} is reserved", field=field)
    others = sorted(owner for owner in owners[name] if owner != (team, here.name))
    if others:
        whose = ", ".join(f"team {other} in {environment}" for other, environment in others)
        return COLLISION.at(place, f"{what} is also that of {whose}", field=field)
    return None
