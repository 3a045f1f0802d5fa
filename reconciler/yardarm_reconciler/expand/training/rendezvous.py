"""How the processes of a training find each other: variables that torchrun, JAX and any other program read.

torchrun takes its options from ``PET_*``
(https://github.com/pytorch/pytorch/blob/main/torch/distributed/argparse_util.py); for JAX they are the names that
Kubeflow's Trainer sets, of which JAX reads the address by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yardarm_reconciler.expand.job import INDEX, MASTER_PORT
from yardarm_reconciler.expand.training import checkpoint
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Framework, Training
from yardarm_schema.workload import Program

TAKEN = Code(
    "name/rendezvous-variable",
    title="The variable says where the processes of the run meet",
    why="It is set for each pod anew; another value would make it wait for others that do not come.",
    bad='framework: torch, env: {PET_NNODES: "4"}',
    good="framework: torch, nodes: 4",
)

SLICE = "metadata.annotations['jobset.sigs.k8s.io/job-index']"
"""Which of the equal Jobs of a JobSet a pod is in."""

OWN: Mapping[Framework, frozenset[str]] = {
    "torch": frozenset(
        {"PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"}
    ),
    "jax": frozenset(
        {
            "JAX_COORDINATOR_ADDRESS",
            "JAX_NUM_PROCESSES",
            "JAX_PROCESS_ID",
            "MEGASCALE_COORDINATOR_ADDRESS",
            "MEGASCALE_NUM_SLICES",
            "MEGASCALE_SLICE_ID",
        }
    ),
}
"""Variables by framework that a spec may not set."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The pods of one program that meet: how many, and the addresses of the first of them and of the leader's first."""

    nodes: int
    first: str
    leader: str


ALONE = Meeting(1, "localhost", "localhost")


def check(job: Resolved[Training], program: Resolved[Program]) -> Iterator[Diagnostic]:
    """Refuse variables that are set for each pod."""
    for name in sorted(OWN.get(job.spec.framework, frozenset()) & program.spec.env.keys()):
        field = f"spec.env.{name}"
        message = f"{name} is set for each pod (framework: {job.spec.framework})"
        yield TAKEN.at(program.origin(field), message, field=field)


def variables(
    job: Resolved[Training], program: Resolved[Program], meeting: Meeting | None
) -> dict[str, Object]:
    """What a process can know of its run, of itself and of the others.

    Args:
        job: the training.
        program: its only program, or one of its roles.
        meeting: whom its processes meet; None where the framework tells them by itself.
    """
    values = {
        "YARDARM_RUN_ID": job.run_id,
        "YARDARM_DEVICES": str(_devices(program)),
        "YARDARM_NODES": str(meeting.nodes if meeting else program.pods),
        "YARDARM_SHARDS": "1",
        "YARDARM_SHARD_INDEX": "0",
    }
    saved_in = checkpoint.directory(job)
    if saved_in is not None:
        values["YARDARM_CHECKPOINT_DIR"] = saved_in
    if program.part and job.parts:
        values["YARDARM_ROLE"] = program.part
    found: dict[str, Object] = {name: {"value": value} for name, value in values.items()}
    if job.spec.slices > 1:
        found |= {"YARDARM_SLICES": {"value": str(job.spec.slices)}, "YARDARM_SLICE_INDEX": _field(SLICE)}
    if meeting is None:
        return found
    found["YARDARM_NODE_RANK"] = _rank(meeting)
    found["YARDARM_MASTER_ADDR"] = {"value": meeting.leader}
    found["YARDARM_MASTER_PORT"] = {"value": MASTER_PORT}
    return {**found, **_of_framework(job, program, meeting)}


def _of_framework(
    job: Resolved[Training], program: Resolved[Program], meeting: Meeting
) -> Mapping[str, Object]:
    match job.spec.framework:
        case "torch":
            return {
                "PET_NNODES": {"value": str(meeting.nodes)},
                "PET_NPROC_PER_NODE": {"value": str(processes(program))},
                "PET_NODE_RANK": _rank(meeting),
                "PET_MASTER_ADDR": {"value": meeting.first},
                "PET_MASTER_PORT": {"value": MASTER_PORT},
            }
        case "jax" if job.spec.slices > 1:
            # Within a slice the TPU's own environment numbers the processes, and JAX counts on from these:
            # https://github.com/jax-ml/jax/blob/main/jax/_src/clusters/cloud_tpu_cluster.py
            return {
                "MEGASCALE_COORDINATOR_ADDRESS": {"value": meeting.first},
                "MEGASCALE_NUM_SLICES": {"value": str(job.spec.slices)},
                "MEGASCALE_SLICE_ID": _field(SLICE),
            }
        case "jax":
            return {
                "JAX_COORDINATOR_ADDRESS": {"value": f"{meeting.first}:{MASTER_PORT}"},
                "JAX_NUM_PROCESSES": {"value": str(meeting.nodes)},
                "JAX_PROCESS_ID": _rank(meeting),
            }
        case _:
            return {}


def processes(program: Resolved[Program]) -> int:
    """How many processes run in each pod: what the spec says, else one for each device, else one."""
    asked: int | None = getattr(program.spec, "procs_per_node", None)
    return asked or _devices(program) or 1


def _devices(program: Resolved[Program]) -> int:
    return program.accelerator.count if program.accelerator else 0


def _rank(meeting: Meeting) -> Object:
    return {"value": "0"} if meeting is ALONE else _field(INDEX)


def _field(path: str) -> Object:
    return {"valueFrom": {"fieldRef": {"fieldPath": path}}}
