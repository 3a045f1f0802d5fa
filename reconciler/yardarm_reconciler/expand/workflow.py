"""A pipeline on a schedule: a CronWorkflow of Argo, each of whose steps makes the very object that would run it alone.

What makes these objects is an account of its own, with the rights to make them and no others: the steps' own pods
have it not. https://argo-workflows.readthedocs.io/en/latest/walk-through/kubernetes-resources/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand.labels import PART, labels, metadata, selector
from yardarm_reconciler.expand.names import BY_ENGINE, CRON_LIMIT, CRON_TAIL, LABEL_LIMIT, derived
from yardarm_reconciler.expand.schedule import check_schedule
from yardarm_reconciler.model.manifest import Manifest, Object, canonical, manifest
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.pod_template import as_text
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.pipeline import Pipeline
from yardarm_schema.schedule import Schedule

TEMPLATED = Code(
    "field/argo-template",
    title="Argo would read this as a template of its own",
    why="In a scheduled pipeline what stands between two braces is replaced by Argo before the program sees it.",
    bad="run: \"jinja2 '{{ name }}'\"",
    good="files: {/etc/app/page.j2: {path: app/page.j2}}, which Argo does not read",
)
NOT_WATCHED = Code(
    "field/step-backend",
    title="Argo cannot tell when such a step is over",
    why="It looks at single fields of an object, and a TrainJob says in a list of conditions that it is done.",
    bad="schedule: {…}, steps: {train: {kind: TrainingJob, framework: mpi}}",
    good="schedule: {…}, steps: {train: {kind: TrainingJob, framework: torch, backend: jobset}}",
)

ARGO = "argoproj.io"
STARTER = "yardarm-starts"
"""What the pods are called, as a part, that make the objects of the steps."""

API_SERVER_PORTS = (443, 6443)
"""Where Kubernetes answers: as a Service, and as the machines behind it that a policy sees in the end."""

ENDS: Mapping[str, tuple[str, str]] = {
    "Job": (
        "status.completionTime",
        ",".join(f"status.conditions.{index}.type == Failed" for index in range(5)),
    ),
    "JobSet": ("status.terminalState == Completed", "status.terminalState == Failed"),
    "RayJob": (
        "status.jobStatus == SUCCEEDED",
        "status.jobDeploymentStatus == Failed,status.jobStatus == STOPPED",
    ),
}
"""By kind, what Argo sees that it succeeded by, and that it failed by: for a success all must hold, for a failure any.

https://github.com/argoproj/argo-workflows/blob/main/workflow/executor/resource.go (matchConditions). A Job has a time
of completion only where it succeeded; its conditions are in no order.
"""

PLURALS = {"Job": "jobs", "JobSet": "jobsets", "RayJob": "rayjobs"}
CONCURRENCY = {"allow": "Allow", "forbid": "Forbid", "replace": "Replace"}


def check(
    pipeline: Resolved[Pipeline], schedule: Schedule, steps: Mapping[str, Manifest]
) -> Iterator[Diagnostic]:
    """Refuse what Argo would not do as it is meant."""
    yield from check_schedule(pipeline, schedule)
    for name, item in steps.items():
        field = f"spec.steps.{name}"
        if item.key.kind not in ENDS:
            message = f"step {name} is a {item.key.kind}"
            yield NOT_WATCHED.at(pipeline.origin(field), message, field=field)
        if b"{{" in canonical(item.body).replace(BY_ENGINE.encode(), b""):
            yield TEMPLATED.at(pipeline.origin(field), field=field)


def expand(
    pipeline: Resolved[Pipeline], schedule: Schedule, steps: Mapping[str, Manifest]
) -> Iterator[Manifest]:
    """The account that makes the runs, the way to the API server that it needs, and the workflow.

    Args:
        pipeline: the whole.
        schedule: when it runs.
        steps: the object that runs each, named and labelled by what Argo puts in.
    """
    origin = pipeline.origin("spec.schedule")
    yield from (manifest(body, origin) for body in _account(pipeline, steps.values()))
    yield manifest(_policy(pipeline), origin)
    yield manifest(_cron_workflow(pipeline, schedule, steps), origin)


def _starter(pipeline: Resolved[Pipeline]) -> str:
    return derived(pipeline.name, STARTER)


def _account(pipeline: Resolved[Pipeline], steps: Iterable[Manifest]) -> Iterator[Object]:
    """Who may make the objects of the steps, and tell Argo what became of them."""
    meta = metadata(pipeline, _starter(pipeline))
    kinds = sorted({each.key.group_kind for each in steps})
    rules = [
        {"apiGroups": [kind.group], "resources": [PLURALS[kind.kind]], "verbs": ["create", "get"]}
        for kind in kinds
    ]
    rules.append({"apiGroups": [ARGO], "resources": ["workflowtaskresults"], "verbs": ["create", "patch"]})
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": meta}
    account = {"kind": "ServiceAccount", "name": meta["name"], "namespace": pipeline.namespace}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": meta["name"]}
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta,
        "automountServiceAccountToken": False,
    }
    yield {**rbac, "kind": "Role", "rules": rules}
    yield {**rbac, "kind": "RoleBinding", "roleRef": role, "subjects": [account]}


def _policy(pipeline: Resolved[Pipeline]) -> Object:
    """The pods that make them reach the API server, whose address no spec knows."""
    ports = [{"port": port, "protocol": "TCP"} for port in API_SERVER_PORTS]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(pipeline, _starter(pipeline)),
        "spec": {
            "podSelector": {"matchLabels": {**selector(pipeline), PART: STARTER}},
            "policyTypes": ["Egress"],
            "egress": [{"ports": ports}],
        },
    }


def _cron_workflow(pipeline: Resolved[Pipeline], schedule: Schedule, steps: Mapping[str, Manifest]) -> Object:
    parts = pipeline.parts["steps"]
    history = max(step.spec.history for step in parts.values())
    tasks = [
        {
            "name": name,
            "template": name,
            **({"dependencies": list(parts[name].spec.needs)} if parts[name].spec.needs else {}),
        }
        for name in steps
    ]
    workflow: Object = {
        "entrypoint": STARTER,
        "serviceAccountName": _starter(pipeline),
        "automountServiceAccountToken": True,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "podMetadata": {"labels": {**labels(pipeline), PART: STARTER}},
        "templates": [
            {"name": STARTER, "dag": {"tasks": tasks}},
            *({"name": name, "resource": _resource(item)} for name, item in steps.items()),
        ],
    }
    spec: dict[str, Any] = {
        "schedules": [schedule.cron.plain()],
        "timezone": schedule.time_zone,
        "concurrencyPolicy": CONCURRENCY[schedule.concurrency],
        "successfulJobsHistoryLimit": history,
        "failedJobsHistoryLimit": history,
        "workflowMetadata": {"labels": labels(pipeline)},
        "workflowSpec": workflow,
    }
    if schedule.start_within is not None:
        spec["startingDeadlineSeconds"] = schedule.start_within.seconds
    meta = metadata(pipeline, derived(pipeline.name, limit=_limit(steps)))
    return {"apiVersion": f"{ARGO}/v1alpha1", "kind": "CronWorkflow", "metadata": meta, "spec": spec}


def _resource(item: Manifest) -> Object:
    """How Argo makes an object and sees its end; it goes with the workflow, as history keeps that."""
    succeeded, failed = ENDS[item.key.kind]
    return {
        "action": "create",
        "setOwnerReference": True,
        "manifest": as_text(item.body),
        "successCondition": succeeded,
        "failureCondition": failed,
    }


def _limit(steps: Mapping[str, Manifest]) -> int:
    """Most characters of the workflow's name, so that the names of what the steps make are short enough too."""
    tails = (len(item.key.name) - len(BY_ENGINE) + _pod_tail(item.body) for item in steps.values())
    return min(CRON_LIMIT, LABEL_LIMIT - CRON_TAIL - max(tails))


def _pod_tail(body: Object) -> int:
    """Characters that come behind the name of an object in the host name of its pods."""
    if body["kind"] == "JobSet":
        jobs = body["spec"]["replicatedJobs"]
        return max(len(f"-{each['name']}-{each['replicas'] - 1}-0000-abcde") for each in jobs)
    completions = body["spec"].get("completions")
    return len(f"-{completions - 1}") if completions else len("-abcde")
