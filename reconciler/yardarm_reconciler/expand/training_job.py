"""TrainingJob: a run on one device or on many nodes, as what the environment has for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from yardarm_reconciler.expand import fetch_job, fetched, pod, storage, surroundings
from yardarm_reconciler.expand.training import (
    backend,
    checkpoint,
    jobset,
    plain,
    ray_job,
    rendezvous,
    roles,
    train_job,
)
from yardarm_reconciler.expand.training.backend import Chosen
from yardarm_reconciler.model.manifest import Key, Manifest, Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved, RunIntent
from yardarm_schema.training import Training

NO_PROCESSES = Code(
    "field/no-processes",
    title="Nothing starts these processes",
    why="torchrun and mpirun start several processes in a pod; any other program is one process, and starts its own.",
    bad="framework: jax, procsPerNode: 8",
    good="framework: torch, procsPerNode: 8",
)
NO_SLICES = Code(
    "field/no-slices",
    title="The framework does not know slices",
    why="Slices are groups of TPU hosts with a fast network of their own, which JAX tells apart.",
    bad="framework: torch, slices: 2",
    good="framework: torch, nodes: 8",
)


@dataclass(frozen=True, slots=True)
class Runner:
    """One backend: its objects, the one of them that is the run, what it refuses, and who has to reach its pods."""

    expand: Callable[[Resolved[Training]], Iterator[Manifest]]
    key: Callable[[Resolved[Training]], Key]
    check: Callable[[Resolved[Training]], Iterator[Diagnostic]] | None = None
    ingress: Callable[[], tuple[Object, ...]] | None = None


RUNNERS: Mapping[Chosen, Runner] = {
    "job": Runner(plain.expand, plain.key),
    "jobset": Runner(jobset.expand, jobset.key),
    "trainer": Runner(train_job.expand, train_job.key, train_job.check),
    "ray": Runner(ray_job.expand, ray_job.key, ray_job.check, ray_job.ingress),
}


def check(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """What is wrong with a training that types cannot say."""
    fetching = tuple(problem for each in job.programs() for problem in fetched.check(each))
    yield from fetching
    if any(problem.is_error for problem in fetching):
        return
    job = with_files(job)
    programs = job.programs()
    total = sum(each.pods for each in programs)
    yield from roles.check(job)
    yield from backend.check(job)
    runner = RUNNERS[backend.chosen(job)]
    if runner.check is not None:
        yield from runner.check(job)
    yield from checkpoint.check(job)
    yield from _counts(job)
    for program in programs:
        yield from pod.check(program)
        yield from storage.check_sharing(program, total)
        yield from rendezvous.check(job, program)


def _counts(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """Refuse numbers that the framework does not know."""
    framework = job.spec.framework
    for program in job.programs():
        if getattr(program.spec, "procs_per_node", None) is not None and framework not in {"torch", "mpi"}:
            field = "spec.procsPerNode"
            yield NO_PROCESSES.at(program.origin(field), field=field)
    if job.spec.slices > 1 and framework not in {"jax", "none"}:
        message = f"framework {framework} does not know slices"
        yield NO_SLICES.at(job.origin("spec.slices"), message, field="spec.slices")


def expand(job: Resolved[Training]) -> Iterator[Manifest]:
    """Everything that a run needs, then the run."""
    job = with_files(job)
    several = sum(each.pods for each in job.programs()) > 1
    yield from fetch_job.expand(job.programs())
    yield from surroundings.expand(job, together=several, ingress=ingress(job))
    yield from run(job)


def with_files(job: Resolved[Training]) -> Resolved[Training]:
    """The training, and each of its roles, with what is fetched for it."""
    own = fetched.with_files(job) if job.spec.runs_itself else job
    roles_ = {name: fetched.with_files(role) for name, role in job.parts.get("roles", {}).items()}
    return replace(own, parts={**job.parts, "roles": roles_} if roles_ else job.parts)


def ingress(job: Resolved[Training]) -> tuple[Object, ...]:
    """Rules for those who have to reach its pods besides the pods themselves."""
    asked = RUNNERS[backend.chosen(job)].ingress
    return asked() if asked else ()


def run(job: Resolved[Training]) -> Iterator[Manifest]:
    """The run alone."""
    yield from RUNNERS[backend.chosen(job)].expand(job)


def runs(job: Resolved[Training]) -> tuple[RunIntent, ...]:
    """The run that the spec asks for, whether or not it has been already, and the fetches that it waits for."""
    key, fetches = RUNNERS[backend.chosen(job)].key(job), fetch_job.runs(job.programs())
    needs = tuple(each.id for each in fetches)
    own = RunIntent(job.run_id, key, job.spec.overlap, job.spec.history, job.spec.rerun, needs=needs)
    return (own, *fetches)
