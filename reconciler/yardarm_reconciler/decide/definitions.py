"""Definitions of kinds: a version as which objects may be stored is not taken away from under them.

The API server refuses it too, in words that do not say how to go on. See
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import orjson

from yardarm_reconciler.decide.steps import WRITES, Step, Todo
from yardarm_reconciler.model.manifest import DEFINITION, Object


def keep_stored(todos: Iterable[Todo]) -> tuple[Todo, ...]:
    """The to-dos in which a workload that would drop a stored version waits as a whole, before anything is tried."""
    return tuple(
        replace(todo, blocked=why) if not todo.blocked and (why := _drops(todo)) else todo for todo in todos
    )


def _drops(todo: Todo) -> str:
    return next((why for step in todo.steps if (why := _dropped(step))), "")


def _dropped(step: Step) -> str:
    """Which stored versions a change of a definition would drop, and the way out; an empty text for none."""
    if step.key.group_kind != DEFINITION or step.verb not in WRITES or not (step.manifest and step.seen):
        return ""
    stored = orjson.loads(step.seen.body).get("status", {}).get("storedVersions") or []
    wanted = set(_versions(step.manifest.body))
    dropped = ", ".join(name for name in stored if name not in wanted)
    if not dropped:
        return ""
    return (
        f"objects may be stored as {dropped}, which {step.key.name} would no longer have: keep it in spec.versions, with "
        "served: false if nobody shall use it, until every object is written anew and it is out of status.storedVersions"
    )


def _versions(definition: Object) -> Iterator[object]:
    """Names of versions, as far as somebody has written them as they should be: the API server says the rest."""
    versions = definition.get("spec", {}).get("versions")
    for each in versions if isinstance(versions, list | tuple) else ():
        yield each.get("name") if isinstance(each, Mapping) else None
