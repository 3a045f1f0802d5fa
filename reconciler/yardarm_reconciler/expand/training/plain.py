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
from yardarm_reconciler.model.manifest import Key, Manifest, manifest
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
    """Each of the retries may cost one failure of every pod: where one fails, the others do."""
    nodes, name = job.spec.nodes, key(job).name
    address = f"{name}-0.{part_name(job)}"
    meeting = Meeting(nodes, address, address) if nodes > 1 else ALONE
    template = pod.template(job, variables(job, job, meeting), {RUN: job.run_id}, restart_policy="Never")
    spec: dict[str, Any] = {
        "backoffLimit": job.spec.retries * nodes,
        "podFailurePolicy": {"rules": [{"action": "Ignore", **DISRUPTED}]},
        "template": template,
    }
    if nodes > 1:
        known = {**template["spec"], "subdomain": part_name(job)}
        spec |= {"completionMode": "Indexed", "completions": nodes, "parallelism": nodes}
        spec["template"] = {**template, "spec": known}
    if job.spec.deadline is not None:
        spec["activeDeadlineSeconds"] = job.spec.deadline.seconds
    meta = metadata_of_run(job, name)
    body = {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec}
    return manifest(body, job.origin("spec"))
