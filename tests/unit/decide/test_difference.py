"""The restart table and the four causes, row by row."""

from dataclasses import replace

import pytest

from tests.builders import NOW, config_map, entry, inventory, job, picture, record, seen, workload
from yardarm_reconciler.decide.difference import difference
from yardarm_reconciler.decide.effective import Effective, Wanted
from yardarm_reconciler.decide.steps import Verb
from yardarm_reconciler.inventory.records import Entry, EntryState, Run, RunState
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import Key, canonical, manifest

ID = "Service/nlp/a"
MADE = config_map("a")
PENDING = Entry(MADE.key, EntryState.PENDING)


def step(known, live, *, made=MADE, renderer="0"):
    """The one step of a workload with one object."""
    recorded = inventory(record(ID, *([known] if known else [])))
    wanted = Effective((Wanted(workload(ID, made)),), (), ())
    (todo,) = difference(wanted, picture(*([live] if live else []), kinds=[made]), recorded, renderer, NOW)
    (only,) = todo.steps
    return only


def removed(known, live, *, served=(MADE,)):
    """The one step of a workload that git no longer has."""
    old = record(ID, known)
    shown = picture(*([live] if live else []), kinds=served)
    (todo,) = difference(Effective((), (old,), ()), shown, inventory(old), "0", NOW)
    (only,) = todo.steps
    return only


@pytest.mark.parametrize(
    ("known", "live", "verb"),
    [
        (None, None, Verb.CREATE),
        (None, seen(MADE.key), Verb.CONFLICT),
        (None, seen(MADE.key, ours=False), Verb.CONFLICT),
        (PENDING, None, Verb.CREATE),
        (PENDING, seen(MADE.key), Verb.UPDATE),
        (PENDING, seen(MADE.key, ours=False), Verb.CONFLICT),
        (entry(MADE), seen(MADE.key), Verb.KEEP),
        (entry(MADE), seen(MADE.key, version="2"), Verb.KEEP),
        (entry(MADE), seen(MADE.key, version="2", projection="q"), Verb.UPDATE),
        (entry(MADE), seen(MADE.key, ours=False, version="2", projection="q"), Verb.UPDATE),
        (entry(MADE), seen(MADE.key, uid="u2"), Verb.UPDATE),
        (entry(MADE), seen(MADE.key, uid="u2", ours=False), Verb.CONFLICT),
        (entry(MADE), seen(MADE.key, deleting=True), Verb.WAIT),
        (entry(MADE), None, Verb.CREATE),
    ],
)
def test_a_wanted_object_against_its_entry_and_what_lives(known, live, verb):
    """Every row of the restart table gives its one verb."""
    assert step(known, live).verb is verb


@pytest.mark.parametrize(
    ("known", "live", "verb"),
    [
        (entry(MADE), seen(MADE.key), Verb.DELETE),
        (entry(MADE), None, Verb.DELETE),
        (PENDING, None, Verb.FORGET),
        (PENDING, seen(MADE.key), Verb.DELETE),
        (entry(MADE), seen(MADE.key, uid="u2"), Verb.WAIT),
        (entry(MADE), seen(MADE.key, uid="u2", ours=False), Verb.FORGET),
        (entry(MADE), seen(MADE.key, ours=False), Verb.FORGET),
        (entry(MADE), seen(MADE.key, deleting=True), Verb.WAIT),
        (replace(entry(MADE), state=EntryState.DELETING), None, Verb.FORGET),
    ],
)
def test_an_object_of_a_removed_workload(known, live, verb):
    """Only what is listed, has our Apply entry and the uid that we know is deleted."""
    assert removed(known, live).verb is verb


def test_other_bytes_from_another_input_are_a_change_of_git():
    """A commit that changes the manifest is the cause git."""
    changed = replace(entry(MADE), desired="old")
    assert step(changed, seen(MADE.key)).cause is Cause.GIT


def test_other_bytes_from_the_same_input_are_an_upgrade_of_yardarm():
    """The same spec rendered to other bytes by another version is told apart from a commit."""
    changed = replace(entry(MADE), desired="old")

    assert step(changed, seen(MADE.key), renderer="1").cause is Cause.UPGRADE


def test_a_live_change_is_drift():
    """What we wanted did not change, what lives did."""
    assert step(entry(MADE), seen(MADE.key, version="2", projection="q")).cause is Cause.DRIFT


def test_a_claim_that_is_no_longer_wanted_is_retained():
    """Data is never deleted as a side effect of a spec that changed."""
    claim = manifest(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "a", "namespace": "nlp-dev"},
        }
    )

    assert removed(entry(claim), seen(claim.key)).verb is Verb.RETAIN


@pytest.mark.parametrize(("run_names", "verb"), [("files-1", Verb.KEEP), ("files-2", Verb.DELETE)])
def test_what_a_run_still_names_stays(run_names, verb):
    """Its pods, and those of a retry, mount the files that it was made with, whatever the spec says by now."""
    files, (made, intent) = config_map("files-1"), job("index")
    run = Run("r1-old", job("index", "r1-old")[0].key, RunState.STARTED, "uj")
    live = replace(seen(run.key, uid="uj"), body=canonical({"spec": {"configMap": {"name": run_names}}}))
    known = record("BatchJob/nlp/index", entry(files), runs=[run])
    wanted = Wanted(workload(known.id, made, run=intent), (), "c0ffee")

    (todo,) = difference(
        Effective((wanted,), (), ()),
        picture(seen(files.key), live, kinds=(made,)),
        inventory(known),
        "0",
        NOW,
    )

    assert {step.key: step.verb for step in todo.steps}[files.key] is verb


def test_an_object_that_moved_to_another_workload_is_not_deleted():
    """A kind that is renamed takes its objects along: the old workload only forgets them."""
    old = record("BatchJob/nlp/a", entry(MADE))
    wanted = Effective((Wanted(workload(ID, MADE)),), (old,), ())

    todos = difference(wanted, picture(seen(MADE.key)), inventory(old), "0", NOW)

    assert {todo.id: [s.verb for s in todo.steps] for todo in todos} == {
        "BatchJob/nlp/a": [Verb.FORGET],
        ID: [Verb.KEEP],
    }


def test_a_kind_that_the_cluster_does_not_serve_blocks_its_workload():
    """A missing kind is said once, and nothing of the workload is written."""
    wanted = Effective((Wanted(workload(ID, MADE)),), (), ())

    (todo,) = difference(wanted, picture(), inventory(), "0", NOW)

    assert "ConfigMap" in todo.blocked


@pytest.mark.parametrize("state", EntryState)
def test_an_object_of_a_kind_that_is_not_served_stays_in_the_inventory(state):
    """It is not gone: its kind may come back, and then it is deleted."""
    assert removed(replace(entry(MADE), state=state), None, served=()).verb is Verb.WAIT


def test_a_run_whose_kind_is_not_served_is_not_lost():
    """Nothing is known of it: it may still run, and is not given up."""
    made, intent = job("tokenize")
    started = Run(intent.id, made.key, RunState.STARTED, "u1")
    old = record("BatchJob/nlp/tokenize", runs=[started])
    wanted = Wanted(workload(old.id, made, run=intent))

    (kept,) = difference(Effective((wanted,), (), ()), picture(), inventory(old), "0", NOW)
    (removed_,) = difference(Effective((), (old,), ()), picture(), inventory(old), "0", NOW)

    assert kept.record.runs == (started,)
    assert [each.verb for each in removed_.steps] == [Verb.WAIT]


def test_a_namespace_that_is_being_deleted_blocks_what_lies_in_it():
    """Nothing new can be made there: it is waited for, not tried."""
    namespace = seen(Key("", "Namespace", "", MADE.key.namespace), deleting=True)
    wanted = Effective((Wanted(workload(ID, MADE)),), (), ())

    (todo,) = difference(wanted, picture(namespace, kinds=[MADE]), inventory(), "0", NOW)

    assert MADE.key.namespace in todo.blocked
