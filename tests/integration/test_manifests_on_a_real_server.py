"""What is rendered, a real API server accepts: strictly, and in a namespace held to Pod Security "restricted"."""

import pytest

from tests.controlplane.client import Api, Object
from tests.rendering import own_repository, render
from tests.trees import MemoryTree
from yardarm_reconciler.expand.walker import templates
from yardarm_reconciler.model.manifest import Manifest

PATHS = {
    "Namespace": "/api/v1/namespaces",
    "ResourceQuota": "/api/v1/namespaces/{}/resourcequotas",
    "LimitRange": "/api/v1/namespaces/{}/limitranges",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "Service": "/api/v1/namespaces/{}/services",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/{}/poddisruptionbudgets",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
}
PODS = "/api/v1/namespaces/{}/pods"


@pytest.fixture
def restricted(api: Api, namespace: str) -> str:
    """A namespace that admits only what "restricted" allows, and warns of templates that would not be admitted."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    api.patch(f"/api/v1/namespaces/{namespace}", {"metadata": {"labels": levels}})
    account = {"metadata": {"name": "default-account"}}
    api.post(PATHS["ServiceAccount"].format(namespace), account)
    return namespace


def in_namespace(item: Manifest, namespace: str) -> Object:
    """The object, moved to another namespace."""
    body: Object = dict(item.body)
    if item.key.namespace:
        body["metadata"] = {**body["metadata"], "namespace": namespace}
    return body


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
def test_every_manifest_of_the_examples_is_accepted(api: Api, restricted: str, environment: str):
    """Server-side apply with strict fields accepts each object, without a warning."""
    for item in render(own_repository(), environment).manifests:
        path = f"{PATHS[item.key.kind].format(restricted)}/{item.key.name}"
        answer = api.apply(path, in_namespace(item, restricted), fieldValidation="Strict", dryRun="All")
        assert answer.status in (200, 201), f"{item.key}: {answer.message}"
        assert "Warning" not in answer.headers, f"{item.key}: {answer.headers['Warning']}"


@pytest.mark.parametrize("environment", ["dev", "staging", "production"])
def test_every_pod_of_the_examples_is_admitted(api: Api, restricted: str, environment: str):
    """A pod of each template passes the admission of its namespace."""
    for item in render(own_repository(), environment).manifests:
        for template in templates(item.body):
            pod = {
                "metadata": {"generateName": "probe-"},
                "spec": {**template.spec, "serviceAccountName": "default-account"},
            }
            answer = api.request("POST", PODS.format(restricted), pod, query={"dryRun": "All"})
            assert answer.status == 201, f"{item.key}: {answer.message}"


SWITCHING = """
apiVersion: yardarm.dev/v1alpha1
kind: Service
metadata: {name: switching, team: nlp}
spec:
  image: ghcr.io/huggingface/tei@sha256:%s
  resources: {memory: 1Gi}
  ports: {http: 8080}
  health: {path: /health}
  replicas: 0
  environments: {production: {}}
""" % ("0" * 64)
WITH_STORAGE = "  volumes: {data: {path: /data, size: 1Gi}}\n"


def test_a_server_may_gain_and_lose_storage_of_a_single_writer(api: Api, restricted: str):
    """Its strategy changes between rolling and recreating, and the server accepts either way."""
    path = f"{PATHS['Deployment'].format(restricted)}/switching"
    for extra, strategy in (("", "RollingUpdate"), (WITH_STORAGE, "Recreate"), ("", "RollingUpdate")):
        tree = own_repository()
        spec = {"examples/02-model-server/switching.yaml": (SWITCHING + extra).encode()}
        item = render(MemoryTree({**tree.contents, **spec}), "production").one("Deployment", "switching")
        answer = api.apply(path, in_namespace(item, restricted), fieldValidation="Strict", force=True)
        assert answer.status in (200, 201), answer.message
        assert answer.body["spec"]["strategy"]["type"] == strategy
