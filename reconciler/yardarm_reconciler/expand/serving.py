"""A model service as the plain program that its runtime makes of it: arguments written out, models mounted.

So everything else about its pods is said once, for all kinds that run programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.expand import container, fetch_container, models
from yardarm_reconciler.expand.arguments import Value, Values, text, value_of, words
from yardarm_reconciler.expand.capabilities import has
from yardarm_reconciler.expand.parallelism import split
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.arguments import Args, ServingVar
from yardarm_schema.container import EnvVar
from yardarm_schema.model_service import ModelService, Serving
from yardarm_schema.model_source import FetchedModel, MountedModel
from yardarm_schema.monitoring import Monitoring
from yardarm_schema.replicated import Replicated
from yardarm_schema.runtime import MultiNode, RolePools
from yardarm_schema.served import Served
from yardarm_schema.spec_values import ServingPath, ServingValue
from yardarm_schema.workload import Program


@dataclass(frozen=True, slots=True)
class Roles:
    """The programs of one replica: the one that takes requests, and those that help it where it spans nodes."""

    leader: Resolved[Serving]
    worker: Resolved[Serving] | None = None


def roles(service: Resolved[ModelService]) -> Roles:
    """Who is who; where roles are wrong, which is said elsewhere, any of them will do."""
    parts = _members(service)
    if not parts:
        return Roles(service, service if service.spec.span > 1 else None)
    return Roles(parts[0], parts[1] if len(parts) > 1 and not are_pools(service) else None)


def _members(service: Resolved[ModelService]) -> list[Resolved[Serving]]:
    """The roles, first the one that takes requests."""
    named = service.parts.get("roles", {})
    return [each for _, each in sorted(named.items(), key=lambda item: (not item[1].spec.leader, item[0]))]


def are_pools(service: Resolved[ModelService]) -> bool:
    """Whether each role is a pool of its own: one that takes no requests says how often it runs."""
    said = getattr(service.spec, "roles", None) or {}
    others = (name for name, each in service.parts.get("roles", {}).items() if not each.spec.leader)
    return any({"replicas", "scaling"} & said[name].keys() for name in others if name in said)


def pools(service: Resolved[ModelService]) -> tuple[Resolved[Replicated], ...]:
    """The roles as plain programs where each is a pool, first the one that takes requests."""
    return tuple(_pool(each) for each in _members(service)) if are_pools(service) else ()


def _pool(role: Resolved[Any]) -> Resolved[Replicated]:
    """A role that is a pool: its devices are its own, and so is how the model is split over them."""
    said = role.served_by().spec.pools or RolePools()
    own = said.leader if role.spec.leader else said.worker
    fields = _fields(role, role, {**(said.args or {}), **(own.args or {})}, said.env)
    return _plain(role, Replicated, fields)


def server(service: Resolved[ModelService]) -> Resolved[Replicated]:
    """The program that takes requests."""
    if are_pools(service):
        return pools(service)[0]
    found = roles(service)
    multi = _multi_node(found.leader) if found.worker is not None else None
    extra = {**(multi.args or {}), **(multi.leader.args or {})} if multi is not None else {}
    kind = Replicated if found.leader.part else Served
    return _plain(found.leader, kind, _fields(service, found.leader, extra))


def worker(service: Resolved[ModelService]) -> Resolved[Program] | None:
    """The program that helps it on the other nodes of a replica: nobody asks it anything, not even for its health."""
    helper = roles(service).worker
    if helper is None:
        return None
    multi = _multi_node(helper)
    extra = {**(multi.args or {}), **(multi.worker.args or {})}
    fields = {**_fields(service, helper, extra), "ports": {}, "health": None}
    return _plain(helper, Program, fields)


def surrounded(service: Resolved[ModelService]) -> Resolved[Any]:
    """The service with these programs in place of its own, for what they need around them."""
    if are_pools(service):
        parts = zip(pools(service), _members(service), strict=True)
        return replace(
            service, parts={"roles": {plain.part: _reaching(plain, role) for plain, role in parts}}
        )
    who, leader, helper = roles(service), server(service), worker(service)
    first = _reaching(leader, who.leader)
    if helper is None or who.worker is None or not leader.part:
        return first
    return replace(service, parts={"roles": {leader.part: first, helper.part: _reaching(helper, who.worker)}})


def _reaching(plain: Resolved[Any], program: Resolved[Serving]) -> Resolved[Any]:
    """The plain program with the way to where it fetches from."""
    network = plain.spec.network
    opened = network.model_copy(update={"egress": (*network.egress, *models.locate(program).egress)})
    return replace(plain, spec=plain.spec.model_copy(update={"network": opened}))


def _multi_node(program: Resolved[Serving]) -> MultiNode:
    return program.served_by().spec.multi_node or MultiNode()


def _plain(program: Resolved[Serving], kind: type[Any], changed: Mapping[str, object]) -> Resolved[Any]:
    kept = {name: getattr(program.spec, name) for name in kind.model_fields}
    spec = kind.model_construct(**{**kept, **changed})
    return replace(program, spec=spec, parts={}, before=tuple(fetch_container.in_pod(program)))


def _fields(
    service: Resolved[ModelService],
    program: Resolved[Serving],
    extra: Args,
    env: Mapping[str, ServingVar] | None = None,
) -> dict[str, object]:
    """What the runtime makes of the fields that a plain program has too."""
    spec, located = program.spec, models.locate(program)
    found = _values(service, program, located)
    return {
        "args": _words(program, {**extra, **(spec.args or {})}, found),
        "env": {**located.env, **_variables({**(env or {}), **spec.env}, found)},
        "volumes": {**spec.volumes, **located.volumes},
        "monitoring": _monitoring(program),
    }


def _monitoring(program: Resolved[Serving]) -> Monitoring | None:
    """What is scraped where the spec says nothing: what the runtime tells, where anybody reads it."""
    said, metrics = program.spec.monitoring, program.served_by().spec.metrics
    if said is not None or metrics is None or not has(program, "prometheusOperator"):
        return said
    return Monitoring(port=metrics.port, path=metrics.path)


def _words(program: Resolved[Serving], args: Args, values: Values) -> tuple[str, ...] | None:
    """The command line behind the entry point; a script is all by itself."""
    if program.spec.run is not None:
        return None
    runtime = program.served_by().spec
    return words(runtime.positional, args, runtime.style, values) or None


def _variables(env: Mapping[str, ServingVar], values: Values) -> Mapping[str, EnvVar]:
    """Variables with what references come to; one of nothing is left out."""
    found: dict[str, EnvVar] = {}
    for name, said in env.items():
        value = value_of(said, values) if isinstance(said, ServingValue) else None
        if not isinstance(said, ServingValue):
            found[name] = said
        elif value not in (None, False):
            found[name] = text(value)
    return found


def _values(service: Resolved[ModelService], program: Resolved[Serving], located: models.Located) -> Values:
    """What every reference comes to."""
    parts, model = split(service), program.spec.model
    ports = {name: each.port for name, each in container.ports(program.spec).items()}
    ranks = (
        [each.rank for each in model.adapters.values() if each.rank is not None] if model is not None else []
    )
    found: dict[ServingPath, Value] = {
        "accelerator.count": program.accelerator.count if program.accelerator is not None else None,
        "adapters.count": len(located.adapters) or None,
        "adapters.enabled": bool(located.adapters),
        "adapters.modules": [f"{name}={path}" for name, path in located.adapters.items()] or None,
        "adapters.rank": max(ranks, default=None),
        "model.cache": located.cache,
        "model.format": model.format if model is not None else None,
        "model.name": _name(service, model),
        "model.path": located.path,
        "model.revision": located.revision,
        "model.uri": model.uri if isinstance(model, FetchedModel) else None,
        "nodes": parts.nodes,
        "parallelism.data": parts.data,
        "parallelism.expert": parts.expert,
        "parallelism.pipeline": parts.pipeline,
        "parallelism.tensor": parts.tensor,
        "port": _main(ports),
        "ports.grpc": ports.get("grpc"),
        "ports.http": ports.get("http"),
        "ports.metrics": ports.get("metrics"),
    }
    return found


def _name(service: Resolved[ModelService], model: FetchedModel | MountedModel | None) -> str:
    """What the API calls the model."""
    return model.name if model is not None and model.name is not None else service.name


def _main(ports: Mapping[str, int]) -> int | None:
    """The port that requests come to: http, else grpc, else the only one."""
    only = next(iter(ports.values())) if len(ports) == 1 else None
    return ports.get("http", ports.get("grpc", only))
