"""Where the images of a workload are written: its own, and those of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from yardarm_reconciler.edit import codes
from yardarm_reconciler.edit.layers import at
from yardarm_reconciler.edit.values import Path
from yardarm_reconciler.model.document import WorkloadSpec
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.model.typed import did_you_mean, shown
from yardarm_schema.kinds import WORKLOADS

CONTAINERS = ("sidecars", "initContainers")
"""Fields whose items are containers beside the main one."""


def image_path(spec: WorkloadSpec, said: Node, part: str) -> Found[Path | None]:
    """Where below ``spec`` the image of a workload is, or that of a part of it; None with the reason.

    Args:
        spec: the workload.
        said: its spec for where the image is to be set: what parts there are.
        part: a name, or ``FIELD.NAME`` where a name is that of several; empty for the workload itself.
    """
    bases = _bases(spec.kind)
    if not bases:
        message = f"A {spec.kind} has no image."
        return Found(None, (codes.NO_IMAGE.at(spec.document.kind_place, message, field="kind"),))
    if not part:
        return Found((*bases[0], "image"))
    there = dict(parts(spec.kind, said))
    found = [path for path in there.values() if part in (path[-1], f"{path[-2]}.{path[-1]}")]
    if len(found) == 1:
        return Found((*found[0], "image"))
    names = sorted(there)
    message = (
        f"There is no part {shown(part)!r}."
        if not found
        else f"There are {len(found)} parts {shown(part)!r}."
    )
    fix = did_you_mean(part, [*names, *(name.partition(".")[2] for name in names)])
    note = f"there are: {', '.join(names)}" if names else "it has none"
    return Found(None, (codes.PART.at(said.place, message, fix=fix, note=note),))


def parts(kind: str, said: Node) -> Iterator[tuple[str, Path]]:
    """Every part that a spec has, as ``FIELD.NAME``, with where it is below ``spec``."""
    fields: list[Path] = [(each.field,) for each in WORKLOADS[kind].PARTS]
    fields += [(*base, container) for base in _bases(kind) for container in CONTAINERS]
    for field in fields:
        items = at(said, field)
        if items is not None and isinstance(items.value, Mapping):
            for name in items.value:
                yield f"{field[-1]}.{name}", (*field, name)


def _bases(kind: str) -> tuple[Path, ...]:
    """What has fields of a program: the spec itself, or the field that its parts are patches on."""
    model = WORKLOADS[kind]
    if "image" in model.model_fields:
        return ((),)
    return tuple((each.base,) for each in model.PARTS if each.base)
