"""In which order the steps of one workload are taken, and which of them wait for one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from yardarm_reconciler.decide.order import SCALERS, stage
from yardarm_reconciler.decide.steps import Step, Verb


def in_turn(steps: Sequence[Step]) -> Iterator[Step]:
    """Writes in the order of stages, then deletes in the reverse; before both, scalers that go."""
    yield from (step for step in steps if stops_scaling(step))
    yield from (step for step in steps if step.verb is not Verb.DELETE)
    deletes = [step for step in steps if step.verb is Verb.DELETE and not stops_scaling(step)]
    yield from sorted(deletes, key=lambda step: (stage(step.key), step.key), reverse=True)


def stops_scaling(step: Step) -> bool:
    """Whether it takes away what would otherwise undo a number of replicas that is written next."""
    return step.verb is Verb.DELETE and step.key.kind in SCALERS


def fixes_replicas(step: Step) -> bool:
    """Whether it writes a number of replicas to an object that is there: no scaler may have it any more then."""
    body = step.manifest.body if step.manifest is not None else {}
    return step.verb is Verb.UPDATE and "replicas" in (body.get("spec") or {})
