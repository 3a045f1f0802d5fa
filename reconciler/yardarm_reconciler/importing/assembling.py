"""Manifests into specs: objects of one workload together, each spec with its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from yardarm_reconciler.expand.patches import OUR_LABELS
from yardarm_reconciler.importing import fits, jobs, kserve, others, routes, specs, world, writing
from yardarm_reconciler.importing.devices import Devices, classes, devices
from yardarm_reconciler.importing.grouping import Group, Json, Rest, groups, kind_of
from yardarm_reconciler.importing.ours import Ours, ours
from yardarm_reconciler.importing.proof import proven
from yardarm_reconciler.importing.withheld import without_secrets
from yardarm_reconciler.model.imported import Import, Imported, Note, name_of
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.walker import MALFORMED
from yardarm_schema.environment import Environment
from yardarm_schema.metadata import API_VERSION

KINDS: Mapping[str, tuple[str, Callable[[Ours, Devices, list[Note]], Json]]] = {
    "Deployment": ("Service", specs.service),
    "StatefulSet": ("Service", specs.service),
    "DaemonSet": ("Service", specs.service),
    "Job": ("BatchJob", jobs.batch_job),
    "CronJob": ("ScheduledJob", jobs.scheduled_job),
    "JobSet": ("TrainingJob", jobs.training_job),
    "InferenceService": ("ModelService", specs.model_service),
}
"""By what makes pods, the kind of its spec and what writes it."""

Renderer: TypeAlias = Callable[[str, Devices, Json], world.Render]
"""Gives what renders specs in an environment that has these devices, and this gateway where there is a route."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said of the import: whose the specs are, where they run, what the only one and its devices are called."""

    team: str
    environment: str
    name: str = ""
    accelerator: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """How all specs of one import are made."""

    asked: Asked
    renderer: Renderer
    platform: Environment | None
    secrets: tuple[Note, ...]


def imported(
    bodies: Iterable[Json],
    asked: Asked,
    renderer: Renderer = world.alone,
    platform: Environment | None = None,
) -> Import:
    """Make a spec of everything that makes pods, and say of all else why it is none.

    Args:
        bodies: the objects.
        asked: what a person said.
        renderer: renders a spec to prove it.
        platform: the environment where that is, unless one is made up that has what is needed.

    Raises:
        UserError: nothing says which of the environment's classes is meant.
    """
    clean, secrets = without_secrets(bodies)
    unserved = [each for each in clean if kind_of(each) == kserve.KIND and not kserve.is_served(each)]
    found, rest = groups(each for each in clean if each not in unserved)
    rest = (*rest, *(Rest(each, kserve.UNSERVED) for each in unserved))
    way = _Way(asked, renderer, platform, secrets)
    made = tuple(_tried(group, way) for group in found)
    held, notes = _others(rest, made, way)
    of_specs = {name for each in (*made, *held) for name in each.objects}
    return Import((*made, *held), (*notes, *(each for each in secrets if each.where not in of_specs)))


def _others(
    rest: tuple[Rest, ...], made: tuple[Imported, ...], way: _Way
) -> tuple[tuple[Imported, ...], tuple[Note, ...]]:
    """What is in no spec of a workload, in one of its own as far as that goes, called after the first workload."""
    if not made:
        return (), tuple(Note(name_of(each.body), "", each.why) for each in rest)
    name, taken = made[0].id.rpartition("/")[2], frozenset(each for one in made for each in one.makes)
    asked = way.asked
    render = way.renderer(asked.environment, Devices(), {})
    held, notes = others.kept(rest, taken, f"{name}-objects", asked.team, asked.environment, render)
    if held is None:
        return (), notes
    lost = (*(each for each in way.secrets if each.where in held.objects), *held.lost)
    return (replace(held, lost=lost),), notes


def _tried(group: Group, way: _Way) -> Imported:
    """The spec of some objects, whose values may be of any type: no API server has seen them yet.

    Raises:
        UserError: one is of a type that no API server would take.
    """
    try:
        return _imported(group, way)
    except MALFORMED as error:
        what = f"{name_of(group.controller)} or what belongs to it is not as an API server would take it"
        raise UserError(f"{what} ({type(error).__name__})", exit_code=2) from error


def _imported(group: Group, way: _Way) -> Imported:
    asked, platform = way.asked, way.platform
    own = ours(group)
    objects = tuple(name_of(each) for each in group.objects)
    found = devices(own.main, own.pod, on_each_node=own.group.controller["kind"] == "DaemonSet")
    if found.name:
        found = _classed(found, asked, platform)
    lost = [*(each for each in way.secrets if each.where in objects), *own.lost]
    kind, make = KINDS["InferenceService" if own.model else own.group.controller["kind"]]
    spec = make(own, found, lost)
    name = asked.name or _name(own.group)
    labels = {key: each for key, each in specs.labels(own).items() if not OUR_LABELS.fullmatch(key)}
    metadata = {"name": name, "team": asked.team, **({"labels": labels} if labels else {})}
    document = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": metadata,
        "spec": {**spec, "environments": {asked.environment: {}}},
    }
    gateway = routes.gateway(own.group.route) if own.group.route else {}
    proof = proven(document, own, way.renderer(asked.environment, found, gateway))
    return Imported(
        f"{kind}/{asked.team}/{name}",
        writing.text(proof.document),
        objects,
        proof.patched,
        (*own.renamed, *proof.added),
        (*lost, *proof.lost),
        tuple(_needs(proof.document["spec"], found, gateway)) if platform is None else (),
        proof.makes,
    )


def _classed(found: Devices, asked: Asked, platform: Environment | None) -> Devices:
    """The devices by the name of their class: that which was given, or the only one that fits."""
    if asked.accelerator or platform is None:
        return replace(found, name=asked.accelerator or found.name)
    known = classes(found, platform)
    if len(known) != 1:
        said = ", ".join(known or sorted(platform.accelerators)) or "none"
        message = f"which class is {found.binding['resource']}? --accelerator CLASS; there are: {said}"
        raise UserError(message, exit_code=2)
    return replace(found, name=known[0])


def _name(group: Group) -> str:
    """That of the Service, by which clients know it; else that of what makes the pods.

    Replicas with storage of their own keep the name of what makes them: their claims are called after it.
    """
    named = group.service if group.service and group.controller["kind"] != "StatefulSet" else group.controller
    return fits.slug(named["metadata"]["name"])


def _needs(spec: Json, found: Devices, gateway: Json) -> Iterable[str]:
    """What the environment must have for the spec to hold there."""
    if gateway and "route" in spec:
        yield f"Environment.gateway {_flow(gateway)} and the capability gatewayAPI"
    if found.name:
        said = ", ".join(f"{key}: {_flow(value)}" for key, value in sorted(found.binding.items()))
        yield f"Environment.accelerators {{{found.name}: {{{said}}}}}"
    cache = (spec.get("model") or {}).get("cache")
    if cache:
        yield f"a CacheClass {cache} that fetches {spec['model']['uri'].partition('://')[0]}"
    exceptions = (spec.get("security") or {}).get("exceptions") or ()
    if exceptions:
        yield f"Environment.policy.exceptions [{', '.join(exceptions)}], and Team.podSecurity that admits it"


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value)
