"""Pipeline: a run for each step, each begun when what it needs has succeeded.

Each step is a run of its own: where only the last one has changed, only that one runs again. A step whose run failed
keeps all that need it from beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import batch_job, job, surroundings, training_job
from yardarm_reconciler.expand.storage import SHARED_WRITER, one_writer
from yardarm_reconciler.model.antichain import dearest
from yardarm_reconciler.model.manifest import Manifest, canonical
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.model.turns import before
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.pipeline import Pipeline, TrainingStep


def check(pipeline: Resolved[Pipeline]) -> Iterator[Diagnostic]:
    """What is wrong with the steps, each by itself and together."""
    for name, step in _steps(pipeline).items():
        checked = training_job.check(step) if isinstance(step.spec, TrainingStep) else job.check(step)
        for problem in checked:
            field = problem.field.removeprefix("spec.")
            yield replace(problem, field=f"spec.steps.{name}.{field}")
    yield from _sharing(pipeline)


def expand(pipeline: Resolved[Pipeline]) -> Iterator[Manifest]:
    """Everything that the steps need, then their runs."""
    steps = _steps(pipeline)
    trainings = [step for step in steps.values() if isinstance(step.spec, TrainingStep)]
    several = any(step.pods > 1 for step in trainings)
    asking = {canonical(rule): rule for step in trainings for rule in training_job.ingress(step)}
    yield from surroundings.expand(pipeline, together=several, ingress=tuple(asking.values()))
    for step in steps.values():
        yield from _run(step)


def runs(pipeline: Resolved[Pipeline]) -> tuple[RunIntent, ...]:
    """A run for each step, with those that it waits for."""
    steps = _steps(pipeline)
    intents = (_intent(step) for step in steps.values())
    return tuple(
        replace(intent, step=name, needs=tuple(steps[each].run_id for each in step.spec.needs))
        for (name, step), intent in zip(steps.items(), intents, strict=True)
    )


def _steps(pipeline: Resolved[Pipeline]) -> dict[str, Resolved[Any]]:
    return dict(sorted(pipeline.parts["steps"].items()))


def _run(step: Resolved[Any]) -> Iterator[Manifest]:
    if isinstance(step.spec, TrainingStep):
        yield from training_job.run(step)
    else:
        yield batch_job.run(step)


def _intent(step: Resolved[Any]) -> RunIntent:
    made = training_job.runs(step) if isinstance(step.spec, TrainingStep) else batch_job.runs(step)
    return made[0]


def _sharing(pipeline: Resolved[Pipeline]) -> Iterator[Diagnostic]:
    """Refuse storage of a single writer that several pods have at one time, of whatever steps."""
    steps = _steps(pipeline)
    earlier = before({name: set(step.spec.needs) for name, step in steps.items()})
    having = {name: step for name, step in steps.items() if one_writer(step.spec) is not None}
    together = dearest({name: step.pods for name, step in having.items()}, earlier)
    if len(together) > 1 or (pipeline.spec.at_once > 1 and together):
        volume = one_writer(having[min(together)].spec)
        field = f"spec.volumes.{volume}"
        what = " and ".join(sorted(together))
        message = f"{what} run at one time, but volume {volume} has access: one"
        yield SHARED_WRITER.at(
            pipeline.origin(field), message, fix="access: many, or let one need the other", field=field
        )
