"""What a workload's file says for one environment, without anything that others add: the spec with its overrides."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from yardarm_reconciler.edit import codes
from yardarm_reconciler.edit.values import Path
from yardarm_reconciler.model.document import Specs, WorkloadSpec
from yardarm_reconciler.model.merge import merge, without
from yardarm_reconciler.model.node import Node, descend
from yardarm_reconciler.model.origin import Found
from yardarm_reconciler.model.typed import shown

LISTED: Path = ("spec", "environments")


def keys_of(specs: Specs, environment: str) -> tuple[str, ...]:
    """Keys of ``environments`` that reach an environment, the weakest first; a name that is none reaches itself."""
    known = specs.environments.get(environment)
    return (*(known.model.groups if known else ()), environment)


def said_for(spec: WorkloadSpec, keys: Sequence[str]) -> Found[Node | None]:
    """The spec with the overrides of these keys; None with the reason where none of them is listed."""
    root = spec.document.node
    base, _, steps = descend(root, ("spec",))
    listed, entry, depth = descend(root, LISTED)
    names = list(listed.value) if depth == len(LISTED) and isinstance(listed.value, dict) else []
    if not any(key in names for key in keys):
        place = entry.place if entry is not None else root.place
        where = shown(keys[-1])
        fix = f"add `{where}: {{}}` to its environments first"
        note = f"it runs in: {', '.join(shown(name) for name in names)}" if names else ""
        message = f"{spec.team}/{spec.name} does not run in {where}."
        return Found(None, (codes.NOT_THERE.at(place, message, fix=fix, note=note, field=".".join(LISTED)),))
    overrides = [descend(root, (*LISTED, key))[0] for key in keys if key in names]
    bare = without(base, "environments") if steps else Node({}, root.place)
    return Found(functools.reduce(merge, overrides, bare))


def alone(spec: WorkloadSpec) -> Node:
    """The spec without any override."""
    base, _, steps = descend(spec.document.node, ("spec",))
    return without(base, "environments") if steps else Node({}, spec.document.node.place)


def at(node: Node, path: Path) -> Node | None:
    """The value at a path, or None where there is none."""
    found, _, steps = descend(node, path)
    return found if steps == len(path) else None
