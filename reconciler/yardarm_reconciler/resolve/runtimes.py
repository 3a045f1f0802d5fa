"""What a runtime gives to the specs that name it: an image for their devices, arguments, ports, health."""

from __future__ import annotations

from collections.abc import Iterator

from yardarm_reconciler.model.merge import giving_way, only
from yardarm_reconciler.model.node import Entry, Node, descend
from yardarm_reconciler.model.origin import Found, Place
from yardarm_reconciler.model.runtime import BY_NAME, UNKNOWN_RUNTIME, BoundRuntime
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_reconciler.model.workload import BoundAccelerator
from yardarm_reconciler.resolve.here import Here, child
from yardarm_reconciler.resolve.overrides import node_of
from yardarm_schema.runtime import CPU

FIELDS = ("command", "args", "env", "files", "ports", "health", "resources", "security", "shutdown")
"""Fields of a runtime that a spec has too, and that hold where it says nothing."""

FIELD = "spec.runtime"


def bind(here: Here, name: str, place: Place) -> Found[BoundRuntime | None]:
    """Find a runtime by its name; None with the reasons where there is no valid one."""
    invalid = here.specs.invalid_platform.get(f"Runtime/{name}")
    if invalid is not None:
        return Found(None, invalid)
    found = here.specs.runtimes.get(name)
    if found is None:
        known = sorted(here.specs.runtimes)
        fix, note = did_you_mean(name, known), f"there are: {', '.join(known)}"
        problem = UNKNOWN_RUNTIME.at(place, f'there is no runtime "{name}"', fix=fix, note=note, field=FIELD)
        return Found(None, (problem,))
    return Found(BoundRuntime(name, found.model, descend(found.document.node, ("spec",))[0]))


def layer(
    here: Here, runtime: BoundRuntime, bound: BoundAccelerator | None, written: Node, name: str
) -> Node:
    """What a runtime says, as a layer of defaults below the spec.

    Args:
        here: the environment.
        runtime: the runtime.
        bound: the devices of a pod, on which the image depends.
        written: what the team wrote: where it says how health is asked, or which program runs, that holds as a whole.
        name: of the workload, by which the model goes unless it has another.
    """
    said = written.value if isinstance(written.value, dict) else {}
    given = only(giving_way(runtime.node, written, *BY_NAME), *FIELDS)
    fields = dict(given.value) if isinstance(given.value, dict) else {}
    if "run" in said:
        fields = {key: entry for key, entry in fields.items() if key not in ("command", "args")}
    fields.pop("health", None)
    health = None if "health" in said else _health(runtime, written, name)
    measured = _metrics(runtime) if "monitoring" in said else None
    for key, node in (("image", image(here, runtime, bound)), ("health", health), ("monitoring", measured)):
        if node is not None:
            fields[key] = Entry(node.place, node)
    return Node(fields, runtime.node.place)


def image(here: Here, runtime: BoundRuntime, bound: BoundAccelerator | None) -> Node | None:
    """The image for these devices: the most specific that the runtime has."""
    found = (child(runtime.node, "images", key) for key in image_keys(here, bound))
    return next((node for node in found if node is not None), None)


def image_keys(here: Here, bound: BoundAccelerator | None) -> Iterator[str]:
    """Keys of images that would run on these devices, the most specific first."""
    if bound is None:
        yield CPU
        return
    device = here.specs.classes[bound.class_name].model
    if device.generation is not None:
        yield f"{device.vendor}/{device.generation}"
    yield f"{device.vendor}/{device.type}"
    yield device.vendor


def _metrics(runtime: BoundRuntime) -> Node | None:
    """Where its metrics are, for a spec that says something else of them."""
    metrics = runtime.spec.metrics
    if metrics is None:
        return None
    return node_of({"port": metrics.port, "path": metrics.path}, runtime.node.place)


def _health(runtime: BoundRuntime, written: Node, name: str) -> Node | None:
    """How to ask: another way where requests need a key, and by the model's name where health is told per model."""
    keyed = runtime.spec.keyed
    if keyed is not None and (
        any(child(written, "args", each) is not None for each in keyed.args)
        or any(child(written, field, each) is not None for each in keyed.env for field in ("env", "secrets"))
    ):
        return child(runtime.node, "keyed", "health")
    if runtime.spec.model_health is None:
        return child(runtime.node, "health")
    called = child(written, "model", "name")
    path = f"{runtime.spec.model_health}{called.value if called is not None else name}"
    return node_of({"path": path}, runtime.node.place)
