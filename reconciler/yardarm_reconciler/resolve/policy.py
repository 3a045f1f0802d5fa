"""What the environment demands of every workload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from yardarm_reconciler.model import images
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Place
from yardarm_reconciler.model.runtime import BoundRuntime
from yardarm_reconciler.model.typed import MISSING
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve import runtimes
from yardarm_reconciler.resolve.here import Here
from yardarm_reconciler.resolve.quantities import times
from yardarm_schema.images import ImageRef
from yardarm_schema.model_service import Serving
from yardarm_schema.model_source import uris
from yardarm_schema.training import Training
from yardarm_schema.training_job import TrainingRole
from yardarm_schema.volumes import ImageVolume
from yardarm_schema.workload import Program

RIGHTS = Code(
    "policy/rules",
    title="Programs get no rights on such objects here",
    why="Environment.policy.rules lists the resources that a program's own account may be given rights on.",
    bad="identity: {rules: [{resources: [secrets], verbs: [get]}]}",
    good="identity: {rules: [{resources: [configmaps], verbs: [get]}]} where policy: {rules: [configmaps]}",
)


MODEL_SCHEME = Code(
    "policy/model-scheme",
    title="Models may not come from such a place here",
    why="Environment.policy.modelSchemes lists the kinds of places that models and data are trusted to come from.",
    bad="model: {uri: https://example.com/weights} where modelSchemes is [hf, s3]",
    good="model: {uri: hf://Qwen/Qwen3-8B@b968826d9c46dd6066d109eabc6255188de91218}",
)
MODEL_REVISION = Code(
    "policy/model-revision",
    title="The model is not pinned",
    why="A branch may hold other weights, or other code, tomorrow: what was reviewed would not be what runs.",
    bad="model: {uri: hf://Qwen/Qwen3-8B}",
    good="model: {uri: hf://Qwen/Qwen3-8B@b968826d9c46dd6066d109eabc6255188de91218}",
)


def check(
    here: Here,
    spec: Program,
    node: Node,
    bound: BoundAccelerator | None,
    runtime: BoundRuntime | None,
    key: Place,
) -> Iterator[Diagnostic]:
    """Hold a merged spec against the environment's policy, and against what every pod needs.

    Args:
        here: the environment.
        spec: the merged spec.
        node: the same, with places.
        bound: its accelerator.
        runtime: its runtime, from which the image may be.
        key: of the spec in its document, to blame for what is nowhere.
    """
    if spec.image is None:
        yield _no_image(here, bound, runtime, key)
    else:
        place, note = _image_place(node, runtime)
        yield from (
            replace(each, note=note or each.note)
            for each in images.check(here.environment, here.name, spec.image, place, "spec.image")
        )
    if isinstance(spec, Serving | Training | TrainingRole):
        yield from models(here, spec, node)
    if spec.resources.memory is None:
        yield _no_memory(here, place_at(node, ("accelerator",)) if bound else key, bound)


def beside(here: Here, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Hold every other image of a pod against the environment's policy: of containers beside main, and of volumes."""
    asked: list[tuple[tuple[str, ...], ImageRef | None]] = [
        *((("sidecars", name, "image"), each.image) for name, each in spec.sidecars.items()),
        *((("initContainers", name, "image"), each.image) for name, each in spec.init_containers.items()),
        *(
            (("volumes", name, "image"), each.image)
            for name, each in spec.volumes.items()
            if isinstance(each, ImageVolume)
        ),
    ]
    for path, each in asked:
        if each is not None:
            yield from images.check(
                here.environment, here.name, each, place_at(node, path), ".".join(("spec", *path))
            )


def rules(here: Here, spec: Program, node: Node) -> Iterator[Diagnostic]:
    """Refuse rights on what the environment does not let programs have rights on."""
    allowed = here.environment.policy.rules
    for index, rule in enumerate(spec.identity.rules):
        for number, resource in enumerate(rule.resources):
            name = f"{resource}.{rule.group}" if rule.group else resource
            if name not in allowed:
                place = place_at(node, ("identity", "rules", index, "resources", number))
                note = f"allowed are: {', '.join(allowed) or 'none'}"
                field = f"spec.identity.rules[{index}].resources[{number}]"
                yield RIGHTS.at(place, f"{here.name} gives no rights on {name}", note=note, field=field)


def _no_image(
    here: Here, bound: BoundAccelerator | None, runtime: BoundRuntime | None, key: Place
) -> Diagnostic:
    note = ""
    if runtime is not None:
        wanted, has = " or ".join(runtimes.image_keys(here, bound)), ", ".join(sorted(runtime.spec.images))
        note = f"runtime {runtime.name} has images for {has or 'nothing'}, not for {wanted}"
    return MISSING.at(key, "image is missing", fix="add image", note=note, field="spec.image")


def _image_place(node: Node, runtime: BoundRuntime | None) -> tuple[Place, str]:
    """Whom to blame for an image: who wrote it, or who took the runtime that has it; with a note of that."""
    place = place_at(node, ("image",))
    if runtime is None or place.path == node.place.path:
        return place, ""
    where = f"written at {place}" if place.path else "of Yardarm's catalogue"
    note = f"it is the image of runtime {runtime.name}, {where}"
    return place_at(node, ("runtime",)), note


def models(here: Here, spec: Serving | Training | TrainingRole, node: Node) -> Iterator[Diagnostic]:
    """Hold the places that models and data come from against the environment's policy."""
    policy = here.environment.policy
    for path, uri in uris(spec.model, spec.models if isinstance(spec, Serving) else None, spec.data):
        place, field = place_at(node, path), ".".join(("spec", *path))
        if policy.model_schemes is not None and uri.scheme not in policy.model_schemes:
            note = f"allowed are: {', '.join(policy.model_schemes)}"
            message = f"{here.name} takes nothing from {uri.scheme}://"
            yield MODEL_SCHEME.at(place, message, note=note, field=field)
        if policy.require_model_revision and not uri.pinned:
            fix = "@ and the 40 digits of a commit behind it" if uri.scheme == "hf" else "@sha256:… behind it"
            yield MODEL_REVISION.at(place, f"{here.name} demands pinned models", fix=fix, field=field)


def _no_memory(here: Here, place: Place, bound: BoundAccelerator | None) -> Diagnostic:
    """Memory is what a container is killed for: nobody can guess it, but a device's own is a start."""
    fix, note = "add resources: {memory: …}", "no default of the environment or the team gives it"
    if bound is not None:
        device = here.specs.classes[bound.class_name].model.memory
        note = f"{bound.class_name} has no perDevice.memory in {here.name}"
        if device is not None:
            total = times(device, bound.count)
            fix = f"add resources: {{memory: {total}}}: {bound.count} * {device}, what the devices themselves hold"
    return MISSING.at(place, "memory is missing", fix=fix, note=note, field="spec.resources.memory")
