"""References to other workloads: their address in this environment, where they run and let this one in.

What is referred to may itself be invalid just now: then its ports are read as they are written, so that one bad spec
holds no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yardarm_reconciler.model.document import WorkloadSpec
from yardarm_reconciler.model.merge import only
from yardarm_reconciler.model.namespace import namespace_name
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Found
from yardarm_reconciler.model.parts import parts
from yardarm_reconciler.model.typed import did_you_mean, typed
from yardarm_reconciler.model.workload import Address, Resolved
from yardarm_reconciler.resolve import overrides
from yardarm_reconciler.resolve.here import Here, child
from yardarm_reconciler.resolve.references import UNKNOWN_WORKLOAD
from yardarm_schema.base import Model
from yardarm_schema.container import EnvVar, ServiceAddress
from yardarm_schema.kinds import WORKLOADS
from yardarm_schema.network import NamespacePeer, Network, WorkloadPeer
from yardarm_schema.ports import ContainerPort, NamedPort
from yardarm_schema.replicated import Replicated
from yardarm_schema.workload import Program

NO_ADDRESS = Code(
    "reference/no-address",
    title="The workload has no address",
    why="Only servers have one: something with ports that runs all the time.",
    bad="env: {URL: {service: nightly-export}} where that is a BatchJob",
    good="env: {URL: {service: export-api}}",
)
WHICH_PORT = Code(
    "reference/which-port",
    title="The reference does not say which port of the workload is meant",
    why="Without a port of the usual name (http, grpc), or a single one, it could be any.",
    bad="env: {URL: {service: qdrant}} where that has ports api and p2p",
    good="env: {URL: {service: qdrant, port: api}}",
)
NOT_ADMITTED = Code(
    "reference/not-admitted",
    title="The other team's workload does not let this one in",
    why="Who may connect is said where the answer comes from: its network.ingress lists workloads and namespaces.",
    bad="env: {URL: {service: search/qdrant}} where qdrant lists nobody",
    good="network: {ingress: [{workload: rag, team: nlp}]} in qdrant",
)


class Answering(Model):
    """The fields of a spec that decide whether and where it answers."""

    ports: Mapping[str, ContainerPort] = {}
    network: Network = Network()


@dataclass(frozen=True, slots=True)
class _Target:
    """What is referred to, as far as it can be read."""

    spec: WorkloadSpec
    ports: Mapping[str, int]
    network: Network


def with_addresses(
    here: Here, workload: Resolved[Any], done: Mapping[str, Resolved[Any]]
) -> Found[Resolved[Any] | None]:
    """Follow the references of a workload and its parts; None where one leads nowhere."""
    problems: list[Diagnostic] = []

    def follow(each: Resolved[Any]) -> Resolved[Any]:
        found: dict[ServiceAddress, Address] = {}
        for path, asked in _references(each.spec):
            answer = _address(here, each, path, asked, done)
            problems.extend(answer.diagnostics)
            if answer.value is not None:
                found[asked] = answer.value
        return replace(each, addresses=found) if found else each

    own = follow(workload)
    parts = {
        field: {name: follow(part) for name, part in named.items()} for field, named in own.parts.items()
    }
    own = replace(own, parts=parts) if parts else own
    return Found(None if problems else own, tuple(dict.fromkeys(problems)))


def _references(spec: object) -> Iterator[tuple[tuple[str, ...], ServiceAddress]]:
    """Every reference of a program, with its path in the spec."""
    if not isinstance(spec, Program):
        return
    containers: list[tuple[tuple[str, ...], Mapping[str, EnvVar]]] = [(("env",), spec.env)]
    containers += [(("sidecars", name, "env"), each.env) for name, each in spec.sidecars.items()]
    containers += [(("initContainers", name, "env"), each.env) for name, each in spec.init_containers.items()]
    for path, env in containers:
        for name, value in env.items():
            if isinstance(value, ServiceAddress):
                yield (*path, name), value


def _address(
    here: Here,
    workload: Resolved[Any],
    path: tuple[str, ...],
    asked: ServiceAddress,
    done: Mapping[str, Resolved[Any]],
) -> Found[Address | None]:
    team, _, name = asked.service.rpartition("/")
    team = team or workload.team
    place, field = place_at(workload.node, ("spec", *path, "service")), f"spec.{'.'.join(path)}.service"
    spec = next(
        (
            each
            for each in here.specs.workloads
            if (each.team, each.name) == (team, name) and each.kind != "Volume"
        ),
        None,
    )
    if spec is None or not overrides.runs_here(here, spec, ()):
        names = sorted(each.name for each in here.specs.workloads if each.team == team)
        elsewhere = f"{spec.document.path} has it, without {here.name} in its environments" if spec else ""
        note = elsewhere or f"it has: {', '.join(names) or 'none'}"
        message = f"{here.name} has no workload {name!r} of team {team}"
        fix = did_you_mean(name, names)
        return Found(None, (UNKNOWN_WORKLOAD.at(place, message, fix=fix, note=note, field=field),))
    target = _target(here, spec, done)
    if not issubclass(WORKLOADS[spec.kind], Replicated):
        message = f"{spec.kind} {name} has no address"
        return Found(None, (NO_ADDRESS.at(place, message, fix="refer to a server", field=field),))
    port = _port(target.ports, asked.port)
    if port is None:
        note = f"{name} has: {', '.join(sorted(target.ports)) or 'no ports'}"
        message = f"{name} has no port {asked.port!r}" if asked.port is not None else f"which port of {name}?"
        return Found(None, (WHICH_PORT.at(place, message, fix="name its port", note=note, field=field),))
    if team != workload.team and not _admits(target, workload):
        message = f"{team}/{name} does not let {workload.team}/{workload.name} in"
        fix = f"add {{workload: {workload.name}, team: {workload.team}}} to network.ingress in {spec.document.path}"
        return Found(None, (NOT_ADMITTED.at(place, message, fix=fix, field=field),))
    return Found(Address(team, name, namespace_name(here.environment, here.name, team), port))


def _target(here: Here, spec: WorkloadSpec, done: Mapping[str, Resolved[Any]]) -> _Target:
    """What a workload says of its ports and who may connect: merged, or as it is written where it is invalid."""
    resolved = done.get(spec.id)
    if resolved is not None and isinstance(resolved.spec, Program):
        programs = (resolved.spec, *(each.spec for each in _roles(resolved) if each.spec.leader))
        sidecars = [each.ports for program in programs for each in program.sidecars.values()]
        ports = _numbers(*sidecars, *(program.ports for program in programs))
        return _Target(spec, ports, resolved.spec.network)
    above = overrides.layers(here, spec)
    written = overrides.written(above)
    roles = [overrides.written(part.layers) for part in parts(WORKLOADS[spec.kind], above)]
    ports = _numbers(*(_written(here, each) for each in (written, *filter(_leads, roles))))
    answering = typed(Answering, only(written, *Answering.model_fields)).value
    return _Target(spec, ports, answering.network if answering else Network())


def _roles(resolved: Resolved[Any]) -> Iterable[Resolved[Any]]:
    return resolved.parts.get("roles", {}).values()


def _leads(role: Node) -> bool:
    leader = child(role, "leader")
    return leader is not None and leader.value is True


def _written(here: Here, program: Node) -> Mapping[str, int | NamedPort]:
    """Ports of a program as they are written: its own, and those of the runtime that it names."""
    answering = typed(Answering, only(program, *Answering.model_fields)).value
    named = child(program, "runtime")
    runtime = here.specs.runtimes.get(str(named.value)) if named is not None else None
    return {**(runtime.model.ports if runtime else {}), **(answering.ports if answering else {})}


def _numbers(*maps: Mapping[str, int | NamedPort]) -> Mapping[str, int]:
    return {
        name: port if isinstance(port, int) else port.port for ports in maps for name, port in ports.items()
    }


def _port(ports: Mapping[str, int], asked: int | str | None) -> int | None:
    """The port that is asked for: a number as it is, a name if there is one; else http, grpc or the only one."""
    if isinstance(asked, int):
        return asked
    if asked is not None:
        return ports.get(asked)
    usual = next((ports[name] for name in ("http", "grpc") if name in ports), None)
    return usual if usual is not None or len(ports) != 1 else next(iter(ports.values()))


def _admits(target: _Target, workload: Resolved[Any]) -> bool:
    """Whether a workload of another team is let in."""
    for peer in target.network.ingress:
        match peer:
            case WorkloadPeer(workload=name, team=team):
                if (team or target.spec.team, name) == (workload.team, workload.name):
                    return True
            case NamespacePeer(namespace=namespace):
                if namespace == workload.namespace:
                    return True
    return False
