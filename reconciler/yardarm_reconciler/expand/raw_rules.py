"""What raw manifests may be: objects of kinds that harm nobody else, in the team's namespace, with pods that are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yardarm_reconciler.expand import shape
from yardarm_reconciler.model import walker
from yardarm_reconciler.model.declared import Declared
from yardarm_reconciler.model.node import Node, place_at, plain
from yardarm_reconciler.model.origin import Code, Diagnostic
from yardarm_reconciler.model.typed import MISSING
from yardarm_reconciler.model.workload import Resolved
from yardarm_schema.capabilities import Capability
from yardarm_schema.raw_resources import RawResources

NOT_ADMITTED = Code(
    "policy/resource-kind",
    title="The environment admits no such objects",
    why="RawResources hold what is known to be harmless to others; Environment.policy.resources may name more kinds.",
    bad="inline: {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, …}",
    good="identity: {rules: […]}",
)
SECRET = Code(
    "security/raw-secret",
    title="A Secret cannot come from git",
    why="What is committed is known to everyone who can read the repository, for ever.",
    bad="inline: {apiVersion: v1, kind: Secret, …}",
    good="an ExternalSecret, or secrets: {NAME: {key: path/in/store}}",
)
NAMESPACE = Code(
    "policy/resource-namespace",
    title="The object names a namespace that is not the team's",
    why="A team's objects lie in its own namespace, where its quota and its policies hold.",
    bad="metadata: {name: a, namespace: kube-system}",
    good="metadata: {name: a}",
)
MALFORMED = Code(
    "document/not-an-object",
    title="This is no object of Kubernetes",
    why="An object is a map with apiVersion, kind and metadata.name, of the shape that its kind has.",
    bad="kind: Deployment, spec: {replicas: 1}",
    good="apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {…}",
)
UNACCOUNTED = Code(
    "accelerator/unaccounted",
    title="The object makes pods in a way that is not known",
    why="What its pods ask for could not be counted, so no limit and no budget would hold it.",
    bad="a custom resource with containers, of a kind that Yardarm does not know",
    good="Environment.accounting for the kind, or one that is known: JobSet, TrainJob, RayCluster, PyTorchJob, InferenceService, SparkApplication, Workflow, …",
)
STRANGE_SCALER = Code(
    "policy/resource-scaler",
    title="The scaler is of something that is not in these manifests",
    why="Two that decide the replicas of one object fight for ever, past the maximum that was counted.",
    bad="a HorizontalPodAutoscaler of a Service's Deployment",
    good="scaling: {min: 1, max: 4, metric: cpu, target: 70%}",
)

USUAL = frozenset(
    {
        "ConfigMap",
        "PersistentVolumeClaim",
        "Service",
        "ServiceAccount",
        "CronJob.batch",
        "DaemonSet.apps",
        "Deployment.apps",
        "HorizontalPodAutoscaler.autoscaling",
        "Job.batch",
        "PodDisruptionBudget.policy",
        "StatefulSet.apps",
    }
)
"""Kinds that harm nobody else, once their pods are held to the rules."""

WITH: Mapping[str, Capability] = {
    "CronWorkflow.argoproj.io": "argoWorkflows",
    "ExternalSecret.external-secrets.io": "externalSecrets",
    "JobSet.jobset.x-k8s.io": "jobset",
    "LeaderWorkerSet.leaderworkerset.x-k8s.io": "lws",
    "PodMonitor.monitoring.coreos.com": "prometheusOperator",
    "PrometheusRule.monitoring.coreos.com": "prometheusOperator",
    "RayCluster.ray.io": "kuberay",
    "RayJob.ray.io": "kuberay",
    "RayService.ray.io": "kuberay",
    "ScaledObject.keda.sh": "keda",
    "ServiceMonitor.monitoring.coreos.com": "prometheusOperator",
    "TrainJob.trainer.kubeflow.org": "trainer",
    "TrainingRuntime.trainer.kubeflow.org": "trainer",
    "Workflow.argoproj.io": "argoWorkflows",
}
"""Kinds that are admitted where the environment has what acts on them."""


def check(workload: Resolved[RawResources]) -> Iterator[Diagnostic]:
    """What is wrong with the objects, each at its own line."""
    sound = []
    for node in workload.raw:
        problem = _malformed(node) or _refused(workload, node) or _pods(workload, node)
        if problem is not None:
            yield problem
        else:
            sound.append(node)
    names = {(kind_of(body), body["metadata"]["name"]) for body in map(_body, sound)}
    for node in sound:
        yield from _scaler(node, names, workload.environment.accounting)
        yield from _runtime(node, names)


def _body(node: Node) -> Any:  # noqa: ANN401 - JSON
    return plain(node)


def _malformed(node: Node) -> Diagnostic | None:
    """Why a document is no object at all."""
    body = _body(node)
    if not isinstance(body, Mapping):
        return MALFORMED.at(node.place, "an object is a map")
    for field in ("apiVersion", "kind"):
        if not isinstance(body.get(field), str) or not body[field]:
            return MISSING.at(node.place, f"{field} is missing", fix=f"add {field}", field=field)
    meta, place = body.get("metadata"), place_at(node, ("metadata",))
    if not isinstance(meta, Mapping) or not isinstance(meta.get("name"), str) or not meta["name"]:
        return MISSING.at(place, "name is missing", fix="add name", field="metadata.name")
    for field in ("labels", "annotations"):
        values = meta.get(field) or {}
        if not isinstance(values, Mapping) or not all(isinstance(each, str) for each in values.values()):
            return MALFORMED.at(place_at(node, ("metadata", field)), f"{field} are texts by name")
    if not isinstance(body.get("spec", {}), Mapping):
        return MALFORMED.at(place_at(node, ("spec",)), "its spec is a map")
    return None


def _refused(workload: Resolved[RawResources], node: Node) -> Diagnostic | None:
    """Why an object may not be here."""
    body = _body(node)
    kind, place, here = kind_of(body), place_at(node, ("kind",)), workload.environment_name
    if kind == "Secret":
        return SECRET.at(place, f"Secret {body['metadata']['name']} would be in plain sight", field="kind")
    if not _admitted(workload, kind):
        fix = f"policy: {{resources: [{kind}]}} in Environment {here}"
        return NOT_ADMITTED.at(place, f"{here} admits no {kind} from RawResources", fix=fix, field="kind")
    if body["metadata"].get("namespace", workload.namespace) != workload.namespace:
        field = "metadata.namespace"
        where = place_at(node, ("metadata", "namespace"))
        return NAMESPACE.at(where, f"the team's is {workload.namespace}", fix="leave it out", field=field)
    return None


def _admitted(workload: Resolved[RawResources], kind: str) -> bool:
    needed = WITH.get(kind)
    usual = kind in USUAL or (needed is not None and needed in workload.environment.capabilities)
    return usual or kind in workload.environment.policy.resources


def _pods(workload: Resolved[RawResources], node: Node) -> Diagnostic | None:
    """Why the pods of an object could not be held to the rules."""
    body, declared = _body(node), workload.environment.accounting
    if wrong := shape.problem(body, declared):
        return MALFORMED.at(node.place, f"{body['kind']} {body['metadata']['name']}: {wrong}")
    if inside := walker.unaccounted(body, declared):
        message = f"{body['kind']} {body['metadata']['name']} describes pods at {inside}"
        return UNACCOUNTED.at(node.place, message)
    return None


def kind_of(body: Mapping[str, Any]) -> str:
    """``Kind.group``, or ``Kind`` in the core group."""
    group, slash, _ = body["apiVersion"].partition("/")
    return f"{body['kind']}.{group}" if slash else str(body["kind"])


def _scaler(node: Node, names: set[tuple[str, str]], declared: Declared) -> Iterator[Diagnostic]:
    """Refuse a scaler of an object that another workload makes, or of one whose replicas it would change unseen."""
    body = _body(node)
    if body["kind"] not in ("HorizontalPodAutoscaler", "ScaledObject"):
        return
    spec = body.get("spec") or {}
    target = spec.get("scaleTargetRef")
    for most in ("maxReplicas", "maxReplicaCount"):
        if not isinstance(spec.get(most, 0), int):
            yield MALFORMED.at(place_at(node, ("spec", most)), f"{most} is a number")
    kind = _target_kind(target) if isinstance(target, Mapping) else ""
    place, field = place_at(node, ("spec", "scaleTargetRef")), "spec.scaleTargetRef"
    if not isinstance(target, Mapping) or (kind, str(target.get("name"))) not in names:
        yield STRANGE_SCALER.at(place, "its target is not among these manifests", field=field)
    elif kind in declared and declared[kind].pods:
        # Which of its numbers a scaler writes stands in its definition, and not in what the environment says of it.
        yield UNACCOUNTED.at(place, f"the pods of a {kind} are counted without a scaler", field=field)


def _target_kind(target: Mapping[str, Any]) -> str:
    """``Kind.group`` of what is scaled; KEDA's default is a Deployment."""
    version, kind = target.get("apiVersion", "apps/v1"), target.get("kind", "Deployment")
    return kind_of({"apiVersion": str(version), "kind": kind})


def _runtime(node: Node, names: set[tuple[str, str]]) -> Iterator[Diagnostic]:
    """Refuse a TrainJob whose runtime, which has its pods, is somewhere else."""
    body = _body(node)
    if kind_of(body) != "TrainJob.trainer.kubeflow.org":
        return
    reference = (body.get("spec") or {}).get("runtimeRef")
    named = reference if isinstance(reference, Mapping) else {}
    kind = f"{named.get('kind', 'ClusterTrainingRuntime')}.{named.get('apiGroup', 'trainer.kubeflow.org')}"
    if (kind, str(named.get("name"))) not in names:
        place, field = place_at(node, ("spec", "runtimeRef")), "spec.runtimeRef"
        fix = "write a TrainingRuntime beside it, and name its kind"
        yield UNACCOUNTED.at(place, "its runtime is not among these manifests", fix=fix, field=field)
