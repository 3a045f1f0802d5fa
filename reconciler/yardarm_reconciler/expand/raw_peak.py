"""What raw manifests hold at their peak: counted from their pods, since no field of a spec says it.

A pod asks for a resource; which class that is follows from the nodes that it may run on. Where several classes fit, it
counts in each of them, and money counts the dearest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from yardarm_reconciler.expand.limits import Allowance
from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.devices import held, is_extended
from yardarm_reconciler.model.manifest import Manifest, Object
from yardarm_reconciler.model.walker import templates, with_most_replicas
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.accelerators import AcceleratorBinding
from yardarm_schema.environment import Environment

UNBOUNDED = 10**9
"""Of devices at the peak: how many there may be is for the budgets to say."""


def allowance(environment: Environment) -> Allowance:
    """Any device that the environment binds, in any container, and as many in a pod as a node has."""
    per_pod: dict[str, int] = {}
    for binding in environment.accelerators.values():
        extra = {name: int(amount.value) for name, amount in binding.resources.items() if is_extended(name)}
        for name, most in {**extra, binding.resource: binding.max_per_pod or UNBOUNDED}.items():
            per_pod[name] = max(most, per_pod.get(name, 0))
    return Allowance(
        per_pod,
        dict.fromkeys(per_pod, UNBOUNDED),
        nodes=_nodes(environment),
        only_main=False,
        declared=environment.accounting,
    )


def _nodes(environment: Environment) -> int:
    """The most nodes that a pod on each of them is counted with."""
    return max((binding.max_nodes or 1 for binding in environment.accelerators.values()), default=1)


def peak(workload: Resolved[Any], manifests: tuple[Manifest, ...]) -> Peak:
    """Devices by class and money of all pods at one time."""
    devices: Counter[str] = Counter()
    cost, alternatives, words, origin = Decimal(0), 0, [], Peak().origin
    bodies = with_most_replicas((item.body for item in manifests), _nodes(workload.environment))
    for item, body in zip(manifests, bodies, strict=True):
        for template in templates(body, workload.environment.accounting):
            for resource, count in sorted(held(template.spec).items()):
                classes = dict(_classes(workload.environment, resource, template.spec))
                number = count * template.pods
                devices.update(dict.fromkeys(classes, number))
                alternatives += number * max(0, len(classes) - 1)
                prices = [binding.price_per_hour or Decimal(0) for binding in classes.values()]
                cost += number * max(prices, default=Decimal(0))
                words.append(f"{item.key.kind} {item.key.name} ({template.pods} pods, {count} each)")
                origin = origin if origin.path else item.origin
    return Peak(dict(devices), cost, " + ".join(words), origin, alternatives)


def _classes(
    environment: Environment, resource: str, pod: Object
) -> Iterator[tuple[str, AcceleratorBinding]]:
    """The classes that a pod may get by a resource, on the nodes that it may run on."""
    demanded = tuple(_demanded(pod))
    for name, binding in environment.accelerators.items():
        if binding.resource == resource and all(_may_be(binding, labels) for labels in demanded):
            yield name, binding


def _demanded(pod: Object) -> Iterator[Mapping[str, tuple[Any, ...]]]:
    """What a pod demands of the labels of its node, as far as it is plain: selectors, and affinity of a single term."""
    yield {key: (value,) for key, value in (pod.get("nodeSelector") or {}).items()}
    affinity = (pod.get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}
    terms = required.get("nodeSelectorTerms") if isinstance(required, Mapping) else None
    if isinstance(terms, list) and len(terms) == 1 and isinstance(terms[0], Mapping):
        rules = [each for each in terms[0].get("matchExpressions") or () if isinstance(each, Mapping)]
        yield {
            each["key"]: tuple(each.get("values") or ())
            for each in rules
            if each.get("operator") == "In" and "key" in each
        }


def _may_be(binding: AcceleratorBinding, demanded: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether a node of the class can have these labels."""
    shared = binding.nodes.keys() & demanded.keys()
    return all(set(demanded[key]) & set(binding.nodes[key]) for key in shared)
