"""ModelService: a model behind an API, as a Deployment; as a LeaderWorkerSet where one replica spans nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import (
    fetch_job,
    groups,
    inference_pool,
    models,
    parallelism,
    replicated,
    role_pools,
    routes,
    runtime_fit,
    serving,
    surroundings,
    variants,
)
from yardarm_reconciler.expand.labels import selector
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.model_service import ModelService, Serving
from yardarm_schema.replicated import Replicated

ROLES = Code(
    "model/roles",
    title="A replica has one leader and one kind of worker",
    why="One pod of each replica takes the requests, and all others are equal: that is what a LeaderWorkerSet can run.",
    bad="roles: {a: {nodes: 2}, b: {nodes: 2}}",
    good="roles: {head: {leader: true, accelerator: null}, worker: {nodes: 2}}",
)


def check(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """What is wrong with a model service, or a variant of it, that types cannot say."""
    yield from variants.check(service)
    for each in _several(service):
        yield from _check(each)


def _check(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    problems = (*_roles(service), *runtime_fit.check(service), *_located(service))
    yield from problems
    if any(problem.is_error for problem in problems):
        return
    if serving.are_pools(service):
        yield from role_pools.check(service)
        return
    if any(path.startswith("parallelism.") for path in runtime_fit.references(service)):
        yield from parallelism.check(service)
    leader, worker = serving.server(service), serving.worker(service)
    yield from replicated.check(leader)
    yield from routes.check(service, leader)
    yield from inference_pool.check(service, leader)
    if worker is not None:
        field = "spec.roles" if service.parts else "spec.nodes"
        pods = sum(each.pods for each in parallelism.programs(service))
        yield from groups.check(leader, worker, field, pods)


def _roles(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """Exactly two where there are any, and one of them leads, on a node of its own."""
    parts = service.parts.get("roles")
    if not parts or serving.are_pools(service):
        return
    leaders = sorted(name for name, part in parts.items() if part.spec.leader)
    if len(leaders) != 1 or len(parts) != 2:  # noqa: PLR2004 - a leader and its workers
        message = f"{len(leaders)} of {len(parts)} roles lead: {', '.join(leaders) or 'none'}"
        yield ROLES.at(service.origin("spec.roles"), message, field="spec.roles")
    for name in leaders:
        if parts[name].spec.span != 1:
            field = f"spec.roles.{name}.nodes"
            yield ROLES.at(service.origin(field), "the leader is a single pod", field=field)


def _located(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    for program in parallelism.programs(service):
        yield from models.check(program)


def expand(service: Resolved[ModelService]) -> Iterator[Manifest]:
    """Everything that a model needs to be served, in the order in which it is needed, and last its route."""
    several = _several(service)
    yield from fetch_job.expand(_programs(service))
    for each in several:
        yield from _replicas(each)
    own, *others = (
        routes.Share(
            serving.server(each), _share(each, "weight"), _share(each, "mirror"), inference_pool.wanted(each)
        )
        for each in several
    )
    yield from routes.expand(several[0], own.server, tuple(others), pooled=own.pooled)


def _share(service: Resolved[Any], field: str) -> int | None:
    """What a variant gets of the requests; None for the service itself."""
    share: int | None = getattr(service.spec, field, None)
    return share


def _several(service: Resolved[ModelService]) -> tuple[Resolved[ModelService], ...]:
    """The service without its variants, then these: callers ask all for one model, by the name that it has for them."""
    own, *others = variants.apart(service)
    return (own, *(replace(each, spec=_called(each.spec, service.name)) for each in others))


def _called(spec: Serving, name: str) -> Serving:
    model = spec.model
    if model is None or model.name is not None:
        return spec
    return spec.model_copy(update={"model": model.model_copy(update={"name": name})})


def runs(service: Resolved[ModelService]) -> tuple[RunIntent, ...]:
    """What is fetched into shared caches before any pod needs it."""
    return fetch_job.runs(_programs(service))


def _programs(service: Resolved[ModelService]) -> tuple[Resolved[Serving], ...]:
    """Everything that runs in its pods, of all its variants."""
    return tuple(program for each in variants.apart(service) for program in parallelism.programs(each))


def _replicas(service: Resolved[ModelService]) -> Iterator[Manifest]:
    if serving.are_pools(service):
        yield from role_pools.expand(service)
        return
    leader, worker = serving.server(service), serving.worker(service)
    yield from surroundings.expand(serving.surrounded(service), together=worker is not None)
    if worker is not None:
        yield from groups.expand(leader, worker, parallelism.split(service).nodes)
    else:
        yield from _of_one_pod(leader)
    if inference_pool.wanted(service):
        yield from inference_pool.expand(
            service, leader, groups.leaders(leader) if worker else selector(leader)
        )


def _of_one_pod(server: Resolved[Replicated]) -> Iterator[Manifest]:
    """Replicas of a single pod each, with their address."""
    if server.spec.ports:
        yield replicated.service(server)
    yield from replicated.expand(server)
