"""Objects of raw manifests that other projects run: Kubeflow's jobs, Spark, KServe."""

from __future__ import annotations

from yardarm_reconciler.health.batch import cause, queued
from yardarm_reconciler.health.subject import Subject, mapping, mappings, number, says, text
from yardarm_reconciler.model.change import Health, State
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.operators import KUBEFLOW_JOBS

SPARK_APPLICATION = GroupKind("sparkoperator.k8s.io", "SparkApplication")


def kubeflow_job(subject: Subject) -> Health:
    """https://github.com/kubeflow/training-operator/blob/release-1.9/pkg/apis/kubeflow.org/v1/common_types.go."""
    failed = subject.condition("Failed")
    if failed.get("status") == "True":
        return Health(State.FAILED, cause(failed))
    if subject.condition("Succeeded").get("status") == "True":
        return Health(State.SUCCEEDED)
    if mapping(subject.spec.get("runPolicy")).get("suspend") is True:
        return queued(subject)
    active = sum(
        number(mapping(each).get("active"))
        for each in mapping(subject.status.get("replicaStatuses")).values()
    )
    restarting = subject.condition("Restarting")
    if restarting.get("status") == "True":
        return Health(State.PROGRESSING, f"{active} pods active, {says(restarting)}")
    return Health(State.PROGRESSING, f"{active} pods active" if active else "not started yet")


def spark_application(subject: Subject) -> Health:
    """A try that failed is not the end while another follows: that is ``FAILED`` alone.

    https://github.com/kubeflow/spark-operator/blob/master/api/v1beta2/sparkapplication_types.go
    """
    told = mapping(subject.status.get("applicationState"))
    state, message = text(told.get("state")), text(told.get("errorMessage"))
    match state:
        case "COMPLETED":
            return Health(State.SUCCEEDED)
        case "FAILED":
            return Health(State.FAILED, message or "the application failed")
        case "SUBMISSION_FAILED" | "PENDING_RERUN" | "FAILING":
            return Health(State.DEGRADED, f"{state}: {message}" if message else state)
        case _:
            return Health(State.PROGRESSING, state.lower() or "not started yet")


def inference_service(subject: Subject) -> Health:
    """Ready when every component is; a model that cannot be loaded is told apart from one that loads.

    https://github.com/kserve/kserve/blob/master/pkg/apis/serving/v1beta1/inference_service_status.go
    """
    model = mapping(subject.status.get("modelStatus"))
    transition = text(model.get("transitionStatus"))
    if transition in ("BlockedByFailedLoad", "InvalidSpec"):
        failure = mapping(model.get("lastFailureInfo"))
        return Health(
            State.DEGRADED, text(failure.get("message")) or text(failure.get("reason")) or transition
        )
    ready = subject.condition("Ready")
    if ready.get("status") == "True":
        return Health(State.HEALTHY)
    missing = [
        f"{text(each.get('type'))}: {says(each)}"
        for each in mappings(subject.status.get("conditions"))
        if each.get("status") == "False" and each.get("type") != "Ready"
    ]
    return Health(State.PROGRESSING, missing[0] if missing else says(ready) or "not started yet")


RULES = {
    **{GroupKind(group, kind): kubeflow_job for group, kind in KUBEFLOW_JOBS},
    SPARK_APPLICATION: spark_application,
    GroupKind("serving.kserve.io", "InferenceService"): inference_service,
}
