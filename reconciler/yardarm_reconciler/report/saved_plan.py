"""Plans in files: what somebody has looked at, so that a sync does exactly that or nothing.

A file only says what to expect: what is applied is rendered again, and never taken from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from yardarm_reconciler.model.change import Action, Change, Report
from yardarm_reconciler.model.manifest import canonical, digest
from yardarm_reconciler.model.origin import Code, Diagnostic, Place, UserError
from yardarm_reconciler.report import output

STALE = Code(
    "plan/stale",
    title="What would be done now is not what the plan says",
    why="Since it was saved the revision, the cluster or Yardarm has changed: nobody has looked at what would happen now.",
    bad="yardarm sync -e production --plan last-week.json",
    good="yardarm diff -e production -o plan.json, look at it, then yardarm sync -e production --plan plan.json",
)
UNUSABLE = Code(
    "plan/unusable",
    title="A file is no saved plan",
    why="A plan is what yardarm diff -o has saved, as it was saved: one that was edited says what nobody has computed.",
    bad="yardarm sync -e production --plan notes.txt",
    good="yardarm diff -e production -o plan.json",
)

KIND = "SavedPlan"
SHORT, COMMIT = 12, re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
"""Characters of a digest that people see, and what a commit is: sha1 or sha256."""

IDLE = frozenset({Action.UNCHANGED, Action.HELD})

OF = {
    "unit": "unit",
    "environment": "environment",
    "cluster": "cluster",
    "revision": "revision",
    "version": "yardarm",
}
"""Members of a plan's ``of``, and how people call them."""


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan is of, and what it would do: one line of JSON an object."""

    of: Mapping[str, str]
    steps: Mapping[str, Mapping[str, Any]]

    @property
    def digest(self) -> str:
        """Of all of it."""
        return digest(canonical({"of": dict(self.of), "steps": dict(self.steps)}))


def plan_of(report: Report, cluster: str, version: str) -> SavedPlan:
    """What a pass that wrote nothing would do in a cluster."""
    of = {
        "unit": report.unit,
        "environment": report.environment,
        "cluster": cluster,
        "revision": report.revision,
        "version": version,
    }
    return SavedPlan(of, dict(sorted(_steps(report))))


def write(plan: SavedPlan) -> str:
    """A plan as a file; values that may be secret are in it no more than in a diff."""
    fields = {
        "apiVersion": output.API_VERSION,
        "kind": KIND,
        "of": dict(plan.of),
        "steps": list(plan.steps.values()),
        "digest": plan.digest,
    }
    return output.dumps(fields)


def read(path: str, data: bytes) -> SavedPlan:
    """A plan from a file.

    Raises:
        UserError: it is none, or was changed.
    """
    try:
        found = orjson.loads(data)
        plan = SavedPlan(found["of"], {_name(each): each for each in found["steps"]})
        written = (output.API_VERSION, KIND, OF.keys(), plan.digest)
        intact = (found["apiVersion"], found["kind"], plan.of.keys(), found["digest"]) == written
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(path, "this is no plan") from error
    if not intact:
        raise _unusable(path, "this plan was changed after it was saved, or is of another Yardarm")
    return plan


def stale(path: str, plan: SavedPlan, now: SavedPlan) -> tuple[Diagnostic, ...]:
    """What is different now from what a plan says; nothing where it still holds."""
    return tuple(
        Diagnostic(STALE, Place(path), message, fix="look at a new plan: yardarm diff -o FILE")
        for message in _different(plan, now)
    )


def _unusable(path: str, message: str) -> UserError:
    problem = Diagnostic(UNUSABLE, Place(path), message, fix="save one: yardarm diff -o FILE")
    return UserError(str(problem), (problem,), exit_code=2)


def _different(plan: SavedPlan, now: SavedPlan) -> Iterator[str]:
    for name, word in OF.items():
        if plan.of[name] != now.of[name]:
            yield f"the plan is of {word} {_short(plan.of[name])}, this is {_short(now.of[name]) or 'none'}"
            return
    for name in sorted(plan.steps.keys() | now.steps.keys()):
        before, after = plan.steps.get(name), now.steps.get(name)
        if before != after:
            yield f"{name}: {_told(before)} in the plan, {_told(after)} now{_why(before, after)}"


def _steps(report: Report) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for workload in report.workloads:
        for change in workload.changes:
            if change.action not in IDLE:
                step = _step(workload.id, change)
                yield _name(step), step


def _step(workload: str, change: Change) -> Mapping[str, Any]:
    key = change.key
    return {
        "workload": workload,
        "object": {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name},
        "action": str(change.action),
        "cause": str(change.cause) if change.cause else None,
        "uid": change.uid,
        "digest": change.digest,
        "fields": output.fields(change.fields),
    }


def _name(step: Mapping[str, Any]) -> str:
    """An object as people read it; unique within an environment."""
    of = step["object"]
    kind = f"{of['kind']}.{of['group']}" if of["group"] else of["kind"]
    return "/".join(each for each in (kind, of["namespace"], of["name"]) if each)


def _told(step: Mapping[str, Any] | None) -> str:
    return str(step["action"]) if step else "nothing"


def _why(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    """What differs between two steps that do the same."""
    if not before or not after or before["action"] != after["action"]:
        return ""
    named = {"uid": "it is another object", "digest": "it is rendered otherwise", "fields": "it was changed"}
    return f" ({next((word for name, word in named.items() if before[name] != after[name]), 'for another reason')})"


def _short(text: str) -> str:
    """A commit as people know it; anything else whole."""
    return text[:SHORT] if COMMIT.fullmatch(text) else text
