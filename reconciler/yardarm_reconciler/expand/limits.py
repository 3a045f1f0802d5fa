"""The last check before anything leaves: what the final pods ask for, however they came to be.

It reads manifests and nothing else of what the expanders know, so a mistake in them, an override or a patch
cannot carry a device past it. What is counted here is compared with the peak that budgets were checked with.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from yardarm_reconciler.expand import claims
from yardarm_reconciler.expand.container import fabric_of
from yardarm_reconciler.expand.restricted import CONTAINER_LISTS
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.devices import is_extended
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.pod_template import Template
from yardarm_reconciler.model.walker import templates, with_most_replicas
from yardarm_reconciler.model.workload import BoundAccelerator, Resolved
from yardarm_schema.pipeline import Pipeline
from yardarm_schema.units import parse_quantity

NO_MEMORY_LIMIT = Code(
    "policy/no-memory-limit",
    title="A container has no memory limit",
    why="Without one, a leak in this container takes memory from everything else on its node.",
    bad="resources: {cpu: 1}",
    good="resources: {cpu: 1, memory: 4Gi}",
)
ABOVE_LIMIT = Code(
    "policy/request-above-limit",
    title="A container asks for more than its limit",
    why="The API server refuses such a pod, which then never exists.",
    bad="limits: {memory: 1Gi} beside requests: {memory: 4Gi}",
    good="resources: {memory: 4Gi}",
)
UNKNOWN_RESOURCE = Code(
    "accelerator/unknown-resource",
    title="A container asks for a device that this environment does not know",
    why="Devices are asked for by class, so that they can be priced, budgeted and bound to nodes that have them.",
    bad="limits: {example.com/fpga: 1}",
    good="accelerator: fpga-u200:1",
)
MISPLACED = Code(
    "accelerator/misplaced",
    title="Only the container main may hold devices",
    why="Kubernetes shares no device between containers: each one that asks adds to what the pod takes.",
    bad="a sidecar with nvidia.com/gpu: 1",
    good="accelerator: a100-80gb:1",
)
BAD_COUNT = Code(
    "accelerator/bad-count",
    title="A number of devices must be a positive integer, and requests must equal limits",
    why="Kubernetes neither divides nor overcommits extended resources.",
    bad="limits: {nvidia.com/gpu: 500m}",
    good="limits: {nvidia.com/gpu: 1}",
)
POD_TOO_LARGE = Code(
    "accelerator/too-many-in-pod",
    title="A pod asks for more devices than a node of this environment has",
    why="Such a pod stays Pending for ever.",
    bad="accelerator: a100-80gb:16",
    good="accelerator: a100-80gb:8",
)
UNCOUNTED = Code(
    "accelerator/uncounted",
    title="The pods ask for more devices than were counted",
    why="Budgets are checked with the workload's peak; what runs must never be more.",
)
CLAIM = Code(
    "accelerator/resource-claim",
    title="A pod asks for devices by a claim that is not its workload's",
    why="Only claims of the workload's own templates can be counted, so no budget would hold others.",
    bad="resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}]",
    good="accelerator: a100-80gb:1",
)
VISIBLE_DEVICES = Code(
    "security/visible-devices",
    title="The variable hands out devices past the scheduler",
    why="Container runtimes give every GPU of the node to a container that sets it, whatever its limits say.",
    bad="env: {NVIDIA_VISIBLE_DEVICES: all}",
    good="accelerator: a100-80gb:1",
)
DEVICE_VARIABLES = frozenset({"NVIDIA_VISIBLE_DEVICES", "HABANA_VISIBLE_DEVICES", "AMD_VISIBLE_DEVICES"})
"""Read by container runtimes. CUDA_VISIBLE_DEVICES and the like only choose among what a container has."""


Claims = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the pods of one workload may hold: by resource name, per pod and over all pods at the peak.

    ``nodes`` is how many nodes a pod for each of them was counted with; ``only_main`` whether devices are for the
    container main alone; ``declared`` how pods of other kinds are found.
    """

    per_pod: Mapping[str, int]
    at_peak: Mapping[str, int]
    nodes: int = 1
    only_main: bool = True
    declared: Declared = field(default_factory=dict)


def allowance(workload: Resolved[Any]) -> Allowance:
    """What was resolved and counted: for each program its class's devices, and what the binding adds to each pod."""
    per_pod: dict[str, int] = {}
    at_peak: Counter[str] = Counter()
    nodes = 1
    # Other kinds on a schedule count the pods of two runs where there may be two.
    at_once = workload.spec.at_once if isinstance(workload.spec, Pipeline) else 1
    for program in workload.programs():
        bound, fabric = program.accelerator, fabric_of(program)
        extra = {**(bound.binding.resources if bound else {}), **(fabric.resources if fabric else {})}
        held = {name: int(amount.value) for name, amount in extra.items() if is_extended(name)}
        if bound is not None:
            held[_counted(bound)] = min(bound.count, bound.binding.max_per_pod or bound.count)
            nodes = max(nodes, bound.binding.max_nodes or 1)
        per_pod = {name: max(count, per_pod.get(name, 0)) for name, count in {**per_pod, **held}.items()}
        at_peak.update({name: count * program.pods * at_once for name, count in held.items()})
    return Allowance(per_pod, at_peak, nodes)


def _counted(bound: BoundAccelerator) -> str:
    """What devices are counted by: the resource, or the class of their claims."""
    claim = bound.binding.dra
    return f"{claim.device_class} (claimed)" if claim is not None and bound.claimed else bound.resource


def _claims(manifests: tuple[Manifest, ...]) -> Claims:
    """By name of a workload's own claim template, the devices that a claim of it holds."""
    found: dict[str, Counter[str]] = {}
    for item in manifests:
        if item.key.kind == claims.KIND:
            asked = item.body["spec"]["spec"]["devices"]["requests"]
            found[item.key.name] = Counter(
                {
                    f"{each['exactly']['deviceClassName']} (claimed)": each["exactly"]["count"]
                    for each in asked
                }
            )
    return found


def check(manifests: tuple[Manifest, ...], allowance: Allowance) -> Iterator[Diagnostic]:
    """Say what is wrong with the pods of one workload's manifests, at the lines that asked for them."""
    total: Counter[str] = Counter()
    templates_ = _claims(manifests)
    bodies = with_most_replicas((item.body for item in manifests), allowance.nodes)
    for item, body in zip(manifests, bodies, strict=True):
        for template in templates(body, allowance.declared):
            held: Counter[str] = Counter()
            for problem in _pod(template, held, templates_):
                if problem.code is MISPLACED and not allowance.only_main:
                    continue
                yield problem.code.at(item.origin, f"{item.key.kind} {item.key.name}: {problem.message}")
            yield from _per_pod(item, held, allowance.per_pod)
            total.update({name: count * template.pods for name, count in held.items()})
    for name, count in sorted(total.items()):
        if count > allowance.at_peak.get(name, 0) and name in allowance.per_pod:
            origin = manifests[-1].origin
            yield UNCOUNTED.at(
                origin, f"{count} {name} at the peak, {allowance.at_peak.get(name, 0)} were counted"
            )


def _per_pod(item: Manifest, held: Mapping[str, int], per_pod: Mapping[str, int]) -> Iterator[Diagnostic]:
    for name, count in sorted(held.items()):
        where = f"{item.key.kind} {item.key.name}"
        if name not in per_pod:
            yield UNKNOWN_RESOURCE.at(
                item.origin, f"{where}: {name} is no resource of an accelerator class here"
            )
        elif count > per_pod[name]:
            yield POD_TOO_LARGE.at(
                item.origin, f"{where}: {count} {name} in a pod, at most {per_pod[name]} here"
            )


@dataclass(frozen=True, slots=True)
class _Problem:
    code: Code
    message: str


def _pod(template: Template, held: Counter[str], templates_: Claims) -> Iterator[_Problem]:
    """Problems of one pod; ``held`` receives its devices."""
    pod = template.spec
    for claim in pod.get("resourceClaims") or ():
        claimed = templates_.get(claim.get("resourceClaimTemplateName", ""))
        if claimed is None:
            yield _Problem(CLAIM, f"claim {claim.get('name')} is of no template of this workload")
        else:
            held.update(claimed)
    for kind in CONTAINER_LISTS:
        for container in pod.get(kind) or ():
            main = kind == "containers" and container["name"] == template.main
            yield from _container(container, held, main=main)


def _container(container: Mapping[str, Any], held: Counter[str], *, main: bool) -> Iterator[_Problem]:
    name = f"container {container['name']}"
    for variable in container.get("env") or ():
        if variable["name"] in DEVICE_VARIABLES:
            yield _Problem(VISIBLE_DEVICES, f"{name} sets {variable['name']}")
    resources = container.get("resources") or {}
    if resources.get("claims") and not main:
        yield _Problem(MISPLACED, f"{name} claims devices")
    if _amount((resources.get("limits") or {}).get("memory")) <= 0:
        yield _Problem(NO_MEMORY_LIMIT, f"{name} has no memory limit")
    yield from _above(name, resources)
    yield from _devices(name, resources, held, may=main)


def _above(name: str, resources: Mapping[str, Any]) -> Iterator[_Problem]:
    """Where the node's own resources are asked for beyond their limits; of devices both must be equal."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for resource in sorted(each for each in requests.keys() & limits.keys() if not is_extended(each)):
        if 0 < _amount(limits[resource]) < _amount(requests[resource]):
            yield _Problem(
                ABOVE_LIMIT, f"{name} asks for {requests[resource]} {resource}, above {limits[resource]}"
            )


def _devices(name: str, resources: Mapping[str, Any], held: Counter[str], *, may: bool) -> Iterator[_Problem]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for resource in sorted({*limits, *requests}):
        if not is_extended(resource):
            continue
        limit = _amount(limits.get(resource))
        request = _amount(requests[resource]) if resource in requests else limit
        held[resource] += math.ceil(max(limit, request, Decimal(0)))
        if not may:
            yield _Problem(MISPLACED, f"{name} asks for {resource}")
        if limit != request or limit <= 0 or limit % 1:
            yield _Problem(BAD_COUNT, f"{name} asks for {limits.get(resource)} {resource}")


def _amount(quantity: object) -> Decimal:
    return parse_quantity(str(quantity)) if quantity is not None else Decimal(0)
