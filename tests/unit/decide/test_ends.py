"""Ends of runs: each kind of object says it in its own way."""

import pytest

from tests.builders import seen
from yardarm_reconciler.decide.ends import end
from yardarm_reconciler.inventory.records import RunState
from yardarm_reconciler.model.manifest import Key

JOB = Key("batch", "Job", "nlp-dev", "a")
JOB_SET = Key("jobset.x-k8s.io", "JobSet", "nlp-dev", "a")
TRAIN_JOB = Key("trainer.kubeflow.org", "TrainJob", "nlp-dev", "a")
RAY_JOB = Key("ray.io", "RayJob", "nlp-dev", "a")


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
        (Key("", "ConfigMap", "nlp-dev", "a"), condition("Complete"), None),
    ],
)
def test_an_end_is_what_the_object_itself_calls_one(key, status, state):
    """Words of one kind mean nothing in another, and a try that failed is no end while another follows."""
    assert end(seen(key, status=status)) is state
