"""Devices that a pod holds, in the words of Kubernetes: extended resources, as its containers ask for them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from yardarm_reconciler.model.manifest import Object
from yardarm_schema.units import parse_quantity

NATIVE = frozenset({"cpu", "memory", "ephemeral-storage"})
"""Resources of a node itself, which every pod needs."""


def is_extended(resource: str) -> bool:
    """Whether a resource is one that devices are asked for by, and not the node's own."""
    return resource not in NATIVE and not resource.startswith("hugepages-")


def held(pod: Object) -> Counter[str]:
    """Devices of a pod's spec by resource: those of all its containers, or of the greatest that runs before them.

    https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    together: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for container in pod.get("containers") or ():
        together.update(_devices(container))
    for container in pod.get("initContainers") or ():
        if container.get("restartPolicy") == "Always":
            together.update(_devices(container))
        else:
            before |= _devices(container)
    return together | before


def _devices(container: Mapping[str, Any]) -> Counter[str]:
    resources = container.get("resources") or {}
    asked = {**(resources.get("requests") or {}), **(resources.get("limits") or {})}
    return Counter(
        {name: math.ceil(parse_quantity(str(each))) for name, each in asked.items() if is_extended(name)}
    )
