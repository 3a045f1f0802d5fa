"""All workloads of one environment, expanded: those without an error, with everything that was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.expand import (
    batch_job,
    final_images,
    limits,
    model_service,
    patches,
    pipeline,
    raw_peak,
    raw_resources,
    restricted,
    route_claims,
    scheduled_job,
    security,
    service,
    stream_processor,
    team,
    training_job,
    volume,
)
from yardarm_reconciler.expand.again import Before, Made
from yardarm_reconciler.expand.identity import Inputs, input_hash, inputs
from yardarm_reconciler.model.budget import Peak
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.origin import Code, Diagnostic, Found, in_order
from yardarm_reconciler.model.workload import Resolution, Resolved, RunIntent, Workload

COLLISION = Code(
    "name/collision",
    title="Two workloads make an object of the same name",
    why="Each would overwrite what the other needs.",
    bad="workload a with volume b-c, and workload a-b with volume c, both claim a-b-c",
    good="workload a with volume data, and workload a-b with volume c",
)


@dataclass(frozen=True, slots=True)
class Expander:
    """How one kind becomes manifests.

    ``check`` says what is wrong; only where it finds no error ``manifests`` is called, and ``runs`` for what is
    executed: which of the manifests are runs. ``peak`` counts what the manifests hold, where no field of the spec says it.
    """

    manifests: Callable[[Resolved[Any]], Iterator[Manifest]]
    check: Callable[[Resolved[Any]], Iterator[Diagnostic]] | None = None
    runs: Callable[[Resolved[Any]], tuple[RunIntent, ...]] | None = None
    peak: Callable[[Resolved[Any], tuple[Manifest, ...]], Peak] | None = None


EXPANDERS: Mapping[str, Expander] = {
    "ModelService": Expander(model_service.expand, model_service.check, model_service.runs),
    "Service": Expander(service.expand, service.check),
    "StreamProcessor": Expander(stream_processor.expand, stream_processor.check),
    "BatchJob": Expander(batch_job.expand, batch_job.check, batch_job.runs),
    "Volume": Expander(volume.expand),
    "RawResources": Expander(raw_resources.expand, raw_resources.check, raw_resources.runs, raw_peak.peak),
    "ScheduledJob": Expander(scheduled_job.expand, scheduled_job.check),
    "Pipeline": Expander(pipeline.expand, pipeline.check, pipeline.runs),
    "TrainingJob": Expander(training_job.expand, training_job.check, training_job.runs),
    "Team": Expander(team.expand),
}


def expand(resolution: Resolution, before: Before | None = None) -> Found[tuple[Workload, ...]]:
    """Make the manifests of every workload that resolved; one with an error is left out, and held for that.

    ``before`` is what they came to the last time, under the same platform specs, and is brought up to date.
    """
    if resolution.environment is None:
        return Found(())
    given, known = inputs(resolution.environment), before or {}
    made = {each.id: _again(each, known.get(each.id), given) for each in resolution.workloads}
    if before is not None:
        before.clear()
        before.update(made)
    expanded = [each.found for each in made.values()]
    problems = [problem for each in expanded for problem in each.diagnostics]
    whole = [each.value for each in expanded if each.value is not None]
    collisions, conflicts = dict(_collisions(whole)), route_claims.conflicts(whole)
    kept = tuple(each for each in whole if each.id not in collisions and each.id not in conflicts)
    against = (each for found in (collisions, conflicts) for why in found.values() for each in why)
    return Found(kept, in_order((*problems, *against)))


def _again(workload: Resolved[Any], before: Made | None, given: Inputs) -> Made:
    """What a workload comes to; if it is what it was, the very same as before."""
    same = before is not None and before.resolved == workload
    return Made(workload, before.found if before and same else _expanded(workload, given))


def _expanded(workload: Resolved[Any], given: Inputs) -> Found[Workload | None]:
    expander = EXPANDERS[workload.kind]
    problems = tuple(expander.check(workload)) if expander.check else ()
    if any(problem.is_error for problem in problems):
        return Found(None, problems)
    patched = patches.apply(workload, _once(expander.manifests(workload)))
    manifests, problems = patched.value, (*problems, *patched.diagnostics)
    allowed = frozenset(each for program in workload.programs() for each in security.exceptions(program))
    problems = (
        *problems,
        *limits.check(manifests, _allowance(workload)),
        *restricted.check(manifests, allowed, workload.environment.accounting),
        *final_images.check(workload, manifests),
    )
    if any(problem.is_error for problem in problems):
        return Found(None, problems)
    made = Workload(
        id=workload.id,
        team=workload.team,
        namespace=workload.namespace,
        origin=workload.origin("metadata.name"),
        manifests=manifests,
        input_hash=input_hash(workload, given),
        peak=expander.peak(workload, manifests) if expander.peak else workload.peak,
        runs=expander.runs(workload) if expander.runs else (),
        depends_on=workload.depends_on,
    )
    return Found(made, problems)


def _allowance(workload: Resolved[Any]) -> limits.Allowance:
    """What the pods may hold: what was counted for the spec, or anything where they themselves are counted."""
    if EXPANDERS[workload.kind].peak is not None:
        return raw_peak.allowance(workload.environment)
    return limits.allowance(workload)


def _once(manifests: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """Each object once: parts that share files or storage make the same objects."""
    found: dict[tuple[Key, str], Manifest] = {}
    for item in manifests:
        found.setdefault((item.key, item.digest), item)
    return tuple(found.values())


def _collisions(workloads: list[Workload]) -> Iterator[tuple[str, tuple[Diagnostic, ...]]]:
    """By id, the objects that another workload makes too. All of them are held: none can be said to be right."""
    makers: dict[Key, list[tuple[Workload, Manifest]]] = defaultdict(list)
    for workload in workloads:
        for item in workload.manifests:
            makers[item.key].append((workload, item))
    problems: dict[str, list[Diagnostic]] = defaultdict(list)
    for key, claims in makers.items():
        for workload, item in claims:
            others = [f"{other.id} ({where.origin})" for other, where in claims if where is not item]
            if others:
                message = f"{key.kind} {key.name} is also made by {', '.join(others)}"
                problems[workload.id].append(COLLISION.at(item.origin, message))
    for id_, why in problems.items():
        yield id_, tuple(why)
