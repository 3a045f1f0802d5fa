"""Two equal clusters on one machine: in the one the program works, in the other the floor."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import floor
from benchmarks.floor import Ask
from benchmarks.processes import Cost, measure
from benchmarks.repository import ENVIRONMENT, Content, files, put
from tests.controlplane.audit import AuditLog, Requests
from tests.controlplane.client import Api
from tests.controlplane.environment import Environment
from tests.controlplane.plane import ControlPlane
from tests.e2e.harness import RECONCILER, RECORDS, YARDARM, bind_rights, write_settings
from tests.trees import MemoryTree
from yardarm_reconciler.cli.wiring import make_machinery
from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.model.manifest import Key, Manifest, labelled
from yardarm_reconciler.pipeline import desired_in, specs_of

UNIT = "u-bench"
PLURALS = {"NetworkPolicy": "networkpolicies"}
"""Of the kinds that are not written with an s."""

APPLY = "fieldManager=floor&force=true&fieldValidation=Strict"


@dataclass(slots=True)
class Site:
    """The program's cluster and the floor's, a config repository, and what its newest commit says."""

    subject: Environment
    bare: Environment
    api: Api
    audit: AuditLog
    folder: Path
    content: Content
    _count: int = field(default=0)

    @property
    def repository(self) -> Path:
        """The config repository."""
        return self.folder / "models"

    @property
    def settings(self) -> Path:
        """The operator's file; the program polls every second."""
        return self.folder / "settings.yaml"

    def commit(self, content: Content) -> str:
        """Commit other content."""
        self.content = content
        return put(self.repository, content)

    def yardarm(self, *arguments: str) -> Cost:
        """Run a command of the program to its end."""
        return measure([*YARDARM, *arguments, *self.options], self._place(arguments[0]))

    @property
    def options(self) -> list[str]:
        """What every command is given."""
        return ["-e", ENVIRONMENT, "--config", str(self.settings)]

    def asked(self, mark: int) -> dict[str, int]:
        """What the program asked of its API server since a mark of the audit log."""
        return by_verb(self.audit.since(mark).by(RECONCILER))

    def floor(self, phases: Iterable[Sequence[Ask]]) -> Cost:
        """Send requests to the other cluster as barely as possible."""
        place = self._place("floor")
        requests = place.with_suffix(".jsonl")
        floor.write(requests, phases)
        command = [
            sys.executable, floor.__file__,
            str(requests), self.bare.url, str(self.bare.ca_file), self.bare.admin_token,
        ]  # fmt: skip
        cost = measure(command, place)
        if cost.exit_code:
            raise RuntimeError(f"the floor failed: {cost.said}")
        return cost

    def _place(self, name: str) -> Path:
        self._count += 1
        return self.folder / f"{self._count:02d}-{name}"


def build(plane: ControlPlane, folder: Path, content: Content) -> Site:
    """Bring up both clusters, empty, and a repository with a first commit."""
    subject, bare = plane.environments("subject", "floor")
    bind_rights(subject)
    api = subject.api()
    site = Site(subject, bare, api, AuditLog(subject.audit_log, api), folder, content)
    put(site.repository, content)
    kubeconfigs = {ENVIRONMENT: subject.reconciler_kubeconfig}
    write_settings(site.settings, site.repository, kubeconfigs, {ENVIRONMENT: UNIT}, interval="1s")
    return site


def manifests(content: Content) -> tuple[Manifest, ...]:
    """Every object that the program makes of some content, labelled as it labels them."""
    with ThreadPoolExecutor(1) as pool:
        desired = desired_in(specs_of(MemoryTree(files(content)), make_machinery(pool)), ENVIRONMENT)
    label = part_of(UNIT)
    return tuple(labelled(made, PART_OF, label) for each in desired.workloads for made in each.manifests)


def path(key: Key, api_version: str) -> str:
    """URL path of an object, or of a whole kind where it has no name."""
    root = f"/apis/{api_version}" if key.group else f"/api/{api_version}"
    scope = f"/namespaces/{key.namespace}" if key.namespace else ""
    plural = PLURALS.get(key.kind, f"{key.kind.lower()}s")
    return f"{root}{scope}/{plural}" + (f"/{key.name}" if key.name else "")


def applied(made: Iterable[Manifest], *, dry_run: bool = False) -> list[Ask]:
    """Server-side apply of each, once."""
    query = APPLY + ("&dryRun=All" if dry_run else "")
    return [Ask("PATCH", f"{path(each.key, each.api_version)}?{query}", each.body) for each in made]


def created(made: Sequence[Manifest]) -> Iterator[list[Ask]]:
    """Everything in the only order that is needed: namespaces first."""
    yield applied(each for each in made if each.key.kind == "Namespace")
    yield applied(each for each in made if each.key.kind != "Namespace")


def listed(made: Iterable[Manifest]) -> list[Ask]:
    """One LIST, in pages, of each kind."""
    kinds = {(each.key.group_kind, each.api_version) for each in made}
    selector = f"labelSelector={PART_OF}={part_of(UNIT)}&limit=500"
    return [
        Ask("GET", f"{path(Key(kind.group, kind.kind, '', ''), version)}?{selector}")
        for kind, version in sorted(kinds)
    ]


def deleted(made: Iterable[Manifest]) -> list[Ask]:
    """DELETE of each."""
    return [
        Ask(
            "DELETE",
            path(each.key, each.api_version),
            {"propagationPolicy": "Background"},
            "application/json",
        )
        for each in made
    ]


def by_verb(asked: Requests) -> dict[str, int]:
    """Requests by verb; dry-runs and writes of our own records are counted apart."""
    counts: Counter[str] = Counter()
    for each in asked:
        own = each.namespace == RECORDS and each.verb not in {"get", "list"}
        counts["record" if own else "dry-run" if each.dry_run else each.verb] += 1
    return dict(sorted(counts.items()))
