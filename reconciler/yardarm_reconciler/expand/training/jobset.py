"""Training by a JobSet: all pods start and restart together; one Job for each slice, or for each role.

https://jobset.sigs.k8s.io/docs/concepts/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import pod
from yardarm_reconciler.expand.job import DISRUPTED
from yardarm_reconciler.expand.labels import RUN
from yardarm_reconciler.expand.names import LABEL_LIMIT, run_name
from yardarm_reconciler.expand.queue import metadata_of_run
from yardarm_reconciler.expand.training.rendezvous import Meeting, variables
from yardarm_reconciler.expand.training.roles import leader_of
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Training
from yardarm_schema.workload import Program

GROUP, VERSION = "jobset.x-k8s.io", "v1alpha2"
NODE = "node"
"""Name of the only Job where all pods are alike; Kubeflow's Trainer calls it so too."""

EXCLUSIVE = "alpha.jobset.sigs.k8s.io/exclusive-topology"
POD_SUFFIX = "-abcde"
"""What the name of a Job's pod ends with, beyond its index."""


def key(job: Resolved[Training]) -> Key:
    """The JobSet."""
    return Key(GROUP, "JobSet", job.namespace, name_of(job, programs(job)))


def expand(job: Resolved[Training]) -> Iterator[Manifest]:
    """The JobSet."""
    meta = metadata_of_run(job, key(job).name)
    meta["annotations"] |= _exclusive(job)
    body = {"apiVersion": f"{GROUP}/{VERSION}", "kind": "JobSet", "metadata": meta, "spec": _spec(job)}
    yield manifest(body, job.origin("spec"))


def programs(job: Resolved[Training]) -> Mapping[str, Resolved[Program]]:
    """What runs, by the name of its Jobs in the set."""
    roles: Mapping[str, Resolved[Program]] = job.parts.get("roles", {})
    return dict(sorted(roles.items())) if roles else {NODE: job}


def name_of(job: Resolved[Training], named: Mapping[str, Resolved[Program]]) -> str:
    """The name of the set, so short that the longest name of any of its pods is a DNS label.

    https://github.com/kubernetes-sigs/jobset/blob/main/pkg/webhooks/jobset_webhook.go (podNameTooLong)
    """
    slices = job.spec.slices
    tails = (f"-{name}-{slices - 1}-{each.pods // slices - 1}{POD_SUFFIX}" for name, each in named.items())
    return run_name(job, LABEL_LIMIT - max(len(tail) for tail in tails))


def _exclusive(job: Resolved[Training]) -> dict[str, str]:
    """Where each Job of the set has a place of its own."""
    asked = job.spec.scheduling.topology
    return {EXCLUSIVE: job.environment.topologies[asked.level]} if asked and asked.exclusive else {}


def _spec(job: Resolved[Training]) -> Object:
    named = programs(job)
    spec: dict[str, Any] = {
        "failurePolicy": failure_policy(job),
        "replicatedJobs": [_replicated(job, name, each) for name, each in named.items()],
    }
    if job.parts:
        leader = {"operator": "All", "targetReplicatedJobs": [leader_of(job).part]}
        spec["successPolicy"] = leader
    return spec


def failure_policy(job: Resolved[Training]) -> Object:
    """A node that is drained restarts the set without counting; a run that took too long is not tried again."""
    drained = {
        "name": "disrupted",
        "action": "RestartJobSetAndIgnoreMaxRestarts",
        "onJobFailureReasons": ["PodFailurePolicy"],
    }
    late = {"name": "late", "action": "FailJobSet", "onJobFailureReasons": ["DeadlineExceeded"]}
    rules = [drained, late] if job.spec.deadline is not None else [drained]
    return {"maxRestarts": job.spec.retries, "rules": rules}


def _replicated(job: Resolved[Training], name: str, program: Resolved[Program]) -> Object:
    meeting = meeting_of(job, key(job).name, name, program)
    template = pod.template(
        program, variables(job, program, meeting), {RUN: job.run_id}, restart_policy="Never"
    )
    return {
        "name": name,
        "replicas": job.spec.slices,
        "template": {"spec": job_spec(job, meeting.nodes, template)},
    }


def meeting_of(job: Resolved[Training], set_name: str, name: str, program: Resolved[Program]) -> Meeting:
    """Pods of a set have names ``<set>-<job>-<number of the job>-<index>`` in a domain that is called as the set."""
    leads = leader_of(job).part if job.parts else name
    first, leader = (f"{set_name}-{each}-0-0.{set_name}" for each in (name, leads))
    return Meeting(program.pods // job.spec.slices, first, leader)


def job_spec(job: Resolved[Training], nodes: int, template: Object) -> Object:
    """One Job of the set: it fails with its first pod, and whether that is a failure the set decides."""
    spec: dict[str, Any] = {
        "completionMode": "Indexed",
        "completions": nodes,
        "parallelism": nodes,
        "backoffLimit": 0,
        "podFailurePolicy": {"rules": [{"action": "FailJob", **DISRUPTED}]},
        "template": template,
    }
    if job.spec.deadline is not None:
        spec["activeDeadlineSeconds"] = job.spec.deadline.seconds
    return spec
