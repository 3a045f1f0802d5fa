"""The gate before the first write: every change of an existing object is tried, all at once, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace

import orjson

from yardarm_reconciler.apply.asking import Asking
from yardarm_reconciler.apply.results import Gate, Silence, by_hand
from yardarm_reconciler.decide.replacing import not_replaced
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import FieldChange
from yardarm_reconciler.model.fields import fields
from yardarm_reconciler.model.manifest import Key, Manifest, Object
from yardarm_reconciler.ports import Refused, Seen, Written

IMMUTABLE = "Immutable"
"""The word of a cluster for a good manifest that an existing object cannot be changed to."""


STALE = "StaleFields"
"""The word for an object that nobody can apply, because who owns its fields is said of a version that is gone."""


def gate(todos: Iterable[Todo], ask: Asking, pool: Executor) -> dict[Key, Gate]:
    """Dry-run every change of an existing object."""
    updates = [
        (step, step.manifest, step.seen)
        for todo in todos
        if not todo.blocked
        for step in todo.steps
        if step.verb is Verb.UPDATE and step.manifest and step.seen
    ]
    gates = pool.map(lambda update: _judge(update[0], try_out(update[1], update[2], ask)), updates)
    return {step.key: found for (step, _, _), found in zip(updates, gates, strict=True)}


def try_out(manifest: Manifest, seen: Seen, ask: Asking) -> Gate:
    """Dry-run one change."""
    answer = ask(lambda: ask.cluster.update(manifest, seen.uid, dry_run=True))
    if isinstance(answer, Refused) and answer.reason == STALE:
        # What would change besides, only a second try can tell: after that, for a try changes nothing.
        return Gate(
            None, (FieldChange("metadata.managedFields", "of a version that is gone", ""),), stale=True
        )
    if isinstance(answer, Silence | Refused):
        return Gate(answer)
    if not isinstance(answer, Written):
        return Gate(Refused("Changed", "it was deleted or replaced while we looked", retryable=True))
    different = fields(orjson.loads(seen.body), orjson.loads(answer.seen.body))
    # Of what people changed the dry-run takes back what is ours; what they added it leaves theirs.
    added = answer.seen.foreign
    same = not different and answer.seen.projection == seen.projection and not added
    return Gate(None, (*different, *by_hand(added)), same=same, added=bool(added))


def replacing(todos: Iterable[Todo], gates: Mapping[Key, Gate]) -> tuple[Todo, ...]:
    """The same to-dos, with a replacement where the gate allows nothing else."""
    anew = {key for key, found in gates.items() if found.replaces}
    return tuple(
        replace(todo, steps=tuple(_anew(step) if step.key in anew else step for step in todo.steps))
        if any(step.key in anew for step in todo.steps)
        else todo
        for todo in todos
    )


def refused(todo: Todo, gates: Mapping[Key, Gate]) -> bool:
    """Whether the dry-run of any of the workload's changes was refused: then it writes nothing at all."""
    return any(gates[step.key].refused for step in todo.steps if step.key in gates)


def _judge(step: Step, found: Gate) -> Gate:
    """What a refusal for immutability means: a replacement, or why there is none."""
    if not isinstance(found.refused, Refused) or found.refused.reason != IMMUTABLE:
        return found
    why = not_replaced(step)
    if not why:
        return Gate(None, _changes(step, found.refused.fields), replaces=True)
    return replace(found, refused=replace(found.refused, message=why))


def _anew(step: Step) -> Step:
    return replace(step, verb=Verb.REPLACE)


def _changes(step: Step, blamed: Iterable[str]) -> tuple[FieldChange, ...]:
    """The fields that cannot be changed, as they are and as they shall be."""
    live = orjson.loads(step.seen.body) if step.seen else {}
    wanted = step.manifest.body if step.manifest else {}
    return tuple(
        change
        for path in blamed
        for change in fields(_only(live, path), _only(wanted, path)) or [_bare(path)]
    )


def _bare(path: str) -> FieldChange:
    return FieldChange(path, "", "")


def _only(body: Object, path: str) -> Object:
    """The part of an object that lies at a dotted path."""
    step, _, rest = path.partition(".")
    value = body.get(step)
    if value is None or (rest and not isinstance(value, Mapping)):
        return {}
    return {step: _only(value, rest) if rest else value}
