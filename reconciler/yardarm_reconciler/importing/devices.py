"""Devices that a pod asks for, as an accelerator class, and what an environment must say of that class."""

from __future__ import annotations

from dataclasses import dataclass, field

from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.grouping import Json
from yardarm_reconciler.model.devices import is_extended
from yardarm_schema.environment import Environment

PRODUCT = (
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "nvidia.com/gpu.product",
    "amd.com/gpu.product-name",
    "karpenter.k8s.aws/instance-gpu-name",
    "k8s.amazonaws.com/accelerator",
    "accelerator",
)
"""Labels of nodes that tell what device they have."""


@dataclass(frozen=True, slots=True)
class Devices:
    """What a pod asks for: ``name`` is the class, ``binding`` what an environment says of it."""

    name: str = ""
    count: int = 0
    binding: Json = field(default_factory=dict)

    @property
    def request(self) -> Json:
        """The field of the spec."""
        if not self.name:
            return {}
        return {"accelerator": self.name if self.count == 1 else f"{self.name}:{self.count}"}


MOST_NODES = 1000
"""With how many nodes a pod on each is counted here; an environment says how many it has."""


def devices(container: Json, pod: Json, *, on_each_node: bool) -> Devices:
    """The devices of the container main; others that it asks for beside them come with their class."""
    given = container.get("resources") or {}
    asked = {**(given.get("requests") or {}), **(given.get("limits") or {})}
    held = {name: amount for name, amount in asked.items() if is_extended(name)}
    resource = next((name for name in held if _counts(held[name])), None)
    if resource is None:
        return Devices()
    labels = pod.get("nodeSelector") or {}
    product = next((key for key in PRODUCT if key in labels), None)
    binding: Json = {"resource": resource, **({"maxNodes": MOST_NODES} if on_each_node else {})}
    if product is not None:
        binding["nodes"] = {product: [labels[product]]}
    if others := {name: amount for name, amount in held.items() if name != resource}:
        binding["resources"] = others
    tolerated = [
        each["key"]
        for each in pod.get("tolerations") or ()
        if each.get("key") and each == {"key": each["key"], "operator": "Exists"}
    ]
    if len(tolerated) == 1:
        binding["tolerate"] = tolerated
    return Devices(
        fits.slug(labels[product] if product else resource.replace(".com/", "-")),
        int(held[resource]),
        binding,
    )


def classes(found: Devices, environment: Environment) -> list[str]:
    """The classes of an environment that these devices may be of: of that resource, and on such nodes."""
    wanted = found.binding.get("nodes") or {}
    return sorted(
        name
        for name, each in environment.accelerators.items()
        if each.resource == found.binding["resource"]
        and all(values[0] in each.nodes.get(key, values) for key, values in wanted.items())
    )


def _counts(amount: object) -> bool:
    return str(amount).isdigit() and int(str(amount)) > 0
