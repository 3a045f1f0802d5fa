"""The files that the control plane's programs read: tokens, kubeconfigs, kwok's stages."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

FOLDER = Path(__file__).parent
AUDIT_POLICY = FOLDER / "audit-policy.yaml"
OWN_STAGES = FOLDER / "stages.yaml"
PLATFORM = FOLDER / "platform.yaml"
STAGE_LABEL = "tests.example.com/stage"
LIVE_POD_OF_A_JOB = (
    'select(.metadata.finalizers and (.status.phase == "Running" or .status.phase == "Pending"))'
)
"""A query that finds something in pods which must end before they may go, see `test-pod-killed`."""

RECONCILER_NAMESPACE = "yardarm-system"
RECONCILER_ACCOUNT = "yardarm"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody the API server knows: a user's name and groups, and a token of this environment only."""

    user: str
    groups: tuple[str, ...]
    token: str


def accounts() -> Mapping[str, Account]:
    """Return new accounts by role.

    The programs of the control plane have their own users, so that the audit log tells what
    they do from what people and the reconciler do. The API server itself makes the roles of
    controller-manager and scheduler; it has none for kwok, which stands in for all kubelets.
    """
    namespace = RECONCILER_NAMESPACE
    reconciler = f"system:serviceaccount:{namespace}:{RECONCILER_ACCOUNT}"
    known = {
        "admin": ("admin", ("system:masters",)),
        "reconciler": (reconciler, ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")),
        "viewer": ("viewer", ("viewers",)),
        "stranger": ("stranger", ()),
        "kube-controller-manager": ("system:kube-controller-manager", ()),
        "kube-scheduler": ("system:kube-scheduler", ()),
        "kwok": ("kwok", ("system:masters",)),
    }
    return {role: Account(user, groups, secrets.token_urlsafe(18)) for role, (user, groups) in known.items()}


def write_tokens(file: Path, known: Iterable[Account]) -> None:
    """Write `--token-auth-file`: token, user, uid, and the groups in one quoted field."""
    lines = (f'{each.token},{each.user},{each.user},"{",".join(each.groups)}"\n' for each in known)
    _write_secret(file, "".join(lines).encode())


def write_kubeconfig(file: Path, *, name: str, url: str, ca: Path, token: str) -> Path:
    """Write a kubeconfig with one context called `name`, and return its path."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url, "certificate-authority": str(ca)}}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    _write_secret(file, orjson.dumps(content, option=orjson.OPT_INDENT_2))  # JSON is YAML
    return file


def write_stages(file: Path, upstream: Path) -> None:
    """Write kwok's `--config`: upstream's stages, and ours for pods with STAGE_LABEL."""
    stages = [
        _leaving_ours_alone(_any_class(each)) for each in _upstream(upstream) if each["kind"] == "Stage"
    ]
    file.write_text(yaml.safe_dump_all([*stages, *_documents(OWN_STAGES)]), encoding="utf-8")


def storage_classes(upstream: Path) -> list[dict[str, Any]]:
    """Return the default StorageClass whose claims upstream's volume stages bind."""
    return [each for each in _upstream(upstream) if each["kind"] == "StorageClass"]


def platform() -> list[dict[str, Any]]:
    """Return the classes and the like that a platform team would have put into a cluster."""
    return _documents(PLATFORM)


def _leaving_ours_alone(stage: dict[str, Any]) -> dict[str, Any]:
    """Keep upstream's pod stages off our labelled pods: when several match, kwok draws lots."""
    spec = stage["spec"]
    if spec["resourceRef"]["kind"] != "Pod":
        return stage
    name = stage["metadata"]["name"]
    ours = LIVE_POD_OF_A_JOB if name == "pod-delete" else f'.metadata.labels["{STAGE_LABEL}"]'
    without = {"key": ours, "operator": "DoesNotExist"}
    selector = {"matchExpressions": [*spec["selector"]["matchExpressions"], without]}
    return {**stage, "spec": {**spec, "selector": selector}}


def _any_class(stage: dict[str, Any]) -> dict[str, Any]:
    """Let upstream's volume stages, which know one StorageClass, serve the platform's too."""
    names = [each["metadata"]["name"] for each in platform() if each["kind"] == "StorageClass"]
    text = orjson.dumps(stage).decode()
    wider: dict[str, Any] = orjson.loads(text.replace("== 'kwok-volume'", f"in {['kwok-volume', *names]}"))
    return wider


def _upstream(folder: Path) -> list[dict[str, Any]]:
    return [each for source in sorted(folder.glob("*.yaml")) for each in _documents(source)]


def _documents(file: Path) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(file.read_text(encoding="utf-8")) if each]


def _write_secret(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
