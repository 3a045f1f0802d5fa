"""What a workload takes at its peak: the most devices that it holds at one time, and what they cost in an hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from yardarm_reconciler.model.antichain import dearest
from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.model.workload import BoundAccelerator, Parts
from yardarm_schema.replicated import Replicated, with_surge
from yardarm_schema.workload import Pods, Program


def pods_of(spec: Program, bound: BoundAccelerator | None) -> Pods:
    """The most pods of a program; of one on each node, as many as the environment says that there are nodes."""
    if not isinstance(spec, Replicated) or not spec.per_node:
        return spec.pods()
    nodes = (bound.binding.max_nodes if bound else None) or 1
    return with_surge(Pods(nodes, f"{nodes} node{'' if nodes == 1 else 's'}"), spec.rollout)


def program(pods: Pods, bound: BoundAccelerator | None, origin: Place) -> Peak:
    """The peak of one program: all its pods, each with its devices."""
    if bound is None:
        return Peak()
    devices = pods.most * bound.count
    classes = (bound, *bound.alternatives)
    dearest = max(each.price or Decimal(0) for each in classes)
    arithmetic = f"{pods.words}, {bound.count} each" if bound.count > 1 else pods.words
    by_class = {each.class_name: devices for each in classes}
    return Peak(by_class, dearest * devices, arithmetic, origin, devices * len(bound.alternatives))


def together(own: Peak, parts: Parts) -> Peak:
    """The peak of a workload whose parts all run at the same time."""
    named = {name: part.peak for group in parts.values() for name, part in group.items()}
    return total({"": own, **named})


def in_turn(steps: Mapping[str, Peak], before: Mapping[str, frozenset[str]], runs: int) -> Peak:
    """The peak of steps that wait for one another: of each class the most that can be held at one time.

    Args:
        steps: the peak of each by name.
        before: what must have ended before each begins.
        runs: how many runs of the whole there are at one time.
    """
    by_class = {
        name: {step: peak.devices.get(name, 0) for step, peak in steps.items()}
        for name in sorted({name for peak in steps.values() for name in peak.devices})
    }
    devices = {name: runs * _most(amounts, before) for name, amounts in by_class.items()}
    together = dearest({step: peak.total for step, peak in steps.items()}, before)
    counted = runs * sum(steps[step].total for step in together)
    prices = {step: peak.cost_per_hour for step, peak in steps.items()}
    cost = runs * sum((prices[step] for step in dearest(prices, before)), Decimal(0))
    speaking = total({step: steps[step] for step in sorted(together)})
    words = f"{speaking.arithmetic}, in {runs} runs" if runs > 1 else speaking.arithmetic
    return Peak(devices, cost, words, speaking.origin, sum(devices.values()) - counted)


def _most(amounts: Mapping[str, int], before: Mapping[str, frozenset[str]]) -> int:
    """The most of something that can be held at one time."""
    return sum(amounts[step] for step in dearest(amounts, before))


def total(named: Mapping[str, Peak]) -> Peak:
    """The sum of several programs by name, the one without a name being the workload's own."""
    holding = {name: each for name, each in named.items() if each.devices}
    if len(holding) == 1:
        ((_, only),) = holding.items()
        return only
    devices: Counter[str] = Counter()
    for each in holding.values():
        devices.update(each.devices)
    words = " + ".join(f"{name or 'base'} ({each.arithmetic})" for name, each in sorted(holding.items()))
    first = _first(holding.values())
    cost = sum((each.cost_per_hour for each in holding.values()), Decimal(0))
    return Peak(dict(devices), cost, words, first, sum(each.alternatives for each in holding.values()))


def _first(peaks: Iterable[Peak]) -> Place:
    """The line that asks for devices first."""
    return min((each.origin for each in peaks), default=Peak().origin)
