"""What each capability of an environment is for: a table, tests/cases/capabilities.yaml, with a row for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tests.rendering import Rendered, render
from tests.trees import MemoryTree
from yardarm_schema.capabilities import Capability

TABLE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "cases" / "capabilities.yaml").read_text()
)
PLATFORM = """
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: l4-24gb}
spec: {vendor: nvidia, type: gpu, memory: 24Gi}
---
apiVersion: yardarm.dev/v1alpha1
kind: AcceleratorClass
metadata: {name: t4-16gb}
spec: {vendor: nvidia, type: gpu, memory: 16Gi}
---
apiVersion: yardarm.dev/v1alpha1
kind: Team
metadata: {name: nlp}
spec: {paths: [workloads], queue: nlp, secretStore: {kind: ClusterSecretStore, name: vault}}
"""
ENVIRONMENT = {
    "cluster": "prod",
    "defaults": {"resources": {"memory": "8Gi"}},
    "gateway": {"name": "ai-gateway", "namespace": "gateways", "host": "models.example.com"},
    "metrics": {"prometheus": "http://prometheus.monitoring:9090"},
    "accelerators": {
        "l4-24gb": {"resource": "nvidia.com/gpu", "maxPerPod": 4},
        "t4-16gb": {"resource": "nvidia.com/gpu", "dra": {"deviceClass": "gpu.nvidia.com"}},
    },
}


def rendered(row: dict[str, Any], *capabilities: str) -> Rendered:
    """What the row's spec comes to in an environment with these capabilities, beside those that it needs anyway."""
    kind, _, spec = row["spec"].partition("\n")
    head = ["apiVersion: yardarm.dev/v1alpha1", kind, "metadata: {name: a, team: nlp}", "spec:"]
    lines = [*head, *(f"  {line}" for line in spec.splitlines()), "  environments: {production: {}}"]
    environment = {
        "apiVersion": "yardarm.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": "production"},
        "spec": {
            **ENVIRONMENT,
            **row.get("environment", {}),
            "capabilities": [*row.get("besides", ()), *capabilities],
        },
    }
    files = {
        "yardarm.yaml": "apiVersion: yardarm.dev/v1alpha1\nkind: Repository\n"
        "spec: {specs: [environments, workloads], platform: [environments]}\n",
        "environments/platform.yaml": PLATFORM,
        "environments/production.yaml": yaml.safe_dump(environment),
        "workloads/a.yaml": "\n".join(lines) + "\n",
    }
    return render(MemoryTree({path: text.encode() for path, text in files.items()}), "production")


def made(found: Rendered) -> set[str]:
    """The kinds of the objects of the row's workload."""
    own = [each for each in found.workloads if not each.id.startswith("Team/")]
    return {item.key.kind for each in own for item in each.manifests}


def test_every_capability_has_a_row():
    """A capability that nothing needs means nothing, and one that is not in the table is not tested."""
    assert set(TABLE) == set(get_args(Capability))


@pytest.mark.parametrize("capability", TABLE)
def test_without_it_the_field_is_refused(capability):
    """Without the capability the workload is held, for a problem at the very field that needs it."""
    row = TABLE[capability]
    found = rendered(row)
    said = [
        f"{each.code.name} {each.place.line}:{each.place.column} {each.field}"
        for each in found.diagnostics
        if each.is_error
    ]
    assert said == [row["at"]]
    assert made(found) == set()


@pytest.mark.parametrize("capability", TABLE)
def test_with_it_the_objects_appear(capability):
    """With the capability there is no error, and what acts on it gets its objects."""
    row = TABLE[capability]
    found = rendered(row, capability)
    assert [each.code.name for each in found.diagnostics if each.is_error] == []
    assert set(row.get("kinds", ())) <= made(found)
    if "makes" in row:
        value: Any = found.one(row["makes"]["kind"]).body
        for step in row["makes"]["path"]:
            value = value[step]
        assert value == row["makes"]["value"]
