"""Roles of a model that are pools of their own: prefill reads prompts, decode writes answers, each as often as it must.

Both stand behind one InferencePool, whose endpoint picker tells them apart by a label and says which of each shall work on
a request. One of them leads: it takes the requests, and everybody else's by the model's address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yardarm_reconciler.expand import (
    inference_pool,
    parallelism,
    replicated,
    routes,
    runtime_fit,
    serving,
    storage,
    surroundings,
)
from yardarm_reconciler.expand.groups import whole_of
from yardarm_reconciler.expand.labels import selector
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.model_service import ModelService
from yardarm_schema.replicated import Replicated

LEADER = Code(
    "model/pools-leader",
    title="One of several pools takes the requests, and each of its replicas is a pod",
    why="The model's address leads to the role that leads; with none or several nobody could say where to.",
    bad="roles: {decode: {replicas: 2}, prefill: {replicas: 4}}",
    good="roles: {decode: {leader: true, replicas: 2}, prefill: {replicas: 4}}",
)
NO_ROUTER = Code(
    "model/pools-without-router",
    title="Nothing would tell the pools which of them works on a request",
    why="It is the endpoint picker that chooses one replica of each role; a plain service knows none of them.",
    bad="roles: {decode: {leader: true}, prefill: {replicas: 4}}, router: service",
    good="roles: {decode: {leader: true}, prefill: {replicas: 4}}, router: inferencePool",
)
NO_CONFIG = Code(
    "reference/no-roles-config",
    title="The endpoint picker of this environment knows no roles",
    why="How it chooses one replica of each role stands in Environment.endpointPicker.rolesConfig.",
    bad="roles: {decode: {leader: true}, prefill: {replicas: 4}} where endpointPicker has only config",
    good="endpointPicker: {image: …, rolesConfig: …}",
)


def check(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """What is wrong with roles that are pools."""
    members, field = serving.pools(service), "spec.roles"
    leaders = [each.part for each in service.programs() if getattr(each.spec, "leader", False)]
    if len(leaders) != 1:
        message = f"{len(leaders)} of {len(members)} roles lead: {', '.join(leaders) or 'none'}"
        yield LEADER.at(service.origin(field), message, fix="leader: true in one of them", field=field)
        return
    for role in parallelism.programs(service):
        if role.spec.span > 1:
            at = f"{field}.{role.part}.nodes"
            yield LEADER.at(
                service.origin(at), "a replica of a pool is a single pod", fix="nodes: 1", field=at
            )
        elif any(path.startswith("parallelism.") for path in runtime_fit.references(service)):
            yield from parallelism.check(role)  # type: ignore[arg-type] # by itself it is split like a whole service
    for each in members:
        yield from replicated.check(each)
    yield from storage.check_sharing(members[0], sum(each.pods for each in service.programs()))
    yield from routes.check(service, members[0])
    yield from _router(service)


def _router(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """What is missing for anything to choose a replica of each role."""
    picker, here, field = service.environment.endpoint_picker, service.environment_name, "spec.roles"
    if not inference_pool.wanted(service):
        yield NO_ROUTER.at(service.origin(field), fix="router: inferencePool", field=field)
        return
    yield from inference_pool.check(service, serving.server(service))
    if picker is not None and picker.roles_config is None:
        message, fix = f"{here} has no rolesConfig", f"set endpointPicker.rolesConfig in Environment {here}"
        yield NO_CONFIG.at(service.origin(field), message, fix=fix, field=field)


def expand(service: Resolved[ModelService]) -> Iterator[Manifest]:
    """Everything that the pools need, then each with an address, and what chooses between their replicas."""
    yield from surroundings.expand(serving.surrounded(service), together=True)
    leader, *others = (_told_apart(each) for each in serving.pools(service))
    yield replicated.service(whole_of(leader), selector(leader))
    yield from replicated.expand(leader)
    for each in others:
        yield replicated.service(each)
        yield from replicated.expand(each)
    yield from inference_pool.expand(service, leader, selector(service))


def _told_apart(pool: Resolved[Replicated]) -> Resolved[Replicated]:
    """With the label that the picker knows roles by."""
    picker = pool.environment.endpoint_picker
    return replace(pool, labels={**pool.labels, **({picker.role_label: pool.part} if picker else {})})
