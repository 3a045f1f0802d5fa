"""From decisions to the plan that people read: changes with their fields, renames, devices and money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from yardarm_reconciler.decide.replacing import not_replaced
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.forecast.simulation import Upon
from yardarm_reconciler.model.budget import Limits, Peak
from yardarm_reconciler.model.change import Action, Change
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Key, Manifest, canonical
from yardarm_reconciler.model.node import Node, plain
from yardarm_reconciler.model.origin import NOWHERE, Diagnostic, Place
from yardarm_reconciler.model.plan import EnvironmentPlan, WorkloadPlan
from yardarm_reconciler.model.workload import Workload
from yardarm_reconciler.plan import holdings
from yardarm_reconciler.plan.immutable import fixed
from yardarm_reconciler.plan.renames import moved, renamed, succeeded

ACTIONS: Mapping[Verb, Action] = {
    Verb.CREATE: Action.CREATED,
    Verb.UPDATE: Action.CONFIGURED,
    Verb.DELETE: Action.DELETED,
    Verb.RETAIN: Action.HELD,
    Verb.WAIT: Action.SKIPPED,
    Verb.CONFLICT: Action.CONFLICT,
}
"""What a step comes to. What is kept is only counted, and what is only forgotten is no news."""

ROOT = "yardarm.yaml"


def standstill(base: Desired, head: Desired) -> str:
    """Why nothing can be said of an environment, or an empty text."""
    for side, named in ((base, "the base"), (head, "the head")):
        why = side.broken.get(ROOT, ()) or side.resolution.frozen
        if why:
            then = "nothing would change" if side is head else "it cannot be compared with"
            return f"{named} is invalid ({_first(why)}): {then}"
    return ""


def told(base: Desired, head: Desired, decided: Upon) -> EnvironmentPlan:
    """The plan of one environment."""
    known = {made.key: made for each in decided.before.values() for made in each.manifests}
    teller = _Teller(base, head, decided, known)
    plans = [teller.workload(todo) for todo in decided.todos if todo.id not in decided.same]
    goes = _said(base, base.resolution.present - head.resolution.present)
    comes = _said(head, head.resolution.present - base.resolution.present)
    told_plans = [each for each in plans if each is not None]
    numbers = (
        _peaks(base),
        _peaks(base, head),
        *_limits(base, head),
        {each.id for each in told_plans if each.unknown},
    )
    unchanged = sum(len(each.manifests) for each in head.workloads if each.id in decided.same)
    return EnvironmentPlan(
        head.resolution.environment_name,
        renamed(told_plans, goes, comes),
        unchanged
        + sum(step.verb is Verb.KEEP for todo in decided.todos for step in todo.steps if step.manifest),
        holdings.environment(*numbers),
        holdings.teams(*numbers),
        decided.guards,
        _note(base, head),
    )


def _note(base: Desired, head: Desired) -> str:
    old, new = base.resolution.environment, head.resolution.environment
    if old is None or new is None:
        return "" if old is new else "a new environment" if old is None else "the environment is removed"
    return "sync.mode is plan: nothing is applied" if new.sync.mode == "plan" else ""


def _limits(base: Desired, head: Desired) -> tuple[Limits, Limits]:
    """Of both sides; an environment that is on one side alone has the same before and after."""
    old, new = base.resolution, head.resolution
    return (
        new.limits if old.environment is None else old.limits,
        old.limits if new.environment is None else new.limits,
    )


def _peaks(base: Desired, head: Desired | None = None) -> dict[str, Peak]:
    """Peaks by id; of the head that of the base where it cannot be rendered, for that goes on running."""
    before = {each.id: each.peak for each in base.workloads}
    if head is None:
        return before
    after = {each.id: each.peak for each in head.workloads}
    stay = (id_ for id_ in head.resolution.present if id_ not in after and id_ in before)
    return after | {id_: before[id_] for id_ in stay}


def _said(side: Desired, ids: AbstractSet[str]) -> dict[str, bytes]:
    """By id, what some workloads say here but for their names and their teams."""
    return {each.id: canonical(_content(each.node)) for each in side.resolution.workloads if each.id in ids}


def _content(node: Node) -> object:
    document = plain(node)
    if not isinstance(document, dict):
        return document
    metadata = {key: value for key, value in document["metadata"].items() if key not in {"name", "team"}}
    return {**document, "metadata": metadata}


def _first(problems: Iterable[Diagnostic]) -> str:
    return next((f"{each.code.name} {each.place}".strip() for each in problems), "")


@dataclass(frozen=True, slots=True)
class _Teller:
    """What is told of one workload needs both sides; ``known`` are the objects of the base."""

    base: Desired
    head: Desired
    decided: Upon
    known: Mapping[Key, Manifest]

    def workload(self, todo: Todo) -> WorkloadPlan | None:
        """What would happen to a workload, or None where there is nothing to tell."""
        before, after = self.decided.before.get(todo.id), self.decided.after.get(todo.id)
        held = todo.wanted.held if todo.wanted else ()
        origin = after.origin if after else before.origin if before else held[0].place if held else NOWHERE
        unknown = self._unknown(todo.id, after)
        if unknown and held:
            return None if self._held_before(todo.id, held) else WorkloadPlan(todo.id, origin, held=held)
        if unknown:
            return WorkloadPlan(todo.id, origin, unknown=unknown)
        changes = tuple(self._changes(todo, before, after))
        held = held or self.decided.over.get(todo.id, ())
        if not changes and not held:
            return None
        plan = WorkloadPlan(todo.id, origin, changes, held=held)
        return moved(plan, before.origin.path) if before and after else plan

    def _unknown(self, id_: str, after: Workload | None) -> str:
        """Why nobody knows what the base has of a workload, or an empty text."""
        if id_ in self.decided.before:
            return ""
        if id_ in self.base.resolution.present:
            held = self.base.resolution.held.get(id_, ())
            return f"it is invalid in the base: {_first(held) or 'see its findings'}"
        broken = self.base.broken
        path = self._file(after) if after and broken else ""
        return f"in the base its file is invalid: {_first(broken[path])}" if path in broken else ""

    def _file(self, after: Workload) -> str:
        """The file that a workload is in; of a team's own objects, which come with its workloads, that of one of these."""
        if not after.id.startswith("Team/"):
            return after.origin.path
        own = (each.origin.path for each in self.head.workloads if each.team == after.team)
        return min(self.base.broken.keys() & set(own), default="")

    def _held_before(self, id_: str, held: Iterable[Diagnostic]) -> bool:
        """Whether the base is invalid for the very same reasons: the change has nothing to do with it."""
        known = {(each.code.name, each.message) for each in self.base.resolution.held.get(id_, ())}
        known |= {(each.code.name, each.message) for each in self.base.diagnostics}
        return all((each.code.name, each.message) in known for each in held)

    def _changes(self, todo: Todo, before: Workload | None, after: Workload | None) -> Iterator[Change]:
        changes = [change for step in todo.steps if (change := _change(step, self.known))]
        for change in succeeded(changes, _by_key(before), _by_key(after), _steps(before, after)):
            yield replace(change, action=Action.SKIPPED, reason=todo.blocked) if todo.blocked else change


def _by_key(workload: Workload | None) -> dict[Key, Manifest]:
    return {made.key: made for made in workload.manifests} if workload else {}


def _steps(before: Workload | None, after: Workload | None) -> dict[Key, Key]:
    """Of each step that has another run now, and of what that fills: the object of before by the new one."""
    old = {intent.step: intent for intent in before.runs} if before else {}
    found: dict[Key, Key] = {}
    for intent in after.runs if after else ():
        former = old.get(intent.step)
        if former is not None:
            found[intent.key] = former.key
        if former is not None and intent.fills is not None and former.fills is not None:
            found[intent.fills] = former.fills
    return found


def _change(step: Step, known: Mapping[Key, Manifest]) -> Change | None:
    """What a step would do, or None where that is nothing."""
    made, old = step.manifest, known.get(step.key)
    if step.verb is Verb.KEEP:
        # A run that does not start: it waits for another, or is not to run again.
        waits = made is not None and old is None and step.reason
        return Change(step.key, Action.SKIPPED, None, step.reason, _origin(made)) if waits else None
    if step.verb not in ACTIONS:
        return None
    differing = fields(old.body, made.body) if step.verb is Verb.UPDATE and old and made else ()
    change = Change(step.key, ACTIONS[step.verb], step.cause, step.reason, _origin(made or old), differing)
    return _made_anew(change, step) if fixed(change) else change


def _made_anew(change: Change, step: Step) -> Change:
    """A change that a server will not take: the object is replaced, or stays as it is."""
    why = not_replaced(step)
    reason = f"{fixed(change)} cannot change"
    if why:
        return replace(change, action=Action.HELD, reason=f"{reason}: {why}")
    return replace(change, action=Action.REPLACED, reason=reason)


def _origin(made: Manifest | None) -> Place:
    return made.origin if made else NOWHERE
