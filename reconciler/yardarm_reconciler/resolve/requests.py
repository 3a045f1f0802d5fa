"""From what a spec asks for to the devices that this environment gives: one class, the cheapest that suffices, or a choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from yardarm_reconciler.model.node import Node, place_at
from yardarm_reconciler.model.origin import Code, Diagnostic, Found, Place
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve import accelerators
from yardarm_reconciler.resolve.accelerators import FIELD
from yardarm_reconciler.resolve.here import Here
from yardarm_schema.accelerators import Accelerator, AcceleratorBySize, AcceleratorRequest
from yardarm_schema.security import Isolation

TOO_LITTLE_MEMORY = Code(
    "accelerator/too-little-memory",
    title="No accelerator of this environment has so much memory",
    why="minMemory takes the cheapest class whose devices have at least that much; parts that pods share do not count.",
    bad="accelerator: {minMemory: 400Gi}",
    good="accelerator: {minMemory: 80Gi}",
)
DISAGREE = Code(
    "accelerator/alternatives-disagree",
    title="The alternatives cannot be left to the scheduler",
    why="One pod asks for one resource and one number of it: only classes that agree in both can stand in for each other.",
    bad='accelerator: ["h100-80gb:2", "mi300x-192gb:1"]',
    good='accelerator: ["h100-80gb:2", "a100-80gb:2"]',
)
TOPOLOGY_PRODUCT = Code(
    "accelerator/topology-product",
    title="The topology has another number of devices than the nodes",
    why="The product of a topology is the number of nodes times the devices of each.",
    bad="nodes: 2, accelerator: {class: tpu-v5e, count: 4, topology: 4x4}",
    good="nodes: 4, accelerator: {class: tpu-v5e, count: 4, topology: 4x4}",
)


def bind(here: Here, asked: Accelerator, isolation: Isolation, node: Node) -> Found[BoundAccelerator | None]:
    """Find what a request means here; None with the reasons where this environment cannot serve it.

    Args:
        here: the environment.
        asked: what the spec asks for.
        isolation: what separates its pods: a virtual machine takes devices by another name.
        node: the spec, to blame.
    """
    place = place_at(node, ("accelerator",))
    if isinstance(asked, AcceleratorRequest):
        return accelerators.bind(here, asked, isolation, place)
    if isinstance(asked, AcceleratorBySize):
        return _by_size(here, asked, isolation, place_at(node, ("accelerator", "minMemory")))
    return _in_order(here, asked, isolation, node)


def _by_size(
    here: Here, asked: AcceleratorBySize, isolation: Isolation, place: Place
) -> Found[BoundAccelerator | None]:
    """The cheapest class that suffices; of equal ones that with the least memory, then by name."""
    fitting = [
        (here.specs.classes[name].model.memory, name)
        for name, binding in here.environment.accelerators.items()
        if name in here.specs.classes and binding.sharing is None
    ]
    found = []
    for memory, name in fitting:
        if memory is None or memory.value < asked.min_memory.value:
            continue
        bound = accelerators.bind(
            here, AcceleratorRequest(class_name=name, count=asked.count), isolation, place
        )
        if bound.value is not None:
            price = bound.value.price
            found.append(((price is None, price or Decimal(0), memory.value, name), bound))
    if found:
        return min(found, key=lambda each: each[0])[1]
    known = sorted(f"{name} ({memory})" for memory, name in fitting if memory is not None)
    message = f"no class of {here.name} has {asked.min_memory} for each of {asked.count} in a pod"
    note = f"{here.name} offers: {', '.join(known) or 'no accelerators'}"
    return Found(None, (TOO_LITTLE_MEMORY.at(place, message, note=note, field=f"{FIELD}.minMemory"),))


def _in_order(
    here: Here, asked: tuple[AcceleratorRequest, ...], isolation: Isolation, node: Node
) -> Found[BoundAccelerator | None]:
    """The first that is served, with the later ones that are as alternatives; the reasons of all where none is."""
    served: list[tuple[int, BoundAccelerator]] = []
    problems: list[Diagnostic] = []
    for index, request in enumerate(asked):
        found = accelerators.bind(here, request, isolation, place_at(node, ("accelerator", index)))
        problems += found.diagnostics
        if found.value is not None and all(found.value.class_name != each.class_name for _, each in served):
            served.append((index, found.value))
    unknown = [each for each in problems if each.code is not accelerators.NOT_OFFERED]
    if unknown or not served:
        return Found(None, tuple(unknown or problems))
    (_, first), *others = served
    for index, other in others:
        if (other.resource, other.count, other.runtime_class) != (
            first.resource,
            first.count,
            first.runtime_class,
        ):
            message = (
                f"{here.name} has {first.class_name} as {first.count} {first.resource}, "
                f"{other.class_name} as {other.count} {other.resource}"
            )
            fix = "list classes of one resource with one count, or choose by environment"
            place = place_at(node, ("accelerator", index))
            return Found(None, (DISAGREE.at(place, message, fix=fix, field=f"{FIELD}[{index}]"),))
    return Found(replace(first, alternatives=tuple(other for _, other in others)))


def topology_product(bound: BoundAccelerator, nodes: int, node: Node) -> Iterator[Diagnostic]:
    """Refuse a topology whose product is not all devices of all nodes."""
    if not bound.topology:
        return
    product = math.prod(int(side) for side in bound.topology.split("x"))
    if product != nodes * bound.count:
        message = f"topology {bound.topology} has {product} devices, {nodes} nodes * {bound.count} are {nodes * bound.count}"
        place, field = place_at(node, ("accelerator", "topology")), f"{FIELD}.topology"
        fix = f"a topology of {nodes * bound.count} devices, or other nodes or count"
        yield TOPOLOGY_PRODUCT.at(place, message, fix=fix, field=field)
