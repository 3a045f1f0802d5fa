"""Pipeline: a run for each step, each begun when what it needs has succeeded.

Each step is a run of its own: where only the last one has changed, only that one runs again. A step whose run failed
keeps all that need it from beginning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import (
    batch_job,
    fetch_job,
    fetched,
    fetching,
    job,
    step_set,
    surroundings,
    training_job,
    workflow,
)
from yardarm_reconciler.expand.capabilities import require
from yardarm_reconciler.expand.names import BY_ENGINE
from yardarm_reconciler.expand.storage import SHARED_WRITER, one_writer
from yardarm_reconciler.model.antichain import dearest
from yardarm_reconciler.model.manifest import Manifest, canonical
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.turns import before
from yardarm_reconciler.model.workload import RUN_KINDS, Resolved, RunIntent
from yardarm_schema.pipeline import Pipeline, TrainingStep

NOBODY_WAITS = Code(
    "model/nobody-waits",
    title="The runs would begin before this is fetched",
    why="A JobSet or a schedule begins its runs by itself, and knows nothing of the Job that fills a shared cache.",
    bad="schedule: {cron: 0 2 * * *}, steps: {tune: {kind: TrainingJob, model: {uri: …, cache: shared}}}",
    good="schedule: {cron: 0 2 * * *}, steps: {tune: {kind: TrainingJob, model: {uri: …, cache: node}}}",
)


def check(pipeline: Resolved[Pipeline]) -> Iterator[Diagnostic]:
    """What is wrong with the steps, each by itself and together."""
    for name, step in _steps(pipeline).items():
        checked = training_job.check(step) if isinstance(step.spec, TrainingStep) else job.check(step)
        for problem in checked:
            field = problem.field.removeprefix("spec.")
            yield replace(problem, field=f"spec.steps.{name}.{field}")
    yield from _sharing(pipeline)
    yield from _waiting(pipeline)
    if pipeline.spec.schedule is not None:
        yield from require(pipeline, "spec.schedule", "argoWorkflows", what="a pipeline on a schedule")
        runs_, _ = _by_engine(pipeline)
        yield from workflow.check(pipeline, pipeline.spec.schedule, runs_)
    elif pipeline.spec.backend == "jobset":
        yield from step_set.check(pipeline)


def expand(pipeline: Resolved[Pipeline]) -> Iterator[Manifest]:
    """Everything that the steps need, then their runs."""
    pipeline = _with_files(pipeline)
    steps = _steps(pipeline)
    trainings = [step for step in steps.values() if isinstance(step.spec, TrainingStep)]
    several = any(step.pods > 1 for step in trainings)
    asking = {canonical(rule): rule for step in trainings for rule in training_job.ingress(step)}
    yield from surroundings.expand(pipeline, together=several, ingress=tuple(asking.values()))
    if pipeline.spec.schedule is not None:
        runs_, others = _by_engine(pipeline)
        yield from others
        yield from workflow.expand(pipeline, pipeline.spec.schedule, runs_)
    elif pipeline.spec.backend == "jobset":
        yield from step_set.expand(pipeline)
    else:
        yield from fetch_job.expand(tuple(steps.values()))
        yield from (item for step in steps.values() for item in _run(step))


def runs(pipeline: Resolved[Pipeline]) -> tuple[RunIntent, ...]:
    """A run for each step, with those that it waits for; or one for all of them. Those of a schedule are not ours."""
    if pipeline.spec.schedule is not None:
        return ()
    if pipeline.spec.backend == "jobset":
        return step_set.runs(pipeline)
    steps = _steps(pipeline)
    fetches = fetch_job.runs(tuple(steps.values()))
    by_claim = {each.fills: each.id for each in fetches}
    own = []
    for name, step in steps.items():
        earlier = (steps[each].run_id for each in step.spec.needs)
        # Two steps may share a claim, which one fetch fills, with the login of the first.
        fetched_ = (by_claim[each.fills] for each in fetch_job.runs((step,)))
        own.append(replace(_intent(step), step=name, needs=(*earlier, *fetched_)))
    return (*own, *fetches)


def _with_files(pipeline: Resolved[Pipeline]) -> Resolved[Pipeline]:
    """The pipeline with what is fetched for its trainings."""
    steps = {name: fetched.with_files(step) for name, step in _steps(pipeline).items()}
    return replace(pipeline, parts={**pipeline.parts, "steps": steps})


def _waiting(pipeline: Resolved[Pipeline]) -> Iterator[Diagnostic]:
    """Refuse a shared cache where nobody waits until it is filled: what begins the runs is not told of it."""
    if pipeline.spec.schedule is None and pipeline.spec.backend != "jobset":
        return
    for name, step in _steps(pipeline).items():
        for item in fetching.items(step):
            if fetching.way(step, item) is fetching.Way.SHARED:
                field = f"spec.steps.{name}.{item.field.removeprefix('spec.')}"
                message = f"nothing waits until CacheClass {item.cache} has it"
                fix = "cache: node or none, or steps that begin one after another"
                yield NOBODY_WAITS.at(step.origin(item.field), message, fix=fix, field=field)


def _steps(pipeline: Resolved[Pipeline]) -> dict[str, Resolved[Any]]:
    return dict(sorted(pipeline.parts["steps"].items()))


def _run(step: Resolved[Any]) -> Iterator[Manifest]:
    if isinstance(step.spec, TrainingStep):
        yield from training_job.run(step)
    else:
        yield batch_job.run(step)


def _by_engine(pipeline: Resolved[Pipeline]) -> tuple[dict[str, Manifest], list[Manifest]]:
    """By step, the object that is its run, named by what begins it; and what is there for all runs."""
    found: dict[str, Manifest] = {}
    others: list[Manifest] = []
    for name, step in _steps(pipeline).items():
        for item in _run(replace(step, run_id=BY_ENGINE)):
            if item.key.group_kind in RUN_KINDS:
                found[name] = item
            else:
                others.append(item)
    return found, others


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
