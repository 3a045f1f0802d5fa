"""A unit and the revisions of its source: real commits, a directory as the cluster, and a clock that is set by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import NOW
from tests.integration.engine import ROOT, TEAM, service
from tests.integration.git_server import GIT, bare, commit
from yardarm_reconciler.decide.guards import accept, confirmation
from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.directory.store import DirectoryStore
from yardarm_reconciler.follow import Follower, Revisions, make_pass
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import UNIT, Inventory, Order, Parent, Pin
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.model.change import Report, Sync
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.source.address import RefKind, ref
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.local import LocalSource

pytestmark = pytest.mark.slow

ANA = Order("ana", NOW)


@dataclass
class HandClock:
    """Stands still until it is set."""

    time: datetime = NOW

    def now(self) -> datetime:
        """As it was set."""
        return self.time

    def monotonic(self) -> float:
        """As above."""
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        """Time passes."""
        self.time += timedelta(seconds=seconds)


@dataclass
class Ship:
    """A config repository with the environments staging and production, each a directory of its own."""

    folder: Path
    pool: Executor
    clock: HandClock = field(default_factory=HandClock)
    sync: dict[str, dict[str, Any]] = field(default_factory=dict)
    revisions: dict[str, Revisions] = field(default_factory=dict)
    linear: bool = False

    @property
    def repository(self) -> Path:
        """Where commits go."""
        path = self.folder / "models"
        return path if path.exists() else bare(path)

    def commit(self, *, parent: str = "", **images: str) -> str:
        """Commit services by name, each with the tag of its image."""
        files = {"yardarm.yaml": ROOT, "platform/nlp.yaml": TEAM}
        for name in ("staging", "production"):
            environment = {
                "apiVersion": "yardarm.dev/v1alpha1",
                "kind": "Environment",
                "metadata": {"name": name},
                "spec": {"cluster": name, "sync": self.sync.get(name, {})},
            }
            files[f"platform/{name}.yaml"] = yaml.safe_dump(environment)
        for name, tag in images.items():
            document = yaml.safe_load(service(name, image=f"registry.example.com/{name}:{tag}"))
            document["spec"]["environments"] = {"staging": {}, "production": {}}
            files[f"workloads/{name}.yaml"] = yaml.safe_dump(document)
        return commit(self.repository, {path: text.encode() for path, text in files.items()}, parent=parent)

    @contextlib.contextmanager
    def session(self, environment: str) -> Iterator[tuple[Live, Journal]]:
        """The directory of an environment, as a new process opens it."""
        root = self.folder / environment
        cluster = DirectoryCluster(root)
        with cluster.locked():
            live = Live(cluster, Polled(cluster, self.pool), self.pool, self.unit(environment))
            yield live, Journal(DirectoryStore(root), f"u-{environment}", cluster.identity(), "1")

    def unit(self, environment: str) -> Unit:
        """As settings would bind it."""
        return Unit(f"u-{environment}", environment, environment, confirm_runs=False, linear=self.linear)

    def inventory(self, environment: str) -> Inventory:
        """What is recorded of an environment now."""
        with self.session(environment) as (_, journal):
            return journal.read()

    def follower(self, environment: str) -> Follower:
        """What the program that runs remembers of a unit."""
        return Follower(
            self.unit(environment),
            LocalSource(Git(GIT), self.repository, ref(RefKind.BRANCH, "main")),
            Machinery(self.clock, self.pool, "1"),
            self.revisions.setdefault(environment, Revisions()),
            self.inventory,
        )

    def turn(self, environment: str, *, write: bool = True) -> Report:
        """One pass of the program that runs."""
        follower = self.follower(environment)
        follower.look()
        with self.session(environment) as (live, journal):
            return make_pass(follower.choose(journal.read()), follower, live, journal, write=write)

    def order(self, environment: str, **changes: Any) -> None:
        """What a person tells a unit, beside the program that runs."""
        with self.session(environment) as (_, journal):
            journal.read()
            journal.amend_parent(lambda parent: replace(parent, **changes))

    def confirm(self, environment: str, report: Report) -> None:
        """Say that the newest revision shall not wait."""
        assert report.advance is not None
        given = confirmation(report.advance, "ana", self.clock.now())
        with self.session(environment) as (_, journal):
            journal.read()
            journal.amend_parent(lambda parent: accept(parent, given, self.unit(environment)))

    def parent(self, environment: str) -> Parent:
        """What is recorded of the unit."""
        parent = self.inventory(environment).parent
        assert parent is not None
        return parent

    def image(self, environment: str, name: str) -> str:
        """The tag that a service runs, or nothing."""
        (found, *_) = [*self.folder.glob(f"{environment}/*/Deployment.apps/{name}.yaml"), None]
        if found is None:
            return ""
        return yaml.safe_load(found.read_text())["spec"]["template"]["spec"]["containers"][0]["image"].split(
            ":"
        )[1]

    def line(self, report: Report) -> str:
        """Why it is not at the newest."""
        return report.notes.get("behind", "")


@pytest.fixture
def ship(tmp_path: Path) -> Iterator[Ship]:
    """A repository with one commit, which both environments run."""
    with ThreadPoolExecutor(4) as pool:
        made = Ship(tmp_path, pool)
        made.commit(api="1", web="1")
        made.turn("staging")
        made.turn("production")
        yield made


NIGHT = [{"allow": "0 22 * * *", "for": "6h"}]


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_outside_its_window_what_runs_is_repaired_and_nothing_new_comes(ship: Ship):
    """The window is that of the newest revision, the workloads those of the followed one."""
    ship.sync["production"] = {"windows": NIGHT}
    first = ship.parent("production").revision
    ship.commit(api="2")
    (deployment,) = ship.folder.glob("production/*/Deployment.apps/api.yaml")
    deployment.unlink()

    report = ship.turn("production")

    assert (report.revision, ship.line(report)) == (first, "behind by 1: window opens 22:00 UTC")
    assert (ship.image("production", "api"), ship.image("production", "web")) == ("1", "1")
    ship.clock.time = NOW.replace(hour=23)
    ship.turn("production")
    assert (ship.image("production", "api"), ship.image("production", "web")) == ("2", "")


def test_a_confirmed_revision_does_not_wait(ship: Ship):
    """The digest is of exactly that revision; the history names who sent it."""
    ship.sync["production"] = {"windows": NIGHT}
    ship.commit(api="2", web="1")
    ship.confirm("production", ship.turn("production"))

    assert ship.line(ship.turn("production")) == ""
    assert ship.image("production", "api") == "2"
    assert "confirmed" in ship.parent("production").history[-1]["by"]
    ship.commit(api="3", web="1")
    assert ship.turn("production").advance is not None
    assert ship.image("production", "api") == "2"


def test_an_advance_that_was_interrupted_goes_on_though_the_window_has_shut(ship: Ship):
    """A crash in the middle leaves half of a revision: the rest of it is a repair."""
    ship.sync["production"] = {"windows": NIGHT}
    second = ship.commit(api="2", web="2")
    ship.clock.time = NOW.replace(hour=23)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DirectoryCluster, "update", _dies)
        with pytest.raises(KeyboardInterrupt):
            ship.turn("production")
    ship.clock.time = NOW + timedelta(days=1)
    ship.turn("production")

    assert ship.parent("production").revision == second
    assert (ship.image("production", "api"), ship.image("production", "web")) == ("2", "2")


def test_removals_wait_for_the_window_too(ship: Ship):
    """What a guard held is not deleted at noon because it was confirmed at noon."""
    ship.sync["production"] = {"windows": NIGHT, "prune": {"workloads": 0, "percent": 0}}
    ship.commit(api="1")
    ship.clock.time = NOW.replace(hour=23)
    (guard,) = ship.turn("production").guards
    ship.clock.time = NOW + timedelta(days=1)
    with ship.session("production") as (_, journal):
        journal.read()
        given = confirmation(guard, "ana", ship.clock.now())
        journal.amend_parent(lambda parent: accept(parent, given, ship.unit("production")))

    ship.turn("production")
    assert ship.image("production", "web") == "1"
    ship.clock.time = (NOW + timedelta(days=1)).replace(hour=22)
    ship.turn("production")
    assert ship.image("production", "web") == ""


def test_a_change_soaks_in_staging_first(ship: Ship):
    """Thirty minutes after staging runs it, and not before."""
    ship.sync["production"] = {"after": ["staging"], "soak": "30m"}
    ship.commit(api="1", web="1")
    ship.turn("staging")
    ship.turn("production")
    ship.commit(api="2", web="1")
    assert ship.line(ship.turn("production")) == "behind by 1: staging does not run this Service/nlp/api yet"
    ship.turn("staging")
    assert ship.line(ship.turn("production")) == "behind by 1: soak 30m"
    ship.clock.sleep(18 * 60)
    assert ship.line(ship.turn("production")) == "behind by 1: soak 12m"
    ship.clock.sleep(12 * 60)
    assert ship.line(ship.turn("production")) == ""
    assert ship.image("production", "api") == "2"


def test_a_busy_repository_does_not_keep_production_from_following(ship: Ship):
    """A commit every ten minutes to another workload: production follows half an hour behind."""
    ship.sync["production"] = {"after": ["staging"], "soak": "30m"}
    tags = {f"s{number}": "1" for number in range(6)}
    ship.commit(**tags)
    ship.turn("staging")
    ship.clock.sleep(3600)
    ship.turn("production")
    for name in tags:
        tags[name] = "2"
        ship.commit(**tags)
        ship.turn("staging")
        ship.turn("production")
        ship.clock.sleep(10 * 60)
    report = ship.turn("production")

    assert [ship.image("production", name) for name in tags] == ["2", "2", "2", "2", "1", "1"]
    assert ship.line(report) == "behind by 2: soak 20m"


def test_a_revert_does_not_soak(ship: Ship):
    """What ran in production before is no news there."""
    ship.sync["production"] = {"after": ["staging"], "soak": "30m"}
    ship.commit(api="1", web="1")
    for environment in ("staging", "production"):
        ship.turn(environment)
    ship.commit(api="2", web="1")
    ship.turn("staging")
    ship.clock.sleep(1800)
    ship.turn("production")
    ship.commit(api="1", web="1")

    assert ship.line(ship.turn("production")) == ""
    assert ship.image("production", "api") == "1"


@pytest.mark.parametrize(
    ("after", "reason"),
    [("stagign", "stagign is no environment that can be read"), ("unbound", "unbound is no environment")],
)
def test_a_wave_that_waits_for_nothing_never_opens(ship: Ship, after: str, reason: str):
    """A typing error in `after` must not let everything through."""
    ship.sync["production"] = {"after": [after], "soak": "30m"}
    ship.commit(api="2", web="1")

    assert reason in ship.line(ship.turn("production"))
    assert ship.image("production", "api") == "1"


def test_a_suspended_unit_is_looked_at_and_left_alone(ship: Ship):
    """Its drift is reported, nothing is written, and it goes on when it is resumed."""
    ship.order("production", suspended={UNIT: ANA})
    ship.commit(api="2", web="1")
    (deployment,) = ship.folder.glob("production/*/Deployment.apps/web.yaml")
    deployment.unlink()

    report = ship.turn("production")
    assert [each.sync for each in report.workloads if each.id.endswith("/web")] == [Sync.OUT_OF_SYNC]
    assert not deployment.exists()
    ship.order("production", suspended={})
    ship.turn("production")
    assert (ship.image("production", "api"), ship.image("production", "web")) == ("2", "1")


def test_a_suspended_workload_keeps_its_objects_while_others_go_on(ship: Ship):
    """Though git removes it, and its whole team's other workload changes."""
    ship.order("production", suspended={"Service/nlp/web": ANA})
    ship.commit(api="2")

    report = ship.turn("production")

    assert (ship.image("production", "api"), ship.image("production", "web")) == ("2", "1")
    (web,) = [each for each in report.workloads if each.id == "Service/nlp/web"]
    assert web.sync is Sync.HELD
    assert "suspended by ana" in web.reason


def test_a_pinned_unit_goes_to_that_revision_and_stays(ship: Ship):
    """Also where that is an older one, and whatever is committed meanwhile."""
    first = ship.parent("production").revision
    ship.commit(api="2", web="1")
    ship.turn("production")
    ship.order("production", pin=Pin(first, ANA))

    assert ship.turn("production").revision == first
    ship.commit(api="3", web="1")
    assert "pinned to" in ship.line(ship.turn("production"))
    assert ship.image("production", "api") == "1"
    assert [each["revision"] for each in ship.parent("production").history][-1] == first


def test_a_rejected_revision_is_left_and_the_next_one_is_followed(ship: Ship):
    """Back to the last good one at once; forward again with the next commit."""
    first = ship.parent("production").revision
    bad = ship.commit(api="bad", web="1")
    ship.turn("production")
    ship.order("production", rejected={bad: ANA})

    assert ship.turn("production").revision == first
    assert ship.image("production", "api") == "1"
    assert "is rejected by ana" in ship.line(ship.turn("production"))
    ship.commit(api="2", web="1")
    ship.turn("production")
    assert ship.image("production", "api") == "2"


def test_a_rewritten_history_is_refused_where_it_must_continue(ship: Ship):
    """And followed once a person has said so; without the rule it is followed at once."""
    ship.linear = True
    ship.commit(parent="none", api="9", web="9")

    report = ship.turn("production")
    assert "history was rewritten" in ship.line(report)
    assert ship.image("production", "api") == "1"
    ship.confirm("production", report)
    ship.turn("production")
    assert ship.image("production", "api") == "9"
    ship.linear = False
    assert ship.turn("staging").revision == ship.parent("production").revision


def test_a_pinned_revision_that_cannot_be_read_keeps_what_runs(ship: Ship):
    """A person's typing error is no reason to stop repairing."""
    ship.order("production", pin=Pin("0" * 40, ANA))
    (deployment,) = ship.folder.glob("production/*/Deployment.apps/web.yaml")
    deployment.unlink()

    assert "cannot be read" in ship.line(ship.turn("production"))
    assert deployment.exists()


def test_a_new_process_repairs_while_its_source_does_not_answer(ship: Ship):
    """What is followed is read from what is here, and the newest is whatever it was."""
    (deployment,) = ship.folder.glob("production/*/Deployment.apps/web.yaml")
    deployment.unlink()
    ship.revisions.clear()
    follower = ship.follower("production")  # which could not look

    with ship.session("production") as (live, journal):
        report = make_pass(follower.choose(journal.read()), follower, live, journal, write=True)

    assert report.revision == ship.parent("production").revision
    assert deployment.exists()


def test_where_nothing_is_followed_yet_a_shut_window_writes_nothing(tmp_path: Path):
    """A new environment waits like any other."""
    with ThreadPoolExecutor(4) as pool:
        ship = Ship(tmp_path, pool, sync={"production": {"windows": NIGHT}})
        ship.commit(api="1")
        report = ship.turn("production")

        assert ship.line(report) == "nothing is followed yet: window opens 22:00 UTC"
        assert ship.image("production", "api") == ""
