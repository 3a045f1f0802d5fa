"""The proof itself: it must find what a cluster would not take, or its silence means nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.controlplane.client import Object
from tests.controlplane.environment import Environment
from tests.controlplane.machines import machines
from tests.integration.acceptance import Subject, Verdict, prove
from yardarm_reconciler.model.manifest import manifest
from yardarm_reconciler.model.origin import Place

NAMESPACE = "nlp-production"
ORIGIN = Place("workloads/api.yaml", 3, 1)
SECURE = {
    "securityContext": {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
}


def pod(limits: Mapping[str, str] | None = None, **fields: Any) -> Object:
    """A pod's spec that "restricted" admits, but for what is given."""
    container = {
        "name": "main",
        "image": "registry.example.com/nlp/api:1",
        "resources": {"limits": {"cpu": "1", "memory": "1Gi", **(limits or {})}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    return {"containers": [container], **SECURE, **fields}


def of(kind: str, spec: Object, api_version: str = "v1", name: str = "api") -> Object:
    """An object in the namespace."""
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec}


def deployment(pod_spec: Object, **spec: Any) -> Object:
    """A Deployment of such pods."""
    template = {"metadata": {"labels": {"app": "api"}}, "spec": pod_spec}
    return of(
        "Deployment", {"selector": {"matchLabels": {"app": "api"}}, "template": template, **spec}, "apps/v1"
    )


def namespace(level: str) -> Object:
    """The namespace, held to a level of Pod Security."""
    labels = {"pod-security.kubernetes.io/enforce": level}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}


def set_of_two() -> Object:
    """A StatefulSet whose pods have a claim each."""
    mounted = pod()
    mounted["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return of(
        "StatefulSet",
        {
            "serviceName": "api",
            "replicas": 2,
            "selector": {"matchLabels": {"app": "api"}},
            "template": {"metadata": {"labels": {"app": "api"}}, "spec": mounted},
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
        "apps/v1",
    )


def claiming(count: int) -> tuple[Object, Object]:
    """A claim to some devices of a driver, and a pod that makes it."""
    request = {"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com", "count": count}}
    template = of(
        "ResourceClaimTemplate", {"spec": {"devices": {"requests": [request]}}}, "resource.k8s.io/v1"
    )
    claimed = pod(
        resourceClaims=[{"name": "gpu", "resourceClaimTemplateName": "api"}],
        tolerations=[{"key": "nvidia.com/gpu", "operator": "Exists"}],
    )
    claimed["containers"][0]["resources"]["claims"] = [{"name": "gpu"}]
    return template, of("Pod", claimed)


def on_machine(name: str, *, tolerate: bool) -> Object:
    """A pod that asks for all labels of a machine and one of each of its devices."""
    machine = machines()[name]
    devices = {each: "1" for each in machine["resources"] if "/" in each}
    if "hugepages-2Mi" in machine["resources"]:
        devices["hugepages-2Mi"] = "2Mi"
    taints = machine.get("taints", []) if tolerate else []
    return of(
        "Pod",
        pod(
            devices,
            nodeSelector={**machine["labels"], "kubernetes.io/arch": machine.get("arch", "amd64")},
            tolerations=[{"key": each, "operator": "Exists"} for each in taints],
        ),
        name=name,
    )


def jobset(**container: Any) -> Object:
    """A JobSet of one pod."""
    job = {"template": {"spec": pod(restartPolicy="Never")}}
    job["template"]["spec"]["containers"][0].update(container)
    return of(
        "JobSet",
        {"replicatedJobs": [{"name": "main", "template": {"spec": job}}]},
        "jobset.x-k8s.io/v1alpha2",
    )


TAINTED = [name for name, machine in machines().items() if machine.get("taints")]
SEVENTEEN_GPUS = pod({"nvidia.com/gpu": "17"}, tolerations=[{"operator": "Exists"}])
QUOTA = of("ResourceQuota", {"hard": {"limits.memory": "1536Mi"}})
SUBJECTS = {
    "plain": [deployment(pod(), replicas=2)],
    "misspelt": [deployment(pod(), replicsa=2)],
    "misspelt in a custom resource": [jobset(imgae="x")],
    "unknown kind": [of("Unheard", {}, "example.com/v1")],
    "insecure": [deployment(pod(hostNetwork=True))],
    "insecure where it may be": [namespace("privileged"), deployment(pod(hostNetwork=True))],
    "too large": [deployment(SEVENTEEN_GPUS)],
    "over quota": [QUOTA, deployment(pod(), replicas=2)],
    "claims of a set": [set_of_two()],
    "missing account": [deployment(pod(serviceAccountName="shared"))],
    "devices by claim": claiming(8),
    "too many devices by claim": claiming(9),
    "on machines": [on_machine(name, tolerate=True) for name in machines()],
    "not on machines": [on_machine(name, tolerate=False) for name in TAINTED],
}


@pytest.fixture(scope="module")
def verdicts(platform: Environment) -> Mapping[str, Verdict]:
    """On all subjects, at once."""
    found = {name: tuple(manifest(body, ORIGIN) for body in bodies) for name, bodies in SUBJECTS.items()}
    return prove(platform, [Subject(name, items, items) for name, items in found.items()])


pytestmark = pytest.mark.timeout(600)  # the first test waits for the verdicts on all


@pytest.mark.parametrize("name", ["plain", "insecure where it may be", "claims of a set", "devices by claim"])
def test_nothing_is_said_of_what_a_cluster_takes(verdicts: Mapping[str, Verdict], name: str):
    """Pods that are admitted and placed leave no line."""
    assert verdicts[name] == Verdict()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("misspelt", ".spec.replicsa: field not declared in schema"),
        ("misspelt in a custom resource", ".imgae: field not declared in schema"),
        ("unknown kind", "does not serve example.com/v1 Unheard"),
        ("insecure", "hostNetwork=true"),
    ],
)
def test_an_object_is_refused_at_the_line_that_asked(verdicts: Mapping[str, Verdict], name: str, said: str):
    """The server's words, or its warning of pods to come, behind the place in the spec."""
    (line,) = verdicts[name].refused
    assert line.startswith(f"{ORIGIN} ")
    assert said in line


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("insecure", 'violates PodSecurity "restricted:latest"'),
        ("over quota", "exceeded quota: api"),
        ("missing account", 'serviceaccount "shared" not found'),
    ],
)
def test_a_pod_is_rejected_where_it_would_be(verdicts: Mapping[str, Verdict], name: str, said: str):
    """By the namespace's level, its quota, or for want of its account."""
    assert said in verdicts[name].rejected[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("too large", "Insufficient nvidia.com/gpu"),
        ("too many devices by claim", "cannot allocate all claims"),
    ],
)
def test_a_pod_that_no_machine_can_hold_waits(verdicts: Mapping[str, Verdict], name: str, said: str):
    """With the scheduler's reason."""
    assert said in verdicts[name].pending[0]


def test_a_machine_takes_pods_that_ask_for_all_it_has(verdicts: Mapping[str, Verdict]):
    """By its labels, its devices and tolerations of its taints."""
    assert verdicts["on machines"] == Verdict()


def test_a_tainted_machine_takes_no_other_pods(verdicts: Mapping[str, Verdict]):
    """A forgotten toleration is found."""
    pending = verdicts["not on machines"].pending
    assert len(pending) == len(TAINTED)
    assert all("untolerated taint" in line for line in pending)
