"""The same content under another name: renamed workloads, moved files, objects that take another's place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from yardarm_reconciler.model.change import Action, Change
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.plan import WorkloadPlan

ORIGIN = "metadata.annotations.yardarm.dev/origin"
"""The field that alone differs where a spec only moved to another file."""

DERIVED = ("metadata.name", "yardarm.dev/run", "env[YARDARM_RUN_ID].value")
"""Ends of fields that differ because the content does: to show them says nothing."""

_HASHED = re.compile(r"(.+)-[0-9a-f]{8,}")
"""A name that ends in a hash of its content: another content has another name."""


def renamed(
    plans: Iterable[WorkloadPlan], before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> tuple[WorkloadPlan, ...]:
    """Put a workload that goes and one that comes with the same content together: it was given another name.

    Args:
        plans: of one environment.
        before: by id, what the workloads say that only the base has, but for name and team.
        after: the same of those that only the head has.
    """
    listed = {each.id: each for each in plans}
    goes: dict[tuple[str, bytes], list[str]] = {}
    for id_ in sorted(before.keys() & listed.keys()):
        goes.setdefault((_kind(id_), before[id_]), []).append(id_)
    for id_ in sorted(after):
        candidates = goes.get((_kind(id_), after[id_]), [])
        if id_ in listed and candidates:
            old = listed.pop(candidates.pop(0))
            changes = (*listed[id_].changes, *old.changes)
            listed[id_] = replace(listed[id_], renamed_from=old.id, changes=changes)
    return tuple(sorted(listed.values(), key=lambda each: each.id))


def _kind(id_: str) -> str:
    return id_.partition("/")[0]


def moved(plan: WorkloadPlan, old_path: str) -> WorkloadPlan:
    """Say so where a spec lies in another file now."""
    return replace(plan, moved_from=old_path) if old_path and old_path != plan.origin.path else plan


def succeeded(
    changes: Sequence[Change],
    before: Mapping[Key, Manifest],
    after: Mapping[Key, Manifest],
    steps: Mapping[Key, Key],
) -> tuple[Change, ...]:
    """Say of objects that are named by their content whose place they take, and in which fields they differ from it.

    A run takes the place of none that is deleted: the one before stays until the history is full. Where a workload
    has several of such names ``steps`` knows which is whose.
    """
    stems = {(key.kind, key.namespace, stem): key for key in before if (stem := _stem(key))}
    told = []
    for change in changes:
        old = steps.get(change.key, stems.get((change.key.kind, change.key.namespace, _stem(change.key))))
        if change.action is Action.CREATED and old is not None and old not in after:
            differing = fields(before[old].body, after[change.key].body)
            kept = tuple(each for each in differing if not each.path.endswith(DERIVED))
            reason = f"a new run, after {old.name}" if change.key.kind == "Job" else f"in place of {old.name}"
            told.append(replace(change, reason=reason, fields=kept))
        else:
            told.append(change)
    return tuple(told)


def _stem(key: Key) -> str:
    found = _HASHED.fullmatch(key.name)
    return found[1] if found else ""
