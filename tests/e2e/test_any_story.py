"""Any story of commits, mistakes, people's hands, faults and deaths: after each chapter all that was promised holds.

Hypothesis tells the stories; the cluster, git and the network between are real. What has to be there is kept by a model
that is simple enough to be read: variants of services, the last good of each, and what may not go yet.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.controlplane.faults import Action, Match, Refuse, ResetAfter, ResetBefore, Truncate
from tests.controlplane.proxy import Proxy, fault_proxy
from tests.e2e.harness import RECONCILER, Life, Pass, Site
from tests.e2e.lives import undelayed
from tests.e2e.phases import STAYS
from yardarm_reconciler.model import change
from yardarm_reconciler.model.change import Cause, Sync

STEADY = ("one", "two", "three", "four")
"""Services that stay: no guard on the removal of many, or of all, has a reason to hold anything."""

COMING = ("a", "b", "c")
"""Services that come and go."""

FAULTS: tuple[Action, ...] = (
    ResetBefore(),
    ResetAfter(),
    Refuse(429),
    Refuse(500),
    Refuse(503),
    Truncate(40),
)
LONGEST = 60
"""No pass here has more requests."""

PASSES = 5
"""After so many without a fault nothing may be left to do."""


@dataclass
class Expected:
    """What the story so far comes to."""

    level: dict[str, int] = field(default_factory=dict)
    """By service, the variant that has to run."""
    wrong: set[str] = field(default_factory=set)
    """Services whose spec cannot be used: they run on as they were, or not at all."""
    unreadable: bool = False
    """A file that is no YAML: while it is there nothing is removed."""
    leaving: set[str] = field(default_factory=set)
    """Removed from git while nothing may be removed."""


class Story(RuleBasedStateMachine):
    """One site, from its first commit on."""

    def __init__(self, sites: Callable[[], Site]) -> None:
        super().__init__()
        self.open = ExitStack()
        self.site = sites()
        self.proxy: Proxy = self.open.enter_context(fault_proxy(self.site.dev))
        self.site.kubeconfig = self.proxy.write_kubeconfig(
            self.site.folder / "proxied", token=self.site.dev.reconciler_token
        )
        self.expected = Expected()
        self.level = 0
        self.mark = self.site.audit.mark()
        self.theirs: dict[str, str] = {}
        self.life: Life = undelayed(self.site)

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.site.api.delete(f"/api/v1/namespaces/{self.site.namespace}")
        self.open.close()

    @initialize()
    def begins(self) -> None:
        """Some services and a job run."""
        self.site.write(self.site.job("index", labels=STAYS))
        for name in STEADY:
            self._write(name)
        self._settle()

    # Commits ---------------------------------------------------------------------------------------

    @rule(name=st.sampled_from((*STEADY, *COMING)))
    def is_written(self, name: str) -> None:
        """A service, new, changed or mended."""
        self._write(name)
        self._settle()

    @rule(name=st.sampled_from((*STEADY, *COMING)))
    def is_written_wrongly(self, name: str) -> None:
        """A field that there is not."""
        document = self.site.service(name)
        document["spec"]["imagge"] = "typo"
        self.site.write(document)
        self.expected.wrong.add(name)
        self.expected.leaving.discard(name)
        self._settle()

    @rule(name=st.sampled_from(COMING))
    def is_removed(self, name: str) -> None:
        """A service leaves git, whatever it was."""
        if f"workloads/{name}.yaml" in self.site.files:
            self.site.remove(name)
            self.expected.wrong.discard(name)
            if name in self.expected.level:
                self.expected.leaving.add(name)
        self._settle()

    @rule(name=st.sampled_from((*STEADY, *COMING)), path=st.sampled_from(("moved", "elsewhere")))
    def moves_to_another_file(self, name: str, path: str) -> None:
        """Where a spec lies changes nothing."""
        here = f"workloads/{name}.yaml"
        if here in self.site.files:
            self.site.files[f"workloads/{path}/{name}.yaml"] = self.site.files.pop(here)
            self._settle()
            self.site.files[here] = self.site.files.pop(f"workloads/{path}/{name}.yaml")
            self._settle()

    @rule()
    def becomes_unreadable(self) -> None:
        """A file that is no YAML, of which nobody knows what it was."""
        self.site.files["workloads/unreadable.yaml"] = b"kind: [Service\n"
        self.expected.unreadable = True
        self._settle()

    @rule()
    def is_readable_again(self) -> None:
        """It goes."""
        self.site.files.pop("workloads/unreadable.yaml", None)
        self.expected.unreadable = False
        self._settle()

    @precondition(lambda self: not self.expected.unreadable and not self.expected.wrong)
    @rule(name=st.sampled_from(STEADY))
    def goes_back(self, name: str) -> None:
        """A force-push: the branch is what it was a commit ago, then comes again."""
        files, before = dict(self.site.files), dict(self.expected.level)
        self._write(name)
        self._settle()
        self.site.files = files
        self.expected.level = before
        self._settle()

    # People's hands --------------------------------------------------------------------------------

    @rule(name=st.sampled_from(STEADY), value=st.integers(5, 9))
    def is_edited(self, name: str, value: int) -> None:
        """Somebody scales with kubectl."""
        self.site.api.patch(self.site.path("apps/deployments", name), {"spec": {"replicas": value}})
        self._settle()

    @rule(
        name=st.sampled_from(STEADY),
        resource=st.sampled_from(("apps/deployments", "services", "serviceaccounts")),
    )
    def is_deleted(self, name: str, resource: str) -> None:
        """Somebody deletes an object of ours."""
        self.site.api.delete(self.site.path(resource, name))
        self._settle()

    @rule(name=st.sampled_from(("x", "y")))
    def is_made_by_others(self, name: str) -> None:
        """An object that is not ours, in our namespace, with a label that looks like ours."""
        if name not in self.theirs:
            labels = {"app.kubernetes.io/managed-by": "yardarm"}
            body = {"metadata": {"name": name, "labels": labels}, "data": {"by": "hand"}}
            made = self.site.api.post(self.site.path("configmaps"), body)
            self.theirs[name] = made["metadata"]["resourceVersion"]
        self._settle()

    # The world -------------------------------------------------------------------------------------

    @rule(
        name=st.sampled_from((*STEADY, *COMING)),
        fault=st.sampled_from(FAULTS),
        number=st.integers(1, LONGEST),
        dies=st.booleans(),
    )
    def is_disturbed(self, name: str, fault: Action, number: int, dies: bool) -> None:  # noqa: FBT001 - drawn
        """A request meets a fault while a service changes; then the program may die."""
        self._write(name)
        self.site.commit()
        self.proxy.faults.add(Match(nth=number), fault)
        self.life()
        self.proxy.faults.clear()
        if dies:
            self.life = undelayed(self.site)
        self._settle()

    @rule(name=st.sampled_from(STEADY))
    def is_written_by_two(self, name: str) -> None:
        """Another process has taken over; the first one still believes that it leads, and has something to do."""
        first, self.life = self.life, undelayed(self.site)
        self._write(name)
        self._settle()
        self._write(name)
        self.site.commit()
        stale = first()
        assert (stale.writes, bool(stale.report.error)) == ([], True)
        self._settle()

    # What holds ------------------------------------------------------------------------------------

    def _write(self, name: str) -> None:
        self.level += 1
        self.site.write(self.site.service(name, env={"LEVEL": str(self.level)}))
        self.expected.level[name] = self.level
        self.expected.wrong.discard(name)
        self.expected.leaving.discard(name)

    def _settle(self) -> None:
        """Commit, and let it work until nothing is left to do: then everything is as it has to be."""
        self.site.commit()
        if not self.expected.unreadable:
            for name in self.expected.leaving:
                del self.expected.level[name]
            self.expected.leaving.clear()
        for last in self._passes():
            if not last.writes and not last.report.error and not repaired_later(last):
                break
        else:
            pytest.fail(f"something is left to do after {PASSES} passes: {last.writes} {last.report.error}")
        self._check(last)

    def _passes(self) -> Iterator[Pass]:
        for number in range(PASSES):
            if number == PASSES // 2:
                # What is edited again and again is repaired ever more seldom: a new process does not know that.
                self.life = undelayed(self.site)
            yield self.life()

    def _check(self, last: Pass) -> None:
        services = {
            each["metadata"]["name"]: each for each in self.site.api.list(self.site.path("apps/deployments"))
        }
        assert {name: level_of(each) for name, each in services.items()} == {
            name: str(level) for name, level in self.expected.level.items()
        }
        assert {each["spec"]["replicas"] for each in services.values()} == {1}
        for resource in ("services", "serviceaccounts"):
            assert set(services) <= set(self.site.names(resource))
        held = {each.id.rpartition("/")[2] for each in last.report.workloads if each.sync is Sync.HELD}
        assert self.expected.wrong <= held | self.expected.leaving
        for name, version in self.theirs.items():
            assert self.site.live("configmaps", name)["metadata"]["resourceVersion"] == version
        made = Counter(
            each.uri.partition("?")[0]
            for each in self.site.audit.since(self.mark).by(RECONCILER).writes()
            if each.resource == "jobs" and each.code == 201 and self.site.namespace == each.namespace
        )
        assert list(made.values()) == [1]


def repaired_later(last: Pass) -> bool:
    """Whether something that was edited or deleted again and again is put back only after a while."""
    return any(each.cause is Cause.DRIFT for each in last.changes(change.Action.HELD))


def level_of(deployment: dict[str, Any]) -> str:
    """Which variant it is."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return next(each["value"] for each in container["env"] if each["name"] == "LEVEL")


def tell(sites: Callable[[], Site], stories: int, chapters: int) -> None:
    """Tell some stories; a seed that fails is printed by Hypothesis, to be kept as a test of its own."""
    run_state_machine_as_test(
        lambda: Story(sites),
        settings=settings(
            max_examples=stories,
            stateful_step_count=chapters,
            deadline=None,
            derandomize="YARDARM_STORIES" not in os.environ,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_story_in_which_everything_happens(sites: Callable[[], Site]):
    """Each chapter once, in an order in which they get in each other's way."""
    story = Story(sites)
    try:
        story.begins()
        story.is_made_by_others("x")
        for name in COMING:
            story.is_written(name)
        story.becomes_unreadable()
        story.is_removed("a")
        story.is_written_wrongly("b")
        story.is_edited("one", 7)
        story.is_readable_again()
        story.is_removed("b")
        story.is_written_wrongly("two")
        story.is_deleted("two", "services")
        story.moves_to_another_file("two", "moved")
        story.is_disturbed("c", ResetAfter(), 14, dies=True)
        story.is_written_by_two("three")
        story.is_written("two")
        story.goes_back("four")
        for _ in range(5):
            story.is_deleted("two", "services")
    finally:
        story.teardown()


@pytest.mark.timeout(900)
def test_some_stories_end_well(sites: Callable[[], Site]):
    """The same few each time."""
    tell(sites, 3, 14)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_many_stories_end_well(sites: Callable[[], Site]):
    """With YARDARM_STORIES set others each time."""
    tell(sites, 40, 30)
