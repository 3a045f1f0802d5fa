"""From an accelerator class to what it is in this environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Code, Diagnostic, Found, Place
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_reconciler.resolve.overrides import node_of
from yardarm_reconciler.resolve.quantities import times
from yardarm_schema.accelerators import AcceleratorRequest

UNKNOWN_CLASS = Code(
    "accelerator/unknown-class",
    title="There is no accelerator class of this name",
    why="Only a class that the platform describes can be bound, priced and budgeted.",
    bad="accelerator: h100:2",
    good="accelerator: h100-80gb:2",
)
NOT_OFFERED = Code(
    "accelerator/not-offered",
    title="This environment does not have such accelerators",
    why="Environment.accelerators binds the classes that its cluster has; a pod that asks for another never starts.",
    bad="environments: {staging: {accelerator: h100-80gb}} where staging offers l4-24gb",
    good="environments: {staging: {accelerator: l4-24gb}}",
)
TOO_MANY = Code(
    "accelerator/too-many",
    title="A pod asks for more accelerators than one node has",
    why="Such a pod stays Pending for ever; maxPerPod is what the largest node of the class has.",
    bad="accelerator: l4-24gb:16",
    good="accelerator: l4-24gb:8",
)
NO_PRICE = Code(
    "accelerator/no-price",
    title="A class without a price, where money is limited",
    why="What it costs would not count, and the limit would not hold.",
    bad="accelerators: {l4-24gb: {resource: nvidia.com/gpu}} with limits: {costPerHour: 20}",
    good="accelerators: {l4-24gb: {resource: nvidia.com/gpu, pricePerHour: 0.8}}",
)

FIELD = "spec.accelerator"


def bind(here: Here, request: AcceleratorRequest, place: Place) -> Found[BoundAccelerator | None]:
    """Find the binding of a request; None with the reasons where this environment cannot serve it."""
    invalid = here.specs.invalid_platform.get(f"AcceleratorClass/{request.class_name}")
    if invalid is not None:
        return Found(None, invalid)
    problem = _problem(here, request, place)
    if problem is not None:
        return Found(None, (problem,))
    binding = here.environment.accelerators[request.class_name]
    return Found(BoundAccelerator(request.class_name, request.count, binding))


def _problem(here: Here, request: AcceleratorRequest, place: Place) -> Diagnostic | None:
    name, offered = request.class_name, sorted(here.environment.accelerators)
    offers = f"{here.name} offers: {', '.join(offered) or 'no accelerators'}"
    if name not in here.specs.classes:
        message = f"there is no accelerator class {name!r}"
        known = sorted(here.specs.classes)
        return UNKNOWN_CLASS.at(place, message, fix=similar(name, known), note=offers, field=FIELD)
    if name not in offered:
        message = f"{here.name} does not offer {name}"
        return NOT_OFFERED.at(place, message, fix=did_you_mean(name, offered), note=offers, field=FIELD)
    most = here.environment.accelerators[name].max_per_pod
    if most is not None and request.count > most:
        message = f"{request.count} {name} in one pod, {here.name} has at most {most} on a node"
        return TOO_MANY.at(place, message, fix=f"at most {name}:{most}", field=FIELD)
    return None


def price_missing(
    here: Here, bound: BoundAccelerator, place: Place, limits: Iterable[object]
) -> Iterator[Diagnostic]:
    """Refuse a class without a price where a limit on money covers the workload."""
    if bound.binding.price_per_hour is None and any(limit is not None for limit in limits):
        message = f"{bound.class_name} has no pricePerHour in {here.name}, where money is limited"
        at = here.place("spec", "accelerators", bound.class_name)
        yield NO_PRICE.at(place, message, fix=f"set pricePerHour at {at}", field=FIELD)


def unknown_bindings(here: Here) -> Iterator[Diagnostic]:
    """Bindings of classes that nobody described: nothing can ask for them."""
    node = here.platform.document.node
    for name in sorted(here.environment.accelerators):
        if not is_class(here, name):
            path = ("spec", "accelerators", name)
            known = sorted(here.specs.classes)
            message = f"there is no accelerator class {name!r}"
            yield UNKNOWN_CLASS.at(
                key_place(node, *path),
                message,
                fix=similar(name, known),
                note=listed(known),
                field=".".join(path),
            )


def similar(name: str, known: Sequence[str]) -> str:
    """A fix that names the class that was meant: the only one that begins like it (l4), or the most similar."""
    begin = [each for each in known if each.startswith(f"{name}-")]
    return f'did you mean "{begin[0]}"?' if len(begin) == 1 else did_you_mean(name, known)


def listed(known: Sequence[str]) -> str:
    """A note that names the classes that there are."""
    return f"there are: {', '.join(known) or 'none'}"


def is_class(here: Here, name: str) -> bool:
    """Whether the platform describes a class, rightly or wrongly."""
    return name in here.specs.classes or f"AcceleratorClass/{name}" in here.specs.invalid_platform


def per_device(here: Here, bound: BoundAccelerator) -> Node:
    """Resources that the binding gives for each device, as a layer of defaults."""
    path = ("spec", "accelerators", bound.class_name, "perDevice")
    each = bound.binding.per_device
    amounts: Mapping[str, object] = {
        name: times(amount, bound.count)
        for name, amount in (("cpu", each.cpu), ("memory", each.memory), ("shm", each.shm))
        if amount is not None
    }
    return node_of({"resources": amounts}, here.place(*path))
