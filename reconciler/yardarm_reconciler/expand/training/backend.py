"""What runs a training: the choice, and what each of the choices can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from yardarm_reconciler.expand import capabilities
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.capabilities import Capability
from yardarm_schema.training import Framework, Training

CANNOT = Code(
    "field/backend-cannot",
    title="What shall run the training cannot do this",
    why="A Job knows neither roles nor slices, MPI needs hosts files and keys that a TrainJob makes, Ray a cluster of its own.",
    bad="backend: job, roles: {launcher: {…}, worker: {…}}",
    good="backend: jobset, roles: {launcher: {…}, worker: {…}}",
)

Chosen: TypeAlias = Literal["job", "jobset", "trainer", "ray"]


@dataclass(frozen=True, slots=True)
class Able:
    """What one backend can do, and what it needs."""

    frameworks: frozenset[Framework]
    slices: bool
    roles: frozenset[Framework]
    needs: Capability | None
    kind: str


_ANY: frozenset[Framework] = frozenset({"torch", "jax", "none"})

BACKENDS: Mapping[Chosen, Able] = {
    "job": Able(_ANY, slices=False, roles=frozenset(), needs=None, kind="Job"),
    "jobset": Able(_ANY, slices=True, roles=_ANY, needs="jobset", kind="JobSet"),
    "trainer": Able(_ANY | {"mpi"}, slices=False, roles=frozenset({"mpi"}), needs="trainer", kind="TrainJob"),
    "ray": Able(frozenset({"ray"}), slices=False, roles=frozenset({"ray"}), needs="kuberay", kind="RayJob"),
}


def chosen(job: Resolved[Training]) -> Chosen:
    """The backend that the spec names, else what suits it and the environment has.

    One pod needs nothing but a Job. For several a JobSet restarts all of them together, which a Job does not; a
    TrainJob is taken where there is no JobSet to be had without it.
    """
    spec = job.spec
    if spec.backend != "auto":
        return spec.backend
    if spec.framework == "ray":
        return "ray"
    if spec.framework == "mpi":
        return "trainer"
    if not job.parts and spec.pods().most == 1:
        return "job"
    if job.parts or spec.slices > 1 or capabilities.has(job, "jobset"):
        return "jobset"
    return "trainer" if capabilities.has(job, "trainer") else "job"


def check(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """Refuse a backend that cannot run it, or that the environment lacks."""
    backend = chosen(job)
    able = BACKENDS[backend]
    spec, why = job.spec, _asked_by(job)
    if spec.framework not in able.frameworks:
        yield _cannot(job, why, able, f"framework {spec.framework}")
    elif job.parts and spec.framework not in able.roles:
        yield _cannot(job, "spec.roles", able, f"roles with framework {spec.framework}")
    elif spec.slices > 1 and not able.slices:
        yield _cannot(job, "spec.slices", able, f"{spec.slices} slices")
    elif spec.scheduling.topology and spec.scheduling.topology.exclusive and backend != "jobset":
        yield _cannot(job, "spec.scheduling.topology.exclusive", able, "place for itself")
    elif able.needs is not None:
        yield from capabilities.require(job, why, able.needs, what=f"a {able.kind}, for {_said(job, why)},")


def _asked_by(job: Resolved[Training]) -> str:
    """The field that decides about the backend."""
    spec = job.spec
    if spec.backend != "auto":
        return "spec.backend"
    if spec.framework in {"ray", "mpi"}:
        return "spec.framework"
    if job.parts:
        return "spec.roles"
    return "spec.slices" if spec.slices > 1 else "spec.nodes"


def _said(job: Resolved[Training], field: str) -> str:
    """A field as it is written, in a message."""
    name = field.removeprefix("spec.")
    value: Any = getattr(job.spec, name)
    return name if name == "roles" else f"{name}: {value}"


def _cannot(job: Resolved[Training], field: str, able: Able, what: str) -> Diagnostic:
    fits = [name for name, each in BACKENDS.items() if job.spec.framework in each.frameworks]
    note = f"{job.spec.framework} runs as: {', '.join(fits)}"
    return CANNOT.at(job.origin(field), f"a {able.kind} has no {what}", note=note, field=field)
