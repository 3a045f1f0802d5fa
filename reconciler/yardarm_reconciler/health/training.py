"""Work of several Jobs, or of other engines: JobSet, Kubeflow's TrainJob, KubeRay, Argo Workflows."""

from __future__ import annotations

from yardarm_reconciler.health.batch import cause, queued
from yardarm_reconciler.health.subject import Subject, mappings, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind


def job_set(subject: Subject) -> Health:
    """It runs until it is completed or has failed: Jobs that are ready are not done.

    https://github.com/kubernetes-sigs/jobset/blob/main/api/jobset/v1alpha2/jobset_types.go
    """
    ended = _ended(subject, "Completed")
    restarts = number(subject.status.get("restarts"))
    return ended or _jobs(subject, "replicatedJobsStatus", restarts)


def train_job(subject: Subject) -> Health:
    """As the JobSet that it makes.

    https://github.com/kubeflow/trainer/blob/master/pkg/apis/trainer/v1alpha1/trainjob_types.go
    """
    return _ended(subject, "Complete") or _jobs(subject, "jobsStatus", 0)


def ray_job(subject: Subject) -> Health:
    """The deployment decides: a job that failed is tried again in a cluster of its own while it may be.

    https://github.com/ray-project/kuberay/blob/master/ray-operator/apis/ray/v1/rayjob_types.go
    """
    status = subject.status
    deployed, job = text(status.get("jobDeploymentStatus")), text(status.get("jobStatus"))
    if deployed == "Failed" or (deployed == "Complete" and job != "SUCCEEDED"):
        reason, message = text(status.get("reason")), text(status.get("message"))
        return Health(
            State.FAILED, ": ".join(each for each in (reason, message) if each) or f"Ray says {job}"
        )
    if deployed == "Complete":
        return Health(State.SUCCEEDED)
    if subject.spec.get("suspend") is True or deployed == "Suspended":
        return queued(subject)
    told = f"{deployed or 'not started yet'}{f', the job is {job}' if job else ''}"
    failed = number(status.get("failed"))
    return Health(State.PROGRESSING, told + (f", {failed} failed before" if failed else ""))


def ray_cluster(subject: Subject) -> Health:
    """Its operator says ready once, when all workers were there; what fails later it says in conditions.

    https://github.com/ray-project/kuberay/blob/master/ray-operator/apis/ray/v1/raycluster_types.go
    """
    status = subject.status
    failing = subject.condition("ReplicaFailure")
    if failing.get("status") == "True":
        return Health(State.DEGRADED, says(failing))
    if subject.spec.get("suspend") is True or status.get("state") == "suspended":
        return queued(subject)
    ready, wanted = (number(status.get(f"{what}WorkerReplicas")) for what in ("ready", "desired"))
    if status.get("state") == "ready" and ready >= wanted:
        return Health(State.HEALTHY)
    return Health(State.PROGRESSING, f"{ready} of {wanted} workers ready")


def workflow(subject: Subject) -> Health:
    """https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1/workflow_types.go (WorkflowPhase)."""
    phase, message = text(subject.status.get("phase")), text(subject.status.get("message"))
    match phase:
        case "Succeeded":
            return Health(State.SUCCEEDED)
        case "Failed" | "Error":
            return Health(State.FAILED, message or phase)
        case _ if subject.spec.get("suspend") is True:
            return Health(State.SUSPENDED, "suspended (spec.suspend)")
        case _:
            progress = text(subject.status.get("progress"))
            return Health(
                State.PROGRESSING, f"{progress} steps done" if progress else phase or "not started yet"
            )


def cron_workflow(subject: Subject) -> Health:
    """A schedule works when its workflows can be made; how they end is told by themselves.

    https://github.com/argoproj/argo-workflows/blob/main/pkg/apis/workflow/v1alpha1/cron_workflow_types.go
    """
    if subject.spec.get("suspend") is True:
        return Health(State.SUSPENDED, "suspended (spec.suspend)")
    for kind, state in (("SpecError", State.FAILED), ("SubmissionError", State.DEGRADED)):
        wrong = subject.condition(kind)
        if wrong.get("status") == "True":
            return Health(state, says(wrong))
    return Health(State.HEALTHY)


def _ended(subject: Subject, completed: str) -> Health | None:
    """How it ended, or that it waits; None while it runs."""
    failed = subject.condition("Failed")
    if failed.get("status") == "True":
        return Health(State.FAILED, cause(failed))
    if subject.condition(completed).get("status") == "True":
        return Health(State.SUCCEEDED)
    return queued(subject) if subject.spec.get("suspend") is True else None


def _jobs(subject: Subject, field: str, restarts: int) -> Health:
    """How many of its Jobs do what."""
    jobs = list(mappings(subject.status.get(field)))
    if not jobs:
        return Health(State.PROGRESSING, "not started yet")
    counts = {
        what: sum(number(each.get(what)) for each in jobs)
        for what in ("ready", "active", "succeeded", "failed")
    }
    told = [f"{count} {what}" for what, count in counts.items() if count] or ["none active"]
    again = [f"{restarts} restart{'' if restarts == 1 else 's'}"] if restarts else []
    return Health(State.PROGRESSING, ", ".join([f"Jobs: {told[0]}", *told[1:], *again]))


RULES = {
    GroupKind("jobset.x-k8s.io", "JobSet"): job_set,
    GroupKind("trainer.kubeflow.org", "TrainJob"): train_job,
    GroupKind("ray.io", "RayJob"): ray_job,
    GroupKind("ray.io", "RayCluster"): ray_cluster,
    GroupKind("argoproj.io", "Workflow"): workflow,
    GroupKind("argoproj.io", "CronWorkflow"): cron_workflow,
}
