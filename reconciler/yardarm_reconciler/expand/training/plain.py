"""Training by Kubernetes alone: a Job for one pod, an Indexed Job with an address for each pod for several.

https://kubernetes.io/docs/tasks/job/job-with-pod-to-pod-communication/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yardarm_reconciler.expand import pod
from yardarm_reconciler.expand.job import DISRUPTED
from yardarm_reconciler.expand.labels import RUN, metadata, selector
from yardarm_reconciler.expand.names import job_limit, part_name, run_name
from yardarm_reconciler.expand.queue import metadata_of_run
from yardarm_reconciler.expand.training.rendezvous import ALONE, Meeting, variables
from yardarm_reconciler.model.manifest import Key, Manifest, Object, manifest
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.training import Training


def key(job: Resolved[Training]) -> Key:
    """The Job."""
    nodes = job.spec.nodes
    return Key("batch", "Job", job.namespace, run_name(job, job_limit(nodes if nodes > 1 else None)))


def expand(job: Resolved[Training]) -> Iterator[Manifest]:
    """The addresses, where pods need them, and the Job."""
    if job.spec.nodes > 1:
        yield _addresses(job)
    yield _job(job)


def _addresses(job: Resolved[Training]) -> Manifest:
    """A name for each pod as soon as it has an address: they look for each other before any of them is ready."""
    body = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(job, part_name(job))}
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": selector(job)}
    return manifest({**body, "spec": spec}, job.origin("spec.nodes"))


def _job(job: Resolved[Training]) -> Manifest:
    nodes, name, domain = job.spec.nodes, key(job).name, part_name(job)
    meeting = Meeting(nodes, f"{name}-0.{domain}", f"{name}-0.{domain}") if nodes > 1 else ALONE
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata_of_run(job, name)}
    return manifest({**body, "spec": spec(job, meeting, domain)}, job.origin("spec"))


def spec(job: Resolved[Training], meeting: Meeting, domain: str = "") -> Object:
    """The Job's spec. Each of the retries may cost one failure of every pod: where one fails, the others do.

    Args:
        job: the training.
        meeting: whom its pods meet.
        domain: the name under which their addresses are known, where nobody else sees to that.
    """
    nodes = job.spec.nodes
    template = pod.template(job, variables(job, job, meeting), {RUN: job.run_id}, restart_policy="Never")
    made: dict[str, Any] = {
        "backoffLimit": job.spec.retries * nodes,
        "podFailurePolicy": {"rules": [{"action": "Ignore", **DISRUPTED}]},
        "template": template,
    }
    if nodes > 1:
        made |= {"completionMode": "Indexed", "completions": nodes, "parallelism": nodes}
    if nodes > 1 and domain:
        made["template"] = {**template, "spec": {**template["spec"], "subdomain": domain}}
    if job.spec.deadline is not None:
        made["activeDeadlineSeconds"] = job.spec.deadline.seconds
    return made
