"""How a run ended, by what its own kind of object says. Anything else that it says is no end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from yardarm_reconciler.inventory.records import RunState
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.operators import KUBEFLOW_JOBS
from yardarm_reconciler.ports import Seen

Status = Mapping[str, Any]


def end(seen: Seen) -> RunState | None:
    """Succeeded or failed; None while it runs, and for an object that nobody runs."""
    judge = ENDS.get(seen.key.group_kind)
    return judge(orjson.loads(seen.body).get("status") or {}) if judge else None


def _by_condition(succeeded: str, failed: str) -> Callable[[Status], RunState | None]:
    def judge(status: Status) -> RunState | None:
        conditions = status.get("conditions") or ()
        true = {each.get("type") for each in conditions if each.get("status") == "True"}
        if succeeded in true:
            return RunState.SUCCEEDED
        return RunState.FAILED if failed in true else None

    return judge


def _ray_job(status: Status) -> RunState | None:
    """What runs is the deployment: with retries left a job that failed is begun again in a cluster of its own.

    https://github.com/ray-project/kuberay/blob/master/ray-operator/apis/ray/v1/rayjob_types.go
    """
    match status.get("jobDeploymentStatus"):
        case "Complete":
            return RunState.SUCCEEDED if status.get("jobStatus") == "SUCCEEDED" else RunState.FAILED
        case "Failed":
            return RunState.FAILED
        case _:
            return None


def _workflow(status: Status) -> RunState | None:
    match status.get("phase"):
        case "Succeeded":
            return RunState.SUCCEEDED
        case "Failed" | "Error":
            return RunState.FAILED
        case _:
            return None


def _spark(status: Status) -> RunState | None:
    """States that it leaves again, such as a failure to submit, are no end.

    https://github.com/kubeflow/spark-operator/blob/master/api/v1beta2/sparkapplication_types.go
    """
    match (status.get("applicationState") or {}).get("state"):
        case "COMPLETED":
            return RunState.SUCCEEDED
        case "FAILED":
            return RunState.FAILED
        case _:
            return None


ENDS: Mapping[GroupKind, Callable[[Status], RunState | None]] = {
    GroupKind("batch", "Job"): _by_condition("Complete", "Failed"),
    GroupKind("jobset.x-k8s.io", "JobSet"): _by_condition("Completed", "Failed"),
    GroupKind("trainer.kubeflow.org", "TrainJob"): _by_condition("Complete", "Failed"),
    GroupKind("ray.io", "RayJob"): _ray_job,
    GroupKind("argoproj.io", "Workflow"): _workflow,
    **{GroupKind(group, kind): _by_condition("Succeeded", "Failed") for group, kind in KUBEFLOW_JOBS},
    GroupKind("sparkoperator.k8s.io", "SparkApplication"): _spark,
}
"""By group and kind, how an object says that its run is over."""
