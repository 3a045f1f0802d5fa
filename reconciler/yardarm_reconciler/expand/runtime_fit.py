"""Whether a model service and its runtime go together: what the runtime demands, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yardarm_reconciler.expand import serving
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import MISSING
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.arguments import Args
from yardarm_schema.model_service import ModelService, Serving
from yardarm_schema.runtime import Runtime
from yardarm_schema.spec_values import ServingPath, ServingValue

ONE_MODEL = Code(
    "model/one-model",
    title="The runtime serves one model",
    why="Its program takes one model; another one needs another service.",
    bad="runtime: vllm, models: {a: {uri: …}, b: {uri: …}}",
    good="runtime: vllm, model: {uri: …}",
)
ONE_NODE = Code(
    "model/one-node",
    title="The runtime cannot span nodes",
    why="Runtime.multiNode says how its programs meet; without it each node would serve by itself.",
    bad="runtime: tei, nodes: 2",
    good="runtime: vllm, nodes: 2",
)
NO_POOLS = Code(
    "model/no-pools",
    title="The runtime's roles cannot be pools of their own",
    why="Runtime.pools says how one role hands over to the other; without it each would answer by itself.",
    bad="runtime: tei, roles: {decode: {leader: true}, prefill: {replicas: 2}}",
    good="runtime: vllm, roles: {decode: {leader: true}, prefill: {replicas: 2}}",
)
UNUSED = Code(
    "model/unused",
    title="The runtime has no use for this field",
    why="No argument or variable of its program says it, so that it would change nothing.",
    bad="runtime: tei, parallelism: {tensor: 2}",
    good="runtime: vllm, parallelism: {tensor: 2}",
)
HEALTH_DEMANDED = Code(
    "model/health-demanded",
    title="Nobody but you can say what its health is",
    why="The runtime has no route that tells whether it is ready, and an open port does not.",
    bad="runtime: plumber, model: {volume: api, path: plumber.R}",
    good="runtime: plumber, model: {volume: api, path: plumber.R}, health: {path: /healthz}",
)

USES: Mapping[str, tuple[ServingPath, ...]] = {
    "model.format": ("model.format",),
    "model.name": ("model.name",),
    "model.adapters": ("adapters.modules",),
    "parallelism.tensor": ("parallelism.tensor",),
    "parallelism.pipeline": ("parallelism.pipeline",),
    "parallelism.data": ("parallelism.data",),
    "parallelism.expert": ("parallelism.expert",),
}
"""Fields that mean something only where a reference takes them, with those references."""


def check(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    """Say what does not go together."""
    spec, bound = service.spec, service.served_by()
    runtime = bound.spec
    if runtime.models != "optional" and spec.model is None and not spec.models and spec.run is None:
        message = f"{bound.name} serves a model: model is missing"
        yield MISSING.at(
            service.origin("spec.runtime"), message, fix="add model: {uri: …}", field="spec.model"
        )
    if runtime.models == "one" and spec.models:
        message = f"{bound.name} serves one model"
        yield ONE_MODEL.at(service.origin("spec.models"), message, field="spec.models")
    field = "spec.roles" if service.parts else "spec.nodes"
    pools = serving.are_pools(service)
    if pools and runtime.pools is None:
        yield NO_POOLS.at(
            service.origin(field), f"{bound.name} has no pools", fix="runtime: vllm", field=field
        )
    if not pools and (service.parts or spec.span > 1) and runtime.multi_node is None:
        yield ONE_NODE.at(service.origin(field), f"{bound.name} cannot span nodes", field=field)
    if runtime.demands_health and serving.roles(service).leader.spec.health is None:
        message = f"{bound.name} does not say what its health is"
        yield HEALTH_DEMANDED.at(
            service.origin("spec.runtime"), message, fix="add health: {path: …}", field="spec.health"
        )
    yield from _unused(service)


def references(service: Resolved[ModelService]) -> frozenset[ServingPath]:
    """Everything that arguments and variables of its programs refer to."""
    runtime = service.served_by().spec
    return frozenset(each for program in service.programs() for each in _references(program.spec, runtime))


def _unused(service: Resolved[ModelService]) -> Iterator[Diagnostic]:
    used = references(service)
    for field, paths in USES.items():
        if _said(service.spec, field) and used.isdisjoint(paths):
            name = f"spec.{field}"
            message = f"{field} means nothing to {service.served_by().name}"
            yield UNUSED.at(service.origin(name), message, field=name)


def _said(spec: Serving, field: str) -> bool:
    part, _, name = field.partition(".")
    return bool(getattr(getattr(spec, part), name, None))


def _references(spec: object, runtime: Runtime) -> Iterator[ServingPath]:
    """What the arguments and variables of a program refer to."""
    if not isinstance(spec, Serving):
        return
    multi = runtime.multi_node
    several: tuple[Args | None, ...] = (multi.args, multi.leader.args, multi.worker.args) if multi else ()
    pools = runtime.pools
    several += (pools.args, pools.leader.args, pools.worker.args) if pools else ()
    said = (spec.args or {}, spec.env, *(each or {} for each in several), pools.env if pools else {})
    values = (value for each in said for value in each.values())
    if spec.run is None:
        yield from (each.path for each in runtime.positional if isinstance(each, ServingValue))
    yield from (value.path for value in values if isinstance(value, ServingValue))
    if runtime.model_health is not None:
        yield "model.name"
