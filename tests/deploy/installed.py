"""A cluster on which the manifests were installed, and the program with its account's token and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.configuration import write_kubeconfig
from tests.controlplane.environment import Environment
from tests.deploy.manifests import ACCOUNT, DEPLOY, NAMESPACE
from tests.integration.git_server import commit, git
from tests.integration.pages import BLOCK, files

TEAMS = ("nlp", "search")
ENVIRONMENTS = ("dev", "staging")
PAGE = Path(__file__).parents[2] / "docs" / "install.md"
INSTALLING = 3
"""So many of the page's first commands install the reconciler."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The cluster, a folder for files, and the token of the reconciler's account."""

    cluster: Environment
    folder: Path
    token: str

    def run(self, command: str) -> None:
        """A command of the page, at the top of the clone, as the cluster's admin; it must go well."""
        _run(self.cluster, self.clone, command)

    @property
    def clone(self) -> Path:
        """What a reader of the page has: the manifests, and the files that it tells to write."""
        return self.folder / "clone"

    @property
    def repository(self) -> Path:
        """The config repository."""
        return self.folder / "models"

    def commit(self, replicas: int) -> str:
        """A service of each team in each environment; give the commit's id."""
        if not self.repository.exists():
            self.repository.mkdir()
            git(self.repository, "init", "-q", "-b", "main")
        return commit(
            self.repository, {path: yaml.safe_dump(each).encode() for path, each in _specs(replicas)}
        )

    def settings(self, port: int) -> Path:
        """Those of the page, but for the repository, the way to the API server and the port."""
        content = yaml.safe_load((self.clone / "install" / "settings.yaml").read_text(encoding="utf-8"))
        kubeconfig = write_kubeconfig(
            self.folder / "kubeconfig",
            name="here",
            url=self.cluster.url,
            ca=self.cluster.ca_file,
            token=self.token,
        )
        own = {
            "stateDir": str(self.folder / "state"),
            "sources": {"models": {"path": str(self.repository), "interval": "1s"}},
            "clusters": {"here": {"kubernetes": {"kubeconfig": str(kubeconfig)}}},
            "serve": {"listen": f"127.0.0.1:{port}"},
        }
        # Each process has its own: one that runs takes at once what is written into its file.
        file = self.folder / f"settings-{port}.yaml"
        file.write_text(json.dumps({**content, **own}))
        return file


def shell(page: str) -> list[str]:
    """The commands of a page's blocks ``sh``, in order."""
    return [
        line for each in BLOCK.finditer(page) if each["kind"] == "sh" for line in each["text"].splitlines()
    ]


def install(cluster: Environment, folder: Path) -> Installed:
    """Do what the page says, and ask for the account's token as the kubelet does."""
    text = PAGE.read_text(encoding="utf-8")
    clone = folder / "clone"
    shutil.copytree(DEPLOY, clone / "reconciler" / "deploy")
    for path, content in files(text):
        (clone / path).parent.mkdir(exist_ok=True)
        (clone / path).write_text(content, encoding="utf-8")
    (clone / "token").write_text("not needed here")
    for command in shell(text)[:INSTALLING]:
        _run(cluster, clone, command)
    with cluster.api() as api:
        path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT['name']}/token"
        answer = api.post(path, {"spec": {"expirationSeconds": 3600}})
    return Installed(cluster, folder, answer["status"]["token"])


def _run(cluster: Environment, folder: Path, command: str) -> None:
    path = f"{cluster.kubectl.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "KUBECONFIG": str(cluster.kubeconfig)}
    done = subprocess.run(
        [shutil.which("bash") or "bash", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stderr}"


def _specs(replicas: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield (
        "yardarm.yaml",
        _document("Repository", "", {"specs": ["platform", "workloads"], "platform": ["platform"]}),
    )
    for name in ENVIRONMENTS:
        yield f"platform/{name}.yaml", _document("Environment", name, {"cluster": "here"})
    for team in TEAMS:
        yield f"platform/{team}.yaml", _document("Team", team, {"paths": [f"workloads/{team}/**"]})
        api = _document(
            "Service",
            "api",
            {
                "image": "registry.example.com/team/app:1.0",
                "resources": {"cpu": "10m", "memory": "16Mi"},
                "ports": {"http": 8080},
                "health": {"path": "/health"},
                "replicas": replicas,
                "environments": {name: {} for name in ENVIRONMENTS},
            },
        )
        api["metadata"]["team"] = team
        yield f"workloads/{team}/api.yaml", api


def _document(kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"metadata": {"name": name}} if name else {}
    return {"apiVersion": "yardarm.dev/v1alpha1", "kind": kind, **metadata, "spec": spec}
