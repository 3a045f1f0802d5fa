"""SIGKILL, or a power cut, at any file operation of a sync to a directory: the next sync finishes it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.e2e.deaths import Death, Moment
from tests.e2e.programs import run
from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, batch_job, service
from tests.rendering import render
from tests.trees import MemoryTree
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.directory.store import DirectoryStore
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import PART_OF, EntryState, RunState, part_of
from yardarm_reconciler.model.manifest import Key, canonical, labelled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

RESTARTS = 3
FEWEST = 20
"""File operations of any phase: with fewer, something is not swept."""

CONTENT = {"files": {"/etc/app/app.conf": {"content": "on"}}}
CHANGED = {"files": {"/etc/app/app.conf": {"content": "off"}}}


@dataclass(frozen=True, slots=True)
class Phase:
    """Documents by file name, before and after: what a sync of the second makes of a directory of the first."""

    before: Mapping[str, str]
    after: Mapping[str, str]


FIRST = {"api": service("api", **CONTENT), "index": batch_job("index")}
PHASES = {
    "first apply": Phase({}, FIRST),
    "upgrade": Phase(
        FIRST,
        {"api": service("api", **CHANGED), "index": batch_job("index", run="echo all", overlap="cancel")},
    ),
    "prune": Phase({**FIRST, "web": service("web")}, {"web": service("web")}),
}


@dataclass(frozen=True, slots=True)
class Rendering:
    """A config repository and the directory that it is synced to."""

    repository: Path
    directory: Path

    def write(self, documents: Mapping[str, str]) -> None:
        """Make the repository hold the platform and these documents."""
        shutil.rmtree(self.repository, ignore_errors=True)
        for name, content in self.files(documents).items():
            file = self.repository / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    @staticmethod
    def files(documents: Mapping[str, str]) -> dict[str, str]:
        """All files of the repository by path."""
        platform = {
            "yardarm.yaml": ROOT,
            "platform/dev.yaml": yaml.safe_dump(ENVIRONMENT),
            "platform/nlp.yaml": TEAM,
        }
        return platform | {f"workloads/{name}.yaml": content for name, content in documents.items()}

    def sync(self, death: Death | None = None) -> int:
        """A `yardarm sync` in a process of its own; its exit code."""
        where = ("-C", str(self.repository), "--directory", str(self.directory), "--working-tree")
        program = run(("sync", "-e", "dev", *where), self.directory.with_suffix(".out"), death)
        code = program.process.exitcode
        assert code in {0, -signal.SIGKILL}, program.said
        return code

    def state(self) -> dict[str, tuple[int, bytes]]:
        """Every file with its content and the time of its last write, but for the lock."""
        files = (file for file in self.directory.rglob("*") if file.is_file() and file.name != "lock")
        return {
            str(file.relative_to(self.directory)): (file.stat().st_mtime_ns, file.read_bytes())
            for file in files
        }


def converged(rendering: Rendering) -> bool:
    """Sync until nothing is left to do; false where that never comes."""
    for _ in range(RESTARTS):
        before = rendering.state()
        assert rendering.sync() == 0
        if rendering.state() == before:
            return True
    return False


def check(rendering: Rendering, documents: Mapping[str, str]) -> None:
    """The directory holds what the documents come to, and the inventory lists exactly that."""
    cluster = DirectoryCluster(rendering.directory)
    unit = f"dev@{cluster.identity()}"
    made = render(MemoryTree(rendering.files(documents)), "dev")
    wanted = {each.key: labelled(each, PART_OF, part_of(unit)) for each in made.manifests}
    paths = [path.relative_to(rendering.directory) for path in rendering.directory.glob("*/*/*.yaml")]
    assert {key_of(path) for path in paths} == wanted.keys()
    seen = {key: cluster.get(key) for key in wanted}
    assert {key: each.body for key, each in seen.items()} == {
        key: canonical(each.body) for key, each in wanted.items()
    }
    assert all(each.ours for each in seen.values())
    inventory = Journal(DirectoryStore(rendering.directory), unit, cluster.identity(), "1").read()
    records = inventory.records.values()
    entries = [entry for record in records for entry in record.entries.values()]
    runs = [run for record in records for run in record.runs]
    assert {entry.state for entry in entries} == {EntryState.OWNED}
    listed = [(each.key, each.uid) for each in entries]
    listed += [(each.key, each.uid) for each in runs if each.state is RunState.STARTED]
    assert sorted(listed) == sorted((key, each.uid) for key, each in seen.items())
    assert list((rendering.directory / ".yardarm" / "tmp").iterdir()) == []


def key_of(path: Path) -> Key:
    """The key of a manifest by its path."""
    namespace, kind, name = path.parts
    scope = "" if namespace == "_cluster" else namespace
    return Key.parse(f"{kind}/{scope}/{name.removesuffix('.yaml')}")


def sweep(folder: Path, phase: Phase, moment: Moment, *, every: int = 1) -> int:
    """Kill a phase at its first operation, its second, and so on; give the number of its operations."""
    begun = Rendering(folder / "models", folder / "begun")
    begun.write(phase.before)
    if phase.before:
        assert converged(begun)
    begun.write(phase.after)
    number = 1
    while True:
        case = Rendering(begun.repository, folder / f"case-{number}")
        if phase.before:
            shutil.copytree(begun.directory, case.directory)
        try:
            died = case.sync(Death(number, moment)) != 0
            assert converged(case)
            check(case, phase.after)
        except AssertionError as error:
            error.add_note(f"operation {number}, {moment.value}")
            raise
        if not died:
            return number - 1
        shutil.rmtree(case.directory)
        number += every


@pytest.mark.parametrize(
    ("name", "moment"), [("first apply", Moment.TORN), ("upgrade", Moment.BEFORE), ("prune", Moment.AFTER)]
)
def test_a_sync_may_be_killed_at_some_operations(tmp_path: Path, name: str, moment: Moment):
    """Whatever was written, half written or not: the next sync makes the directory right, and the one after nothing."""
    assert sweep(tmp_path, PHASES[name], moment, every=9) >= FEWEST


@pytest.mark.long
@pytest.mark.parametrize("moment", Moment, ids=lambda each: each.value)
@pytest.mark.parametrize("name", PHASES)
def test_a_sync_may_be_killed_at_any_operation(
    tmp_path: Path, record_property: Callable[[str, object], None], name: str, moment: Moment
):
    """As above, for each operation."""
    operations = sweep(tmp_path, PHASES[name], moment)
    record_property("operations", operations)
    assert operations >= FEWEST
