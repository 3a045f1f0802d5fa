"""A config repository of any size: workloads of ten teams, four objects each, and commits that change them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from tests.controlplane.client import Object
from tests.integration.git_server import commit, git

TEAMS = 10
ENVIRONMENT = "bench"

IMAGE = "registry.example.com/{team}/{name}:{version}"


@dataclass(frozen=True, slots=True)
class Content:
    """What one commit says: the first ``workloads`` of them, each of a version, and some that are invalid.

    A version is part of the image: changing it changes one object of four, the Deployment.
    """

    workloads: int
    versions: tuple[tuple[int, str], ...] = ()
    version: str = "1.0.0"
    invalid: frozenset[int] = frozenset()
    confirm: tuple[str, ...] = ()

    def changed(self, number: int, version: str) -> Content:
        """The same with another version of one workload."""
        return replace(self, versions=(*self.versions, (number, version)))


def files(content: Content) -> dict[str, bytes]:
    """All files of a commit by path: one a workload."""
    made = {path: _yaml(document) for path, document in _platform(content)}
    own = dict(content.versions)
    for number in range(content.workloads):
        team, name = _team(number), _name(number)
        document = _service(name, team, own.get(number, content.version), bad=number in content.invalid)
        made[f"workloads/{team}/{name}.yaml"] = _yaml(document)
    return made


def objects(workloads: int) -> int:
    """Objects that come of so many workloads, without those of the teams themselves."""
    return 4 * workloads


def put(repository: Path, content: Content) -> str:
    """Commit this content, in a new repository where there is none yet; give the commit's id."""
    if not repository.exists():
        repository.mkdir(parents=True)
        git(repository, "init", "-q", "-b", "main")
    return commit(repository, files(content))


def check_out(repository: Path, content: Content) -> None:
    """Commit this content and lay its files out, as a person has them."""
    put(repository, content)
    git(repository, "reset", "-q", "--hard")


def _team(number: int) -> str:
    return f"team-{number % TEAMS}"


def _name(number: int) -> str:
    return f"model-{number:05d}"


def _service(name: str, team: str, version: str, *, bad: bool) -> Object:
    """A server as teams write them: some fifteen lines. No replicas, so that the cluster's own work stays small."""
    spec: Object = {
        "image": IMAGE.format(team=team, name=name, version=version),
        "replicas": "several" if bad else 0,
        "ports": {"http": 8080, "metrics": 9090},
        "health": {"path": "/healthz"},
        "env": {"LOG_LEVEL": "info", "MODEL": name, "MAX_TOKENS": "4096"},
        "args": ["--port=8080", f"--model={name}", "--max-concurrency=16"],
        "network": {"ingress": [{"namespace": "gateways"}]},
        "resources": {"cpu": "500m", "memory": "1Gi"},
        "environments": {ENVIRONMENT: {"env": {"LOG_LEVEL": "warning"}}},
    }
    return {
        "apiVersion": "yardarm.dev/v1alpha1",
        "kind": "Service",
        "metadata": {"name": name, "team": team, "labels": {"product": f"product-{team[-1]}"}},
        "spec": spec,
    }


def _platform(content: Content) -> Iterable[tuple[str, Object]]:
    yield (
        "yardarm.yaml",
        _document("Repository", "", {"specs": ["platform", "workloads"], "platform": ["platform"]}),
    )
    sync = {"sync": {"confirm": list(content.confirm)}} if content.confirm else {}
    yield "platform/environment.yaml", _document("Environment", ENVIRONMENT, {"cluster": ENVIRONMENT, **sync})
    for number in range(TEAMS):
        team = _team(number)
        yield f"platform/{team}.yaml", _document("Team", team, {"paths": [f"workloads/{team}/**"]})


def _document(kind: str, name: str, spec: Object) -> Object:
    metadata = {"metadata": {"name": name}} if name else {}
    return {"apiVersion": "yardarm.dev/v1alpha1", "kind": kind, **metadata, "spec": spec}


def _yaml(document: Object) -> bytes:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False).encode()
