"""Ends of runs: each kind of object says it in its own way."""

import pytest

from tests.builders import seen
from yardarm_reconciler.decide.ends import ENDS, end
from yardarm_reconciler.inventory.records import RunState
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.workload import RUN_KINDS

JOB = Key("batch", "Job", "nlp-dev", "a")
JOB_SET = Key("jobset.x-k8s.io", "JobSet", "nlp-dev", "a")
TRAIN_JOB = Key("trainer.kubeflow.org", "TrainJob", "nlp-dev", "a")
RAY_JOB = Key("ray.io", "RayJob", "nlp-dev", "a")
WORKFLOW = Key("argoproj.io", "Workflow", "nlp-dev", "a")
MPI_JOB = Key("kubeflow.org", "MPIJob", "nlp-dev", "a")
SPARK = Key("sparkoperator.k8s.io", "SparkApplication", "nlp-dev", "a")


def condition(kind: str, status: str = "True"):
    """A status with one condition."""
    return {"conditions": [{"type": "Suspended", "status": "False"}, {"type": kind, "status": status}]}


@pytest.mark.parametrize(
    ("key", "status", "state"),
    [
        (JOB, condition("Complete"), RunState.SUCCEEDED),
        (JOB, condition("Failed"), RunState.FAILED),
        (JOB, condition("SuccessCriteriaMet"), None),
        (JOB, {}, None),
        (JOB_SET, condition("Completed"), RunState.SUCCEEDED),
        (JOB_SET, condition("Failed"), RunState.FAILED),
        (JOB_SET, condition("Completed", "False"), None),
        (TRAIN_JOB, condition("Complete"), RunState.SUCCEEDED),
        (TRAIN_JOB, condition("Failed"), RunState.FAILED),
        (RAY_JOB, {"jobDeploymentStatus": "Complete", "jobStatus": "SUCCEEDED"}, RunState.SUCCEEDED),
        (RAY_JOB, {"jobDeploymentStatus": "Complete", "jobStatus": "STOPPED"}, RunState.FAILED),
        (RAY_JOB, {"jobDeploymentStatus": "Failed"}, RunState.FAILED),
        (RAY_JOB, {"jobDeploymentStatus": "Retrying", "jobStatus": "FAILED"}, None),
        (RAY_JOB, {"jobDeploymentStatus": "Running", "jobStatus": "RUNNING"}, None),
        (WORKFLOW, {"phase": "Succeeded"}, RunState.SUCCEEDED),
        (WORKFLOW, {"phase": "Error"}, RunState.FAILED),
        (WORKFLOW, {"phase": "Running"}, None),
        (MPI_JOB, condition("Succeeded"), RunState.SUCCEEDED),
        (MPI_JOB, condition("Failed"), RunState.FAILED),
        (MPI_JOB, condition("Restarting"), None),
        (SPARK, {"applicationState": {"state": "COMPLETED"}}, RunState.SUCCEEDED),
        (SPARK, {"applicationState": {"state": "FAILED"}}, RunState.FAILED),
        (SPARK, {"applicationState": {"state": "SUBMISSION_FAILED"}}, None),
        (Key("", "ConfigMap", "nlp-dev", "a"), condition("Complete"), None),
    ],
)
def test_an_end_is_what_the_object_itself_calls_one(key, status, state):
    """Words of one kind mean nothing in another, and a try that failed is no end while another follows."""
    assert end(seen(key, status=status)) is state


def test_every_kind_that_is_a_run_can_end():
    """One whose end nobody sees would keep the next run from beginning, for ever."""
    assert set(ENDS) == RUN_KINDS
