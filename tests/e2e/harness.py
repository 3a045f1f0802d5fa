"""A config repository, an environment and the program between them; what it asked of the API server is the oracle."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from tests.controlplane.audit import AuditLog, Requests
from tests.controlplane.client import Api, Object
from tests.controlplane.environment import Environment
from tests.controlplane.waiting import NotReadyError, wait_until
from tests.integration.git_server import commit, git
from tests.invoking import invoke
from yardarm_reconciler import __version__, settings
from yardarm_reconciler.cli import wiring
from yardarm_reconciler.loop import Binding, Memory, once
from yardarm_reconciler.model.change import Action, Change, Guard, Report, State, WorkloadReport
from yardarm_reconciler.model.grants import grants
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.ports import Source
from yardarm_reconciler.source.git import installed
from yardarm_schema.kinds import WORKLOADS

YARDARM = (sys.executable, "-c", "from yardarm_reconciler.cli import main; main()")
RECONCILER = "system:serviceaccount:yardarm-system:yardarm"
RECORDS = "yardarm-system"
IMAGE = "registry.example.com/team/app:1.0"

RAW = {
    GroupKind("argoproj.io", "Workflow"): "workflows",
    GroupKind("networking.k8s.io", "Ingress"): "ingresses",
}
"""Kinds that some tests write as RawResources."""

GRANTS = grants(RAW)
RIGHTS: Object = {
    "metadata": {"name": "yardarm-e2e"},
    "rules": [*GRANTS.everywhere, *GRANTS.teams],
}
"""What the program says that it needs, and no more: a missing right fails a test."""

RECORD_RIGHTS: Object = {
    "metadata": {"name": "yardarm-records", "namespace": RECORDS},
    "rules": list(GRANTS.records),
}


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass said, and everything that the reconciler asked of the API server meanwhile."""

    report: Report
    asked: Requests

    @property
    def objects(self) -> list[str]:
        """Accepted writes of anything but our own records, as ``verb resource/name``; created ones say ``create``."""
        return [_line(each) for each in self.asked.writes() if not _is_record(each)]

    @property
    def writes(self) -> list[str]:
        """All accepted writes, our own records included."""
        return [_line(each) for each in self.asked.writes()]

    @property
    def deletes(self) -> list[str]:
        """Accepted deletes of anything but our own records."""
        return [line for line in self.objects if line.startswith("delete ")]

    def of(self, id_: str) -> WorkloadReport:
        """What it said of one workload."""
        return next(each for each in self.report.workloads if each.id == id_)

    def guard(self, name: str) -> Guard:
        """The one guard of that name that holds something."""
        (found,) = [each for each in self.report.guards if each.name == name]
        return found

    def changes(self, *actions: Action) -> list[Change]:
        """All changes with one of some actions."""
        return [each for one in self.report.workloads for each in one.changes if each.action in actions]


@dataclass(slots=True)
class Life:
    """One life of the program: what it remembers and leads ends with it."""

    site: Site
    binding: Binding
    machinery: Machinery
    memory: Memory = field(default_factory=Memory)

    def __call__(self) -> Pass:
        """One pass, as `yardarm run` makes them."""
        mark = self.site.audit.mark()
        report = once(self.binding, self.machinery, self.memory)
        return Pass(report, self.site.audit.since(mark).by(RECONCILER))


@dataclass(slots=True)
class Site:
    """A team of its own in an environment, with a config repository, settings and a unit of its own.

    ``specs`` are the workload documents by file name; :meth:`commit` makes a commit of what is there then.
    ``source`` makes what each life of the program reads, where that is not the repository as it lies.
    """

    dev: Environment
    api: Api
    audit: AuditLog
    folder: Path
    pool: Executor
    environment: str = "e2e"
    team: str = field(default_factory=lambda: f"t{secrets.token_hex(4)}")
    files: dict[str, bytes] = field(default_factory=dict)
    platform: dict[str, Any] = field(default_factory=dict)
    sync: dict[str, Any] = field(default_factory=dict)
    bootstrap: str = "run"
    cluster: str = ""
    kubeconfig: Path | None = None
    source: Callable[[], Source] | None = None
    life: Life | None = None
    second: str = ""

    @property
    def unit(self) -> str:
        """The unit's id; that of a ``second`` unit of the same team has this behind it."""
        return f"u-{self.team}{self.second}"

    @property
    def namespace(self) -> str:
        """Where the team's workloads lie."""
        return f"{self.team}-{self.environment}"

    @property
    def repository(self) -> Path:
        """The config repository."""
        return self.folder / "models"

    # Git -----------------------------------------------------------------------------------------

    def write(self, *documents: Object, path: str = "") -> None:
        """Put workload documents into a file, by default one of each one's own name."""
        if path:
            self.files[f"workloads/{path}"] = yaml.safe_dump_all(documents).encode()
            return
        for each in documents:
            self.files[f"workloads/{each['metadata']['name']}.yaml"] = yaml.safe_dump(each).encode()

    def remove(self, name: str) -> None:
        """Remove a workload's file."""
        del self.files[f"workloads/{name}.yaml"]

    def commit(self) -> str:
        """Commit the platform and all files; give the commit's id."""
        return self.commit_only(self.tree())

    def tree(self) -> dict[str, bytes]:
        """The platform and all files, as they would be committed."""
        return {**self._platform(), **self.files}

    def commit_only(self, files: Mapping[str, bytes]) -> str:
        """Commit exactly these files, without even a platform."""
        self._init()
        return commit(self.repository, files)

    def _init(self) -> None:
        if not self.repository.exists():
            self.repository.mkdir()
            git(self.repository, "init", "-q", "-b", "main")

    def corrupt(self, revision: str, path: str) -> None:
        """Damage the bytes of one file of a commit where git stores them."""
        objects = self.repository / ".git" / "objects"
        for pack in list((objects / "pack").glob("*.pack")):
            kept = pack.rename(self.folder / pack.name)
            pack.with_suffix(".idx").unlink()
            git(self.repository, "unpack-objects", "-q", given=kept.read_bytes())
        blob = git(self.repository, "rev-parse", f"{revision}:{path}").decode().strip()
        file = objects / blob[:2] / blob[2:]
        file.chmod(0o600)
        file.write_bytes(b"not what git wrote")

    def service(self, name: str, **spec: Any) -> Object:
        """A Service document that runs."""
        return self.document(
            "Service", name, {"ports": {"http": 8080}, "health": {"path": "/health"}, **spec}
        )

    def job(self, name: str, **spec: Any) -> Object:
        """A BatchJob document; its pod ends by itself, unless labelled otherwise."""
        return self.document("BatchJob", name, spec)

    def document(self, kind: str, name: str, spec: Object) -> Object:
        """A workload document of this team; ``labels`` of a spec become those of its metadata."""
        spec = dict(spec)
        labels = spec.pop("labels", {})
        metadata = {"name": name, "team": self.team, **({"labels": labels} if labels else {})}
        full = {
            "image": IMAGE,
            "resources": {"cpu": "10m", "memory": "16Mi"},
            "environments": {self.environment: {}},
        }
        known = {info.alias for info in WORKLOADS[kind].model_fields.values()}
        common = {name: value for name, value in full.items() if name in known}
        return {
            "apiVersion": "yardarm.dev/v1alpha1",
            "kind": kind,
            "metadata": metadata,
            "spec": common | spec,
        }

    def _platform(self) -> dict[str, bytes]:
        documents = {
            "yardarm.yaml": _document(
                "Repository", spec={"specs": ["platform", "workloads"], "platform": ["platform"]}
            ),
            "platform/team.yaml": _document(
                "Team", self.team, {"paths": ["workloads/**"], **self.platform.get("team", {})}
            ),
            "platform/class.yaml": _document("AcceleratorClass", "gpu", {"vendor": "nvidia", "type": "gpu"}),
            "platform/environment.yaml": _document(
                "Environment",
                self.environment,
                {
                    "cluster": self.environment,
                    "accelerators": {
                        "gpu": {
                            "resource": "nvidia.com/gpu",
                            "nodes": {"nvidia.com/gpu.product": [self.team]},
                            "tolerate": ["nvidia.com/gpu"],
                            "perDevice": {"cpu": 1, "memory": "1Gi", "shm": "64Mi"},
                        }
                    },
                    **({"sync": self.sync} if self.sync else {}),
                    **self.platform.get("environment", {}),
                },
            ),
        }
        documents |= self.platform.get("more", {})
        return {path: yaml.safe_dump(each).encode() for path, each in documents.items()}

    # The program ---------------------------------------------------------------------------------

    @property
    def settings(self) -> Path:
        """The operator's file, written anew."""
        kubeconfig = self.kubeconfig or self.dev.reconciler_kubeconfig
        return write_settings(
            self.folder / "settings.yaml",
            self.repository,
            {self.environment: kubeconfig},
            {self.environment: self.unit},
            bootstrap=self.bootstrap,
            clusters={self.environment: self.cluster or self.environment},
        )

    def start(self, *, renderer: str = __version__) -> Life:
        """A new life of the program, which :meth:`look` then uses."""
        operator = settings.read(self.settings)
        clock = wiring.SystemClock()
        binding = wiring.bind(operator, operator.of(self.environment), installed(), clock, write=True)
        if self.source:
            binding = replace(binding, source=self.source())
        self.life = Life(self, binding, Machinery(clock, self.pool, renderer))
        return self.life

    def look(self) -> Pass:
        """One pass of the program that runs, started where none does."""
        return (self.life or self.start())()

    def until_quiet(self, but: Collection[str] = ()) -> Pass:
        """Passes until one writes nothing at all and every workload is well; give that pass.

        Args:
            but: ids of workloads that nothing here can make well.

        Raises:
            NotReadyError: it did not happen in time.
        """
        last: list[Pass] = []

        def quiet() -> bool:
            last[:] = [self.look()]
            fine = {State.HEALTHY, State.SUCCEEDED}
            awaited = [each for each in last[0].report.workloads if each.id not in but]
            return (
                not last[0].report.error
                and not last[0].writes
                and all(each.health.state in fine for each in awaited)
            )

        try:
            wait_until(f"a quiet pass of {self.unit}", quiet, self.dev.processes.values())
        except NotReadyError as error:
            raise NotReadyError(f"{error}: {self._restless(last[0])}") from error
        return last[0]

    def _restless(self, seen: Pass) -> str:
        """Why a pass is not quiet, and what is said of the pods that it waits for."""
        health = {each.id: f"{each.health.state} {each.health.reason}" for each in seen.report.workloads}
        events = [f"{each['reason']}: {each['message']}" for each in self.api.list(self.path("events"))]
        return f"{seen.report.error or 'no error'}; {seen.writes}; {health}; {events[-12:]}"

    def cli(self, *arguments: str) -> tuple[int, str]:
        """Run a command on these settings, without the cost of a process; its exit code and what it printed."""
        code, done = invoke(*arguments, "-e", self.environment, "--config", str(self.settings))
        return code, done.output

    def program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on these settings as its user does, in a process of its own."""
        command = [*YARDARM, *arguments, "-e", self.environment, "--config", str(self.settings)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=self.folder, check=False
        )

    def confirm(self, guard: Guard) -> None:
        """Say yes to what a guard holds."""
        code, said = self.cli("confirm", guard.digest[:12])
        assert code == 0, said

    # The cluster ---------------------------------------------------------------------------------

    def path(self, resource: str, name: str = "") -> str:
        """URL path of a resource such as ``apps/deployments`` or ``services`` in the team's namespace."""
        group, _, plural = resource.rpartition("/")
        version = {"apps": "apis/apps/v1", "batch": "apis/batch/v1", "": "api/v1"}.get(
            group, f"apis/{group}/v1"
        )
        return f"/{version}/namespaces/{self.namespace}/{plural}" + (f"/{name}" if name else "")

    def live(self, resource: str, name: str) -> Object | None:
        """A live object, or None."""
        return self.api.get(self.path(resource, name))

    def names(self, resource: str) -> list[str]:
        """Names of all objects of a resource in the team's namespace."""
        return sorted(each["metadata"]["name"] for each in self.api.list(self.path(resource)))


def write_settings(
    file: Path,
    repository: Path,
    kubeconfigs: Mapping[str, Path],
    units: Mapping[str, str],
    *,
    bootstrap: str = "run",
    clusters: Mapping[str, str] | None = None,
    interval: str = "30s",
) -> Path:
    """Write the operator's file for some environments; give its path.

    Args:
        file: where it goes.
        repository: the source of all of them.
        kubeconfigs: by environment.
        units: ids by environment.
        bootstrap: whether first runs wait.
        clusters: names of clusters by environment, where they are not that of the environment.
        interval: how often the source is polled.
    """
    named = clusters or {name: name for name in kubeconfigs}
    content = {
        "apiVersion": "settings.yardarm.dev/v1alpha1",
        "kind": "Settings",
        "stateDir": str(file.parent / "state"),
        "sources": {"models": {"path": str(repository), "interval": interval}},
        "clusters": {
            named[name]: {"kubernetes": {"kubeconfig": str(path)}} for name, path in kubeconfigs.items()
        },
        "units": [
            {
                "id": id_,
                "environment": name,
                "source": "models",
                "cluster": named[name],
                "bootstrap": {"runs": bootstrap},
            }
            for name, id_ in units.items()
        ],
    }
    file.write_text(json.dumps(content))
    return file


def bind_rights(environment: Environment) -> None:
    """Let the reconciler do what it has to, and people with its account trace what controllers have made."""
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    subject = {"kind": "ServiceAccount", "namespace": RECORDS, "name": "yardarm"}
    role = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": RIGHTS["metadata"]["name"],
    }
    with environment.api() as api:
        if api.get(f"{rbac}/clusterroles/{role['name']}") is not None:
            return
        api.post("/api/v1/namespaces", {"metadata": {"name": RECORDS}})
        api.post(f"{rbac}/clusterroles", RIGHTS)
        api.post(
            f"{rbac}/clusterrolebindings",
            {"metadata": {"name": role["name"]}, "roleRef": role, "subjects": [subject]},
        )
        people = {**role, "name": "tracing"}
        rule = {"apiGroups": ["", "apps"], "resources": ["pods", "replicasets"], "verbs": ["get"]}
        api.post(f"{rbac}/clusterroles", {"metadata": {"name": "tracing"}, "rules": [rule]})
        api.post(
            f"{rbac}/clusterrolebindings",
            {"metadata": {"name": "tracing"}, "roleRef": people, "subjects": [subject]},
        )
        own = f"{rbac}/namespaces/{RECORDS}"
        api.post(f"{own}/roles", RECORD_RIGHTS)
        records = {**role, "kind": "Role", "name": "yardarm-records"}
        api.post(
            f"{own}/rolebindings",
            {"metadata": {"name": "yardarm-records"}, "roleRef": records, "subjects": [subject]},
        )


def url_of(api: Api, key: Key) -> str:
    """URL path of any object, by what the server says of its kinds."""
    for root in (f"/apis/{key.group}",) if key.group else ("/api",):
        answer = api.get(root) or {}
        preferred = answer.get("preferredVersion", {}).get("version") or answer["versions"][0]
        listed = api.get(f"{root}/{preferred}") or {}
        plural = next(
            each["name"]
            for each in listed["resources"]
            if each["kind"] == key.kind and "/" not in each["name"]
        )
        scope = f"/namespaces/{key.namespace}" if key.namespace else ""
        return f"{root}/{preferred}{scope}/{plural}/{key.name}"
    raise AssertionError(f"{key} is not served")


def _document(kind: str, name: str = "", spec: Object | None = None) -> Object:
    metadata = {"metadata": {"name": name}} if name else {}
    return {"apiVersion": "yardarm.dev/v1alpha1", "kind": kind, **metadata, "spec": spec or {}}


def _is_record(request: Any) -> bool:
    return request.resource == "configmaps" and request.namespace == RECORDS


def _line(request: Any) -> str:
    """Server-side apply is PATCH for both; the answer's code tells a creation."""
    verb = "create" if request.code == 201 else request.verb
    return f"{verb} {request.resource}/{request.name}"
