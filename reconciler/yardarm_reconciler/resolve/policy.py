"""What the environment demands of every workload."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.model import images
from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Place
from yardarm_reconciler.model.typed import MISSING
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.here import Here
from yardarm_reconciler.resolve.quantities import times
from yardarm_schema.units import ImageRef
from yardarm_schema.volumes import ImageVolume
from yardarm_schema.workload import Program

RIGHTS = Code(
    "policy/rules",
    title="Programs get no rights on such objects here",
    why="Environment.policy.rules lists the resources that a program's own account may be given rights on.",
    bad="identity: {rules: [{resources: [secrets], verbs: [get]}]}",
    good="identity: {rules: [{resources: [configmaps], verbs: [get]}]} where policy: {rules: [configmaps]}",
)


def check(
    here: Here, spec: Program, node: Node, bound: BoundAccelerator | None, key: Place
) -> Iterator[Diagnostic]:
    """Hold a merged spec against the environment's policy, and against what every pod needs.

    Args:
        here: the environment.
        spec: the merged spec.
        node: the same, with places.
        bound: its accelerator.
        key: of the spec in its document, to blame for what is nowhere.
    """
    if spec.image is None:
        yield MISSING.at(key, "image is missing", fix="add image", field="spec.image")
    else:
        yield from images.check(
            here.environment, here.name, spec.image, place_at(node, ("image",)), "spec.image"
        )
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
