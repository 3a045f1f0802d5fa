"""What runs against what was applied: more devices or more access is told, anything else is not."""

from typing import Any

import pytest

from yardarm_reconciler.exceeding import exceeding
from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.manifest import manifest
from yardarm_schema.accounting import Accounting

SAFE = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def container(name: str = "main", devices: int = 0, **security: Any) -> dict[str, Any]:
    """A container that keeps to the rules."""
    limits = {"memory": "1Gi", **({"nvidia.com/gpu": str(devices)} if devices else {})}
    return {"name": name, "resources": {"limits": limits}, "securityContext": SAFE | security}


def deployment(*containers: dict[str, Any], **pod: Any) -> dict[str, Any]:
    """A Deployment of these."""
    spec = {"containers": list(containers or [container()]), **pod}
    metadata = {"name": "api", "namespace": "nlp-dev"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"template": {"spec": spec}},
    }


@pytest.mark.parametrize(
    ("live", "told"),
    [
        (deployment(container(devices=4)), "a pod takes 4 nvidia.com/gpu, not 2"),
        (deployment(container(devices=2), container("miner", 8)), "a pod takes 10 nvidia.com/gpu, not 2"),
        (deployment(container(devices=2), hostPID=True), "hostPID is not allowed"),
        (deployment(container(devices=2, privileged=True)), "container main is privileged"),
        (
            deployment(container(devices=2), volumes=[{"name": "root", "hostPath": {"path": "/"}}]),
            "volume root is a path of the node",
        ),
        (
            deployment(container(devices=2), initContainers=[container("first", 1)]),
            "a pod takes 3 nvidia.com/gpu, not 2",
        ),
    ],
)
def test_more_than_was_applied_is_told(live, told):
    """Whoever added it: budgets and security hold for what runs."""
    applied = manifest(deployment(container(devices=2)))
    assert exceeding(applied, live, NOTHING) == f"policy/foreign-field: Deployment/api: {told}"


@pytest.mark.parametrize(
    "live",
    [
        deployment(container(devices=2)),
        deployment(container(devices=1)),
        deployment(container(devices=2), container("proxy")),
        deployment(container(devices=2), tolerations=[{"operator": "Exists"}], nodeSelector={"pool": "a"}),
    ],
)
def test_what_takes_no_more_is_not_told(live):
    """A sidecar within the rules, and where pods are put, are other programs' business."""
    assert exceeding(manifest(deployment(container(devices=2))), live, NOTHING) == ""


def test_what_the_environment_allows_is_not_told():
    """An exception that was applied is no excess."""
    shared = deployment(container(devices=2), hostNetwork=True)
    assert exceeding(manifest(shared), shared, NOTHING) == ""


def test_kinds_without_pods_are_not_looked_at():
    """There is nothing to take."""
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "a"},
        "spec": {"externalIPs": ["1.2.3.4"]},
    }
    assert exceeding(manifest(body), body, NOTHING) == ""


COUNTED = {
    "Training.example.com": Accounting.model_validate_json(
        '{"pods": [{"at": "spec", "template": "template", "count": ["replicas"]}]}'
    )
}
"""What an environment says of a kind of its own."""


def training(devices: int, replicas: object = 2) -> dict[str, Any]:
    """An object of that kind."""
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container(devices=devices)]}}}
    return {"apiVersion": "example.com/v1", "kind": "Training", "metadata": {"name": "big"}, "spec": spec}


@pytest.mark.parametrize(
    ("live", "told"),
    [
        (training(8), "a pod takes 8 nvidia.com/gpu, not 2"),
        (training(2, "many"), "its pods cannot be found where its kind has them"),
    ],
)
def test_kinds_that_only_the_environment_knows_are_held_to_it_too(live, told):
    """More devices, or a shape in which nobody can count them any more."""
    said = exceeding(manifest(training(2)), live, COUNTED)
    assert said == f"policy/foreign-field: Training/big: {told}"
    assert exceeding(manifest(training(2)), training(2), COUNTED) == ""
