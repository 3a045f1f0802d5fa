"""Environments that wait for one another: each must exist, and none may wait for itself in the end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from yardarm_reconciler.model.document import PlatformSpec
from yardarm_reconciler.model.node import place_at
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import did_you_mean
from yardarm_schema.environment import Environment

UNKNOWN = Code(
    "reference/unknown-environment",
    title="There is no Environment of this name",
    why="Changes would wait for ever for an environment in which they can never prove themselves.",
    bad="sync: {after: [stagign]}",
    good="sync: {after: [staging]}",
)
CIRCLE = Code(
    "environment/wave-circle",
    title="An environment waits for itself",
    why="Each would wait until a change is healthy in the other, and no change would ever come.",
    bad="staging after production, and production after staging",
    good="production after staging",
)


def waves(
    environments: Mapping[str, PlatformSpec[Environment]], invalid: Collection[str]
) -> Iterator[Diagnostic]:
    """What is wrong with ``sync.after``. ``invalid`` are names of environments that exist but cannot be read."""
    for name, spec in environments.items():
        for index, other in enumerate(spec.model.sync.after):
            place = place_at(spec.document.node, ("spec", "sync", "after", index))
            field = f"spec.sync.after[{index}]"
            if other not in environments and other not in invalid:
                known = sorted(environments)
                message = f'{name} follows after "{other}", which is no environment'
                yield UNKNOWN.at(
                    place,
                    message,
                    fix=did_you_mean(other, known),
                    note=f"there are: {', '.join(known)}",
                    field=field,
                )
            elif name in _before(other, environments):
                yield CIRCLE.at(place, f"{other} follows after {name} in turn", field=field)


def _before(name: str, environments: Mapping[str, PlatformSpec[Environment]]) -> frozenset[str]:
    """An environment, and all that it follows after."""
    found: set[str] = set()
    todo = [name]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += environments[each].model.sync.after if each in environments else ()
    return frozenset(found)
