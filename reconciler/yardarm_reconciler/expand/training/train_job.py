"""Training by a TrainJob of Kubeflow, with a runtime of its own: what runs is in git, not in the cluster's catalogue.

For MPI it makes the hosts file and the keys by which the launcher reaches its workers, and for that it knows Jobs and
containers by name: https://github.com/kubeflow/trainer/blob/master/pkg/runtime/framework/plugins/mpi/mpi.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yardarm_reconciler.expand import pod
from yardarm_reconciler.expand.labels import RUN, metadata
from yardarm_reconciler.expand.queue import metadata_of_run
from yardarm_reconciler.expand.training import jobset
from yardarm_reconciler.expand.training.rendezvous import Meeting, processes, variables
from yardarm_reconciler.expand.training.roles import leader_of, roles_of
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.walks import ANCESTOR, NODE, TRAINER
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Training
from yardarm_schema.workload import Program

TWO_ROLES = Code(
    "field/launcher-and-workers",
    title="MPI has one launcher, and workers that it starts processes on",
    why="The launcher reads a hosts file in which the workers stand; nobody would start anything in another role.",
    bad="framework: mpi, roles: {launcher: {leader: true, nodes: 2}, worker: {…}, extra: {…}}",
    good="framework: mpi, roles: {launcher: {leader: true}, worker: {nodes: 4}}",
)

GROUP, VERSION = "trainer.kubeflow.org", "v1alpha1"
LAUNCHER = "launcher"
HOME = "/home/mpiuser"
"""Of the user that the images of MPI projects run as: https://github.com/kubeflow/mpi-operator/tree/master/build/base"""

LISTEN = ("/usr/sbin/sshd", "-De", "-f", f"{HOME}/.sshd_config")
"""What a worker does that says nothing else; for users other than root, as these images are set up."""


@dataclass(frozen=True, slots=True)
class Member:
    """One Job of the set: whose pods it has and how many, whether it waits to be told, and whether it is the trainer."""

    program: Resolved[Program]
    nodes: int
    listens: bool
    trainer: bool


def check(job: Resolved[Training]) -> Iterator[Diagnostic]:
    """Refuse roles that MPI does not have."""
    roles = roles_of(job)
    if roles and (len(roles) != 2 or leader_of(job).pods != 1):  # noqa: PLR2004 - launcher and workers
        yield TWO_ROLES.at(job.origin("spec.roles"), field="spec.roles")


def key(job: Resolved[Training]) -> Key:
    """The TrainJob."""
    named = {name: member.program for name, member in _members(job).items()}
    return Key(GROUP, "TrainJob", job.namespace, jobset.name_of(job, named))


def expand(job: Resolved[Training]) -> Iterator[Manifest]:
    """The runtime, then the TrainJob of it; both immutable, so both are named by what they compute."""
    name = key(job).name
    meta = metadata_of_run(job, name)
    api = {"apiVersion": f"{GROUP}/{VERSION}"}
    runtime = {**api, "kind": "TrainingRuntime", "metadata": metadata(job, name), "spec": _runtime(job, name)}
    yield manifest(runtime, job.origin("spec"))
    asked = {
        "runtimeRef": {"apiGroup": GROUP, "kind": "TrainingRuntime", "name": name},
        "trainer": _numbers(job, "numNodes"),
    }
    yield manifest({**api, "kind": "TrainJob", "metadata": meta, "spec": asked}, job.origin("spec"))


def _members(job: Resolved[Training]) -> Mapping[str, Member]:
    """The Jobs by name. Where all pods are alike, the first of those of MPI launches, and computes too."""
    if job.spec.framework != "mpi":
        return {NODE: Member(job, job.pods, listens=False, trainer=True)}
    roles = roles_of(job)
    if roles:
        launcher = leader_of(job)
        workers = next(each for each in roles.values() if each is not launcher)
        return {
            LAUNCHER: Member(launcher, 1, listens=False, trainer=True),
            NODE: Member(workers, workers.pods, listens=_says_nothing(workers), trainer=False),
        }
    others = {NODE: Member(job, job.pods - 1, listens=True, trainer=False)} if job.pods > 1 else {}
    return {LAUNCHER: Member(job, 1, listens=False, trainer=True), **others}


def _says_nothing(program: Resolved[Program]) -> bool:
    spec = program.spec
    return spec.run is None and spec.command is None and spec.args is None


def _runtime(job: Resolved[Training], name: str) -> Object:
    members = _members(job)
    spec: dict[str, Any] = {
        "failurePolicy": jobset.failure_policy(job),
        "replicatedJobs": [_job(job, name, each, member) for each, member in members.items()],
    }
    if job.spec.framework == "mpi":
        spec["successPolicy"] = {"operator": "All", "targetReplicatedJobs": [LAUNCHER]}
    return {"mlPolicy": _policy(job), "template": {"spec": spec}}


def _policy(job: Resolved[Training]) -> Object:
    """How the trainer lets the processes find each other: ``numNodes`` counts the pods of the Job that is the trainer."""
    match job.spec.framework:
        case "mpi":
            home = job.spec.env.get("HOME")
            return {
                "numNodes": 1,
                "mpi": {
                    "mpiImplementation": "OpenMPI",
                    "numProcPerNode": processes(_members(job).get(NODE, _members(job)[LAUNCHER]).program),
                    "runLauncherAsNode": not job.parts,
                    "sshAuthMountPath": f"{home if isinstance(home, str) else HOME}/.ssh",
                },
            }
        case "torch":
            return {"numNodes": job.pods, "torch": {"numProcPerNode": processes(job)}}
        case _:
            return {"numNodes": job.pods}


def _numbers(job: Resolved[Training], nodes: str) -> Object:
    """How many nodes, and how many processes on each; said again, so that no guess replaces a single process."""
    members = _members(job)
    if job.spec.framework == "mpi":
        workers = members.get(NODE, members[LAUNCHER])
        many = workers.nodes if job.parts else job.pods
        return {nodes: many, "numProcPerNode": processes(workers.program)}
    if job.spec.framework == "torch":
        return {nodes: job.pods, "numProcPerNode": processes(job)}
    return {nodes: job.pods}


def _job(job: Resolved[Training], set_name: str, name: str, member: Member) -> Object:
    first = f"{set_name}-{name}-0-0.{set_name}"
    leader = f"{set_name}-{LAUNCHER}-0-0.{set_name}" if job.spec.framework == "mpi" else first
    meeting = Meeting(member.nodes, first, leader)
    template = pod.template(
        member.program, variables(job, member.program, meeting), {RUN: job.run_id}, restart_policy="Never"
    )
    labels = {"metadata": {"labels": {ANCESTOR: TRAINER}}} if member.trainer else {}
    made = jobset.job_spec(job, member.nodes, _known_as_node(template, listens=member.listens))
    return {"name": name, "replicas": 1, "template": {**labels, "spec": made}}


def _known_as_node(template: Object, *, listens: bool) -> Object:
    """The template with its container under the name that the trainer looks for, and waiting for orders where it shall."""
    container = {**template["spec"]["containers"][0], "name": NODE}
    if listens:
        container = {name: value for name, value in container.items() if name != "args"}
        container["command"] = list(LISTEN)
    return {**template, "spec": {**template["spec"], "containers": [container]}}
