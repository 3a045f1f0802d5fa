"""A pipeline as one JobSet, whose Jobs depend on one another: it needs nobody to begin the steps.

It is a single run: where a step has changed, all of them run again.
https://jobset.sigs.k8s.io/docs/tasks/depends_on/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yardarm_reconciler.expand import job, queue
from yardarm_reconciler.expand.capabilities import require
from yardarm_reconciler.expand.labels import RUN, metadata
from yardarm_reconciler.expand.names import LABEL_LIMIT, run_name
from yardarm_reconciler.expand.training import jobset, plain
from yardarm_reconciler.expand.training.rendezvous import ALONE, Meeting
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.turns import in_order
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.pipeline import Pipeline, TrainingStep

NOT_A_JOB = Code(
    "field/step-in-a-set",
    title="A JobSet cannot hold such a step",
    why="It holds Jobs; MPI and Ray need objects of their own, and a step waits for at most five others.",
    bad="backend: jobset, steps: {train: {kind: TrainingJob, framework: ray}}",
    good="backend: jobs, steps: {train: {kind: TrainingJob, framework: ray}}",
)

MOST_NEEDS = 5
"""maxItems of dependsOn: https://github.com/kubernetes-sigs/jobset/blob/main/api/jobset/v1alpha2/jobset_types.go"""

_FRAMEWORKS = frozenset({"torch", "jax", "none"})


def check(pipeline: Resolved[Pipeline]) -> Iterator[Diagnostic]:
    """Refuse steps that are no Jobs, and a set where there are none."""
    yield from require(pipeline, "spec.backend", "jobset", what="backend: jobset")
    for name, step in sorted(pipeline.parts["steps"].items()):
        spec = step.spec
        single = not isinstance(spec, TrainingStep) or (spec.framework in _FRAMEWORKS and spec.slices == 1)
        if not single or len(spec.needs) > MOST_NEEDS:
            field = f"spec.steps.{name}"
            yield NOT_A_JOB.at(pipeline.origin(field), field=field)


def key(pipeline: Resolved[Pipeline]) -> Key:
    """The JobSet."""
    tails = (
        len(f"-{name}-0-{max(step.pods, _numbered(step)) - 1}{jobset.POD_SUFFIX}")
        for name, step in pipeline.parts["steps"].items()
    )
    return Key(jobset.GROUP, "JobSet", pipeline.namespace, run_name(pipeline, LABEL_LIMIT - max(tails)))


def runs(pipeline: Resolved[Pipeline]) -> tuple[RunIntent, ...]:
    """The one run, which ends and is kept as the steps say at their most."""
    specs = [step.spec for step in pipeline.parts["steps"].values()]
    overlap = "cancel" if all(each.overlap == "cancel" for each in specs) else "finish"
    rerun = "never" if all(each.rerun == "never" for each in specs) else "onChange"
    history = max(each.history for each in specs)
    return (RunIntent(pipeline.run_id, key(pipeline), overlap, history, rerun),)


def expand(pipeline: Resolved[Pipeline]) -> Iterator[Manifest]:
    """The JobSet, its Jobs in an order in which each comes after all that it needs."""
    steps = {
        name: replace(step, run_id=pipeline.run_id) for name, step in sorted(pipeline.parts["steps"].items())
    }
    order = in_order({name: set(step.spec.needs) for name, step in steps.items()})
    name = key(pipeline).name
    meta = metadata(pipeline, name)
    meta["labels"] |= {RUN: pipeline.run_id, **queue.labels(steps[order[0]])}
    body = {"apiVersion": f"{jobset.GROUP}/{jobset.VERSION}", "kind": "JobSet", "metadata": meta}
    spec = {"replicatedJobs": [_replicated(name, each, steps[each]) for each in order]}
    yield manifest({**body, "spec": spec}, pipeline.origin("spec.steps"))


def _numbered(step: Resolved[Any]) -> int:
    """How many numbered pods a step has in all."""
    return 1 if isinstance(step.spec, TrainingStep) else job.count(step) or 1


def _replicated(set_name: str, name: str, step: Resolved[Any]) -> Object:
    needs = [{"name": each, "status": "Complete"} for each in step.spec.needs]
    return {
        "name": name,
        "replicas": 1,
        **({"dependsOn": needs} if needs else {}),
        "template": {"spec": _job(set_name, name, step)},
    }


def _job(set_name: str, name: str, step: Resolved[Any]) -> Object:
    """The Job as it would be by itself, but that pods have their names from the set."""
    if isinstance(step.spec, TrainingStep):
        first = f"{set_name}-{name}-0-0.{set_name}"
        return plain.spec(step, Meeting(step.pods, first, first) if step.pods > 1 else ALONE)
    made: Object = job.spec(step, {"value": step.run_id}, {RUN: step.run_id})
    # Where nothing is said the set takes its pods to be numbered, which these are not.
    return {"completionMode": "NonIndexed", **made}
