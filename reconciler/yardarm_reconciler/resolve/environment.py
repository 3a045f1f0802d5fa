"""One environment of one revision: its workloads with everything applied, and what cannot be resolved, with why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from yardarm_reconciler.model.budget import Limit, Limits
from yardarm_reconciler.model.document import PlatformSpec, Specs, WorkloadSpec
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.origin import Code, Diagnostic, Found, in_order
from yardarm_reconciler.model.walker import is_known
from yardarm_reconciler.model.workload import Resolution, Resolved
from yardarm_reconciler.resolve import (
    accelerators,
    addresses,
    budgets,
    caches,
    namespaces,
    overrides,
    references,
)
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_reconciler.resolve.workload import resolve_workload
from yardarm_schema.environment import Environment
from yardarm_schema.workload import Workload

KNOWN_KIND = Code(
    "accelerator/known-kind",
    title="How this kind makes pods is known already",
    why="Another word on it could only count less than its pods take.",
    bad="accounting: {Deployment.apps: {pods: []}}",
    good="accounting: {Training.example.com: {pods: [{template: spec.template, count: [spec.workers]}]}}",
)


def resolve(specs: Specs, environment: str) -> Found[Resolution]:
    """Apply overrides, bindings and policy for one environment.

    A workload that cannot be resolved is in ``held`` with the reasons, and no other suffers for it. Where the
    Environment itself is invalid nothing is resolved and the whole is ``frozen``; where there is none,
    the answer's ``environment`` is None.
    """
    platform = specs.environments.get(environment)
    if platform is None:
        why = specs.invalid_platform.get(f"Environment/{environment}", ())
        return Found(_nothing(environment, why))
    here = Here(
        specs,
        platform,
        frozenset((each.team, each.name) for each in specs.workloads if each.kind != "Volume"),
        {},
    )
    frozen = tuple(_frozen(here))
    if frozen:
        return Found(_nothing(environment, frozen), in_order(frozen))
    here = replace(here, teams_held=_teams_held(here))
    resolution, problems = _resolved(here)
    return Found(
        resolution,
        in_order((*accelerators.unknown_bindings(here), *caches.unknown_bindings(here), *problems)),
    )


def _nothing(environment: str, frozen: tuple[Diagnostic, ...]) -> Resolution:
    limits = Limits(Limit(environment), Limit("one workload"))
    return Resolution(environment, None, (), {}, frozenset(), limits, frozen)


def _frozen(here: Here) -> Iterator[Diagnostic]:
    """Mistakes in an Environment that would quietly loosen it."""
    asked = here.environment.limits
    for path, numbers in zip(
        budgets.ENVIRONMENT_LIMITS, (asked.accelerators, asked.per_workload), strict=True
    ):
        yield from budgets.unknown_classes(here, here.platform.document, path, numbers)
    for kind in filter(is_known, here.environment.accounting):
        place = key_place(here.platform.document.node, "spec", "accounting", kind)
        yield KNOWN_KIND.at(place, f"{kind} is known", fix="leave it out", field=f"spec.accounting.{kind}")


def _teams_held(here: Here) -> Mapping[str, tuple[Diagnostic, ...]]:
    """By team, why nothing of it can be resolved here."""
    used = frozenset(spec.team for spec in here.specs.workloads)
    invalid = (name.partition("/") for name in here.specs.invalid_platform)
    # Not of those that nobody defined: a name in a workload's file must not be able to disturb a team.
    teams = frozenset((*here.specs.teams, *(name for kind, _, name in invalid if kind == "Team")))
    held = dict(namespaces.problems(here.specs, here.platform, teams))
    for name in sorted(used | here.specs.teams.keys()):
        why = here.specs.invalid_platform.get(f"Team/{name}")
        team = here.specs.teams.get(name)
        if why is not None:
            held[name] = why
        elif team is not None:
            held[name] = (*held.get(name, ()), *_team_problems(here, team))
    return {name: why for name, why in held.items() if why}


def _team_problems(here: Here, team: PlatformSpec[Any]) -> Iterator[Diagnostic]:
    """Mistakes in a Team that would quietly loosen its limits."""
    document = team.document
    yield from overrides.unknown_names(here.specs, document, "spec", "budgets")
    yield from overrides.unknown_names(here.specs, document, "spec", "podSecurity")
    for key, budget in team.model.budgets.items():
        path = ("spec", "budgets", key, "accelerators")
        yield from budgets.unknown_classes(here, document, path, budget.accelerators)


def _resolved(here: Here) -> tuple[Resolution, tuple[Diagnostic, ...]]:
    done: dict[str, Resolved[Workload]] = {}
    held: dict[str, tuple[Diagnostic, ...]] = {}
    present: set[str] = set()
    said: list[Diagnostic] = []
    for spec in here.specs.workloads:
        misplaced = overrides.check(here.specs, spec)
        said += misplaced
        if not overrides.runs_here(here, spec, misplaced):
            continue
        present |= {spec.id, f"Team/{spec.team}"}
        found = _one(here, spec, misplaced)
        said += found.diagnostics
        if found.value is None or spec.id in done:
            held[spec.id] = (*held.get(spec.id, ()), *found.diagnostics)
            done.pop(spec.id, None)
        elif spec.id not in held:
            done[spec.id] = found.value
    for id_, why in _referring(here, done).items():
        said += why
        held[id_] = why
        del done[id_]
    limits = budgets.limits(here)
    teams = _teams(here, present, held, limits)
    for id_, why in _dependencies(here, done, frozenset(present)).items():
        said += why
        held[id_] = why
        del done[id_]
    resolution = Resolution(
        environment_name=here.name,
        environment=here.environment,
        workloads=tuple(each for _, each in sorted({**teams, **done}.items())),
        held={id_: in_order(why) for id_, why in sorted(held.items())},
        present=frozenset(present),
        limits=limits,
    )
    return resolution, tuple(said)


def _referring(here: Here, done: dict[str, Resolved[Workload]]) -> dict[str, tuple[Diagnostic, ...]]:
    """Give every workload the addresses that it refers to; by id, why it cannot be where one leads nowhere."""
    problems: dict[str, tuple[Diagnostic, ...]] = {}
    for id_, each in list(done.items()):
        found = addresses.with_addresses(here, each, done)
        if found.value is None:
            problems[id_] = found.diagnostics
        else:
            done[id_] = found.value
    return problems


def _one(
    here: Here, spec: WorkloadSpec, misplaced: tuple[Diagnostic, ...]
) -> Found[Resolved[Workload] | None]:
    """Resolve a workload, unless something that it needs is already known to be wrong."""
    why = (*spec.errors, *misplaced, *here.teams_held.get(spec.team, ()))
    team = here.specs.teams.get(spec.team)
    if why or team is None:
        return Found(None, why)
    return resolve_workload(here, spec, team)


def _teams(
    here: Here, present: Iterable[str], held: dict[str, tuple[Diagnostic, ...]], limits: Limits
) -> dict[str, Resolved[Limit]]:
    """The teams that have workloads here, each a workload of its own; those that cannot be used are held."""
    done: dict[str, Resolved[Limit]] = {}
    for id_ in sorted(id_ for id_ in present if id_.startswith("Team/")):
        name = id_.removeprefix("Team/")
        team = here.specs.teams.get(name)
        if team is None or name in here.teams_held:
            held[id_] = here.teams_held.get(name, ())
        else:
            done[id_] = _team(here, team, limits.teams[name])
    return done


def _team(here: Here, team: PlatformSpec[Any], limit: Limit) -> Resolved[Limit]:
    environment: Environment = here.environment
    return Resolved(
        id=f"Team/{team.name}",
        kind="Team",
        component="team",
        team=team.name,
        name=team.name,
        labels={},
        annotations={},
        spec=limit,
        node=team.document.node,
        environment_name=here.name,
        environment=environment,
        team_spec=team.model,
        namespace=namespace_name(environment, here.name, team.name),
    )


def _dependencies(
    here: Here, done: Mapping[str, Resolved[Workload]], present: frozenset[str]
) -> dict[str, tuple[Diagnostic, ...]]:
    """By id, what is wrong with what a workload waits for."""
    circles = references.cycles({id_: each.depends_on for id_, each in done.items()})
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for id_, each in done.items():
        why = tuple(references.unmet(here, each, present))
        if id_ in circles:
            why = (*why, references.cycle(each, circles[id_]))
        if why:
            found[id_] = why
    return found
