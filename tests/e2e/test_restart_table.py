"""What an entry and a live object say together when the program starts: the restart table of the page on crash points.

Each row is made by hand, in the inventory or in the cluster, and met by a new life of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.controlplane.client import Object
from tests.e2e.harness import Site
from tests.e2e.phases import STAYS
from tests.rendering import render
from tests.trees import MemoryTree
from yardarm_reconciler.inventory.records import (
    PART_OF,
    Entry,
    EntryState,
    Inventory,
    Record,
    RunState,
    part_of,
)
from yardarm_reconciler.model.change import Action, Cause, Change
from yardarm_reconciler.model.manifest import Key, labelled
from yardarm_reconciler.ports import Written

PORT = {"ports": [{"name": "http", "port": 8080}]}


@pytest.fixture(autouse=True)
def applied(site: Site) -> None:
    """Two services and a run that goes on; rows are made of the object Service ``api``."""
    site.write(site.service("api"), site.service("web"), site.job("index", labels=STAYS))
    site.commit()
    assert site.look().report.error == ""


def key(site: Site, name: str = "api") -> Key:
    """The object of a row."""
    return Key("", "Service", site.namespace, name)


def inventory(site: Site) -> Inventory:
    """What is recorded now."""
    with site.start().binding.session(site.pool) as (_, journal):
        return journal.read()


def entry(site: Site, name: str = "api") -> Entry:
    """What is recorded of a row's object."""
    return inventory(site).records[f"Service/{site.team}/{name}"].entries[key(site, name)]


def rewrite(site: Site, id_: str, change: Callable[[Record], Record | None]) -> None:
    """Change what is recorded of a workload, or forget it, as a process would that has died since."""
    with site.start().binding.session(site.pool) as (_, journal):
        after = change(journal.read().records[id_])
        if after is None:
            journal.drop(id_)
        else:
            journal.put(after)
        journal.flush()


def announce(site: Site, name: str = "api") -> None:
    """Make the row's entry what it was before its creation."""
    pending = Entry(key(site, name), EntryState.PENDING)
    rewrite(
        site,
        f"Service/{site.team}/{name}",
        lambda record: replace(record, entries={**record.entries, pending.key: pending}),
    )


def restore(site: Site) -> None:
    """Make the row's object anew, as ours, under another uid: what a restoration does."""
    site.api.delete(site.path("services", "api"))
    made = render(MemoryTree(site.tree()), site.environment).manifests
    (manifest,) = (each for each in made if each.key == key(site))
    with site.start().binding.session(site.pool) as (live, _):
        answer = live.cluster.create(labelled(manifest, PART_OF, part_of(site.unit)))
    assert isinstance(answer, Written), answer


def supplant(site: Site) -> Object:
    """Put somebody else's object in the place of the row's."""
    site.api.delete(site.path("services", "api"))
    return site.api.post(site.path("services"), {"metadata": {"name": "api"}, "spec": PORT})


def uid(site: Site) -> str:
    """The uid of the row's object."""
    return str(site.live("services", "api")["metadata"]["uid"])


def conflicts(changes: list[Change]) -> list[tuple[Key, bool]]:
    """Which objects are in conflict, and whether that is said to need an adoption."""
    return [(each.key, "not ours" in each.reason) for each in changes if each.action is Action.CONFLICT]


def test_pending_and_absent_is_created(site: Site):
    """The create never left: it leaves now, once."""
    site.api.delete(site.path("services", "api"))
    announce(site)

    assert site.start()().objects == ["create services/api"]
    assert entry(site).uid == uid(site)


def test_pending_and_absent_is_dropped_where_it_is_not_wanted(site: Site):
    """There is nothing to delete: no request is sent for it, and its entry goes."""
    site.api.delete(site.path("services", "web"))
    announce(site, "web")
    site.remove("web")
    site.commit()
    done = site.start()()

    assert "delete deployments/web" in done.objects
    assert "delete services/web" not in [f"{each.verb} {each.resource}/{each.name}" for each in done.asked]
    site.start()()
    assert f"Service/{site.team}/web" not in inventory(site).records


def test_pending_and_ours_is_learned(site: Site):
    """The answer to the create was lost: nothing is written, and its uid is known from now on."""
    announce(site)

    assert site.start()().objects == []
    assert (entry(site).state, entry(site).uid) == (EntryState.OWNED, uid(site))
    assert site.start()().writes == []


@pytest.mark.parametrize("known", [False, True], ids=["pending", "other uid"])
def test_foreign_needs_an_adoption(site: Site, known: bool):  # noqa: FBT001 - a row
    """Whether our create never left or our object was replaced: it is not touched before a person has said yes."""
    theirs = supplant(site)
    if not known:
        announce(site)
    met = site.start()()

    assert conflicts(met.changes(Action.CONFLICT)) == [(key(site), True)]
    assert met.objects == []
    assert (
        site.live("services", "api")["metadata"]["resourceVersion"] == theirs["metadata"]["resourceVersion"]
    )
    assert met.guard("adoption").ids == (str(key(site)),)


def test_known_and_the_same_is_left_as_it_is(site: Site):
    """Another life of the program writes nothing at all."""
    assert site.start()().writes == []


def test_another_uid_of_ours_is_updated(site: Site):
    """Restored from a backup: a change of git reaches it, and it is known under its new uid from then on."""
    restore(site)
    site.write(site.service("api", ports={"http": 8081}))
    site.commit()
    done = site.start()()

    assert "patch services/api" in done.objects
    assert done.deletes == []
    assert entry(site).uid == uid(site)


def test_another_uid_of_ours_is_not_pruned(site: Site):
    """Nobody knows what else the backup brought back."""
    restore(site)
    site.remove("api")
    site.commit()
    done = site.start()()

    assert "delete deployments/api" in done.objects
    assert "delete services/api" not in done.objects
    assert site.live("services", "api") is not None
    assert site.start()().objects == []


def test_known_and_absent_is_created(site: Site):
    """Somebody deleted it: that is drift."""
    site.api.delete(site.path("services", "api"))
    done = site.start()()

    assert done.objects == ["create services/api"]
    assert [change.cause for change in done.changes(Action.CREATED)] == [Cause.DRIFT]


@pytest.mark.parametrize(
    ("state", "made", "after"),
    [
        (RunState.INTENDED, 1, RunState.STARTED),
        (RunState.STARTED, 0, RunState.LOST),
        (RunState.SUCCEEDED, 0, RunState.SUCCEEDED),
    ],
    ids=lambda each: each.value if isinstance(each, RunState) else "",
)
def test_an_absent_run_goes_by_its_ledger(site: Site, state: RunState, made: int, after: RunState):
    """Intended: it is started. Started, and its end not seen: lost. Over: nothing, ever."""
    (name,) = site.names("batch/jobs")
    site.api.delete(site.path("batch/jobs", name))
    id_ = f"BatchJob/{site.team}/index"

    def remembered(record: Record) -> Record:
        (run,) = record.runs
        begun = {} if state is not RunState.INTENDED else {"uid": "", "started": ""}
        return replace(record, runs=(replace(run, state=state, **begun),))

    rewrite(site, id_, remembered)
    done = site.start()()

    assert done.objects == [f"create jobs/{name}"] * made
    (run,) = inventory(site).records[id_].runs
    assert run.state is after


def test_ours_by_label_and_fields_but_not_listed_is_a_stray(site: Site):
    """It is shown, and nothing is deleted before a person has said yes to just that."""
    rewrite(site, f"Service/{site.team}/web", lambda _: None)
    site.remove("web")
    site.commit()
    done = site.start()()

    assert done.objects == []
    assert str(key(site, "web")) in done.guard("stray").ids
    assert site.names("apps/deployments") == ["api", "web"]


def test_labelled_and_not_ours_is_ignored(site: Site):
    """Controllers copy labels: it is in nobody's way."""
    labels = site.live("services", "api")["metadata"]["labels"]
    site.api.post(site.path("services"), {"metadata": {"name": "copy", "labels": labels}, "spec": PORT})
    done = site.start()()

    assert (done.objects, done.report.guards) == ([], ())
