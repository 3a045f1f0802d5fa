"""From an accelerator class to what it is in this environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Advice, Code, Diagnostic, Found, Place
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.here import Here, key_place
from yardarm_reconciler.resolve.overrides import node_of
from yardarm_reconciler.resolve.quantities import times
from yardarm_schema.accelerators import AcceleratorBinding, AcceleratorRequest, VirtualMachine
from yardarm_schema.replicated import Replicated
from yardarm_schema.security import Isolation
from yardarm_schema.workload import Program

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
UNCOUNTED_NODES = Code(
    "accelerator/uncounted-nodes",
    title="One pod for each node, and nobody says how many nodes there are",
    why="Budgets are checked with the most devices that can be held at one time, and these are those of all nodes.",
    bad="replicas: perNode, accelerator: l4-24gb, where the environment binds l4-24gb without maxNodes",
    good="accelerators: {l4-24gb: {resource: nvidia.com/gpu, maxNodes: 8}}",
)
NO_PRICE = Code(
    "accelerator/no-price",
    title="A class without a price, where money is limited",
    why="What it costs would not count, and the limit would not hold.",
    bad="accelerators: {l4-24gb: {resource: nvidia.com/gpu}} with limits: {costPerHour: 20}",
    good="accelerators: {l4-24gb: {resource: nvidia.com/gpu, pricePerHour: 0.8}}",
)

SHARED = Code(
    "accelerator/shared-count",
    title="More than one share of a device that pods share",
    why="Two shares may be of the same device and give nothing more than one; device plugins refuse it too.",
    bad="accelerator: l4-24gb-shared:2",
    good="accelerator: l4-24gb-shared",
)
NO_MACHINE = Code(
    "accelerator/no-machine",
    title="The class cannot be handed to a virtual machine here",
    why="Environment.accelerators says by which resource and RuntimeClass a machine gets a whole device.",
    bad="accelerator: l4-24gb, isolation: vm",
    good="accelerator: h100-80gb, isolation: vm",
)
TOPOLOGY = Code(
    "accelerator/topology",
    title="A topology where there is none, or none where one is needed",
    why="Nodes of some accelerators are wired in slices: a pod that names no topology may land on a part of one.",
    bad="accelerator: tpu-v5e:4",
    good="accelerator: {class: tpu-v5e, count: 4, topology: 2x4}",
)

FIELD = "spec.accelerator"


def bind(
    here: Here, request: AcceleratorRequest, isolation: Isolation, place: Place
) -> Found[BoundAccelerator | None]:
    """Find the binding of one class; None with the reasons where this environment cannot serve it."""
    invalid = here.specs.invalid_platform.get(f"AcceleratorClass/{request.class_name}")
    if invalid is not None:
        return Found(None, invalid)
    problem = _not_bound(here, request, place) or _not_fit(here, request, isolation, place)
    if problem is not None:
        return Found(None, (problem,))
    binding = here.environment.accelerators[request.class_name]
    machine = _machine(binding, isolation)
    bound = BoundAccelerator(
        request.class_name,
        request.count,
        binding,
        resource=machine.resource if machine else binding.resource,
        runtime_class=machine.runtime_class if machine else "",
        price=_price(here, request.class_name, binding),
        topology=request.topology or "",
    )
    return Found(bound)


def _machine(binding: AcceleratorBinding, isolation: Isolation) -> VirtualMachine | None:
    """What a class is called for pods that are virtual machines."""
    return {"vm": binding.vm, "confidential": binding.confidential}.get(isolation)


def _price(here: Here, name: str, binding: AcceleratorBinding) -> Decimal | None:
    """Money per hour: what the binding says, else the share of the whole device's price."""
    model = here.specs.classes[name].model
    whole = here.environment.accelerators.get(model.partition_of or "")
    if binding.price_per_hour is not None or whole is None or whole.price_per_hour is None:
        return binding.price_per_hour
    parts, of = (int(number) for number in str(model.fraction).split("/"))
    return whole.price_per_hour * parts / of


def _not_bound(here: Here, request: AcceleratorRequest, place: Place) -> Diagnostic | None:
    """Why the environment does not have a class at all."""
    name, offered = request.class_name, sorted(here.environment.accelerators)
    offers = f"{here.name} offers: {', '.join(offered) or 'no accelerators'}"
    if name not in here.specs.classes:
        message = f"there is no accelerator class {name!r}"
        known = sorted(here.specs.classes)
        return UNKNOWN_CLASS.at(place, message, fix=similar(name, known), note=offers, field=FIELD)
    if name not in offered:
        message = f"{here.name} does not offer {name}"
        return NOT_OFFERED.at(place, message, fix=did_you_mean(name, offered), note=offers, field=FIELD)
    return None


def _not_fit(
    here: Here, request: AcceleratorRequest, isolation: Isolation, place: Place
) -> Diagnostic | None:
    """Why a class that the environment has cannot be had so."""
    name, count = request.class_name, request.count
    binding = here.environment.accelerators[name]
    if binding.max_per_pod is not None and count > binding.max_per_pod:
        message = f"{count} {name} in one pod, {here.name} has at most {binding.max_per_pod} on a node"
        return TOO_MANY.at(place, message, fix=f"at most {name}:{binding.max_per_pod}", field=FIELD)
    if binding.sharing is not None and count > 1:
        message = f"{name} is shared by {binding.sharing} in {here.name}: one each"
        return SHARED.at(place, message, fix=f"accelerator: {name}", field=FIELD)
    if isolation in ("vm", "confidential") and _machine(binding, isolation) is None:
        message = f"{here.name} hands no {name} to pods with isolation: {isolation}"
        return NO_MACHINE.at(place, message, field=FIELD)
    if (binding.topology is None) != (request.topology is None):
        wanting = "needs a topology" if request.topology is None else "has no topology"
        wired = f"accelerator: {{class: {name}, count: {count}, topology: …}}"
        fix = wired if request.topology is None else "leave topology out"
        return TOPOLOGY.at(place, f"{name} {wanting} in {here.name}", fix=fix, field=FIELD)
    return None


def price_missing(
    here: Here, bound: BoundAccelerator, place: Place, limits: Iterable[object]
) -> Iterator[Diagnostic]:
    """Refuse a class without a price where a limit on money covers the workload."""
    classes = (bound, *bound.alternatives)
    unpriced = next((each for each in classes if each.price is None), None)
    if unpriced is not None and any(limit is not None for limit in limits):
        message = f"{unpriced.class_name} has no pricePerHour in {here.name}, where money is limited"
        at = here.place("spec", "accelerators", unpriced.class_name)
        yield NO_PRICE.at(place, message, fix=f"set pricePerHour at {at}", field=FIELD)


def uncounted_nodes(here: Here, bound: BoundAccelerator, spec: Program, place: Place) -> Iterator[Diagnostic]:
    """Refuse devices on every node where nobody said how many nodes have them."""
    if isinstance(spec, Replicated) and spec.per_node and bound.binding.max_nodes is None:
        message = f"{bound.class_name} has no maxNodes in {here.name}, so that perNode cannot be counted"
        at = here.place("spec", "accelerators", bound.class_name)
        yield UNCOUNTED_NODES.at(place, message, fix=f"set maxNodes at {at}", field="spec.replicas")


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


def similar(name: str, known: Sequence[str]) -> Advice | str:
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
