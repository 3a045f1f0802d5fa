"""The manifests in reconciler/deploy, rendered by kubectl, and what of them is made from the program."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.client import Object
from yardarm_reconciler.model.grants import Grants, Rule

DEPLOY = Path(__file__).parents[2] / "reconciler" / "deploy"
BASE = DEPLOY / "base"
CHART = DEPLOY / "chart"
MONITORING = CHART / "monitoring"
NAMESPACE = "yardarm-system"
ACCOUNT = {"kind": "ServiceAccount", "name": "yardarm", "namespace": NAMESPACE}
RBAC = "rbac.authorization.k8s.io"

HEADER = (
    "# Made from yardarm_reconciler/model/grants.py by `pytest tests/deploy/test_rights.py --update-cases`.\n"
)

Objects = Mapping[tuple[str, str], Any]
"""Objects by kind and name."""


def kustomized(kubectl: Path, folder: Path) -> list[Object]:
    """What ``kubectl kustomize`` makes of a folder."""
    done = subprocess.run(
        [kubectl, "kustomize", folder], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def with_monitoring(folder: Path) -> Path:
    """An overlay of the base and what watches it, in a copy, for kustomize takes relative paths alone."""
    shutil.copytree(DEPLOY, folder / "deploy")
    overlay = {"resources": ["../deploy/base"], "components": ["../deploy/chart/monitoring"]}
    (folder / "overlay").mkdir()
    (folder / "overlay" / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    return folder / "overlay"


def by_name(objects: Iterable[Object]) -> Objects:
    """The same, to be looked up; no two have one name."""
    listed = list(objects)
    found = {(each["kind"], each["metadata"]["name"]): each for each in listed}
    assert len(found) == len(listed)
    return found


def rights(granted: Grants) -> str:
    """The text of base/rights.yaml."""
    roles = [
        _role("ClusterRole", "yardarm-reads", granted.everywhere),
        _role("ClusterRole", "yardarm-writes", granted.teams),
        _role("Role", "yardarm-records", granted.records),
    ]
    documents = [document for role in roles for document in (role, _binding(role))]
    return HEADER + yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=None, width=110)


def _role(kind: str, name: str, rules: Iterable[Rule]) -> Object:
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": _metadata(kind, name), "rules": list(rules)}


def _binding(role: Object) -> Object:
    kind, name = role["kind"], role["metadata"]["name"]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": _metadata(kind, name),
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
        "subjects": [dict(ACCOUNT)],
    }


def _metadata(kind: str, name: str) -> Object:
    return {"name": name, **({"namespace": NAMESPACE} if kind == "Role" else {})}
