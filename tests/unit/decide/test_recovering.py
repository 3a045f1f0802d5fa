"""After a restoration or a loss: what waits, what is made anew, and what is nobody's."""

from dataclasses import replace

import pytest

from tests.builders import NOW, config_map, entry, inventory, job, picture, record, seen, workload
from yardarm_reconciler.decide.difference import difference
from yardarm_reconciler.decide.effective import Effective, Wanted
from yardarm_reconciler.decide.guards import Confirmed, confirmation
from yardarm_reconciler.decide.recovering import (
    INVENTORY,
    RESTORED,
    Past,
    guard_recovery,
    guard_strays,
    past_of,
)
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Inventory, Run, RunState
from yardarm_reconciler.model.manifest import canonical

MADE = config_map("a")
NOTHING = Inventory(None, {})
LABELS = {"workload-kind": "Service", "team": "nlp", "workload": "old"}


def labelled(name):
    """An object of ours that says what it is of."""
    body = {"metadata": {"labels": {f"yardarm.dev/{part}": value for part, value in LABELS.items()}}}
    return replace(seen(config_map(name).key), body=canonical(body))


def test_no_inventory_where_objects_are_ours_is_a_loss():
    """Somebody else's with our label is none, and an empty cluster is new."""
    assert past_of(picture(seen(MADE.key)), NOTHING, NOW) == Past(lost=NOW.isoformat(), news=True)
    assert past_of(picture(seen(MADE.key, ours=False)), NOTHING, NOW) == Past()
    assert past_of(picture(seen(MADE.key)), inventory(), NOW) == Past()


def test_what_was_found_out_is_remembered_until_it_is_confirmed():
    """Another process does not see it for itself."""
    known = inventory()
    before = replace(known, parent=replace(known.parent, restored="then", lost="before"))
    assert past_of(picture(), before, NOW) == Past("then", "before")


@pytest.mark.parametrize("name", [RESTORED, INVENTORY])
def test_deletions_and_new_runs_wait_and_nothing_else_does(name):
    """Repairs and changes go on."""
    made, intent = job("tokenize")
    run = Run(intent.id, made.key, RunState.INTENDED)
    steps = (
        Step(Verb.CREATE, MADE.key, MADE),
        Step(Verb.UPDATE, MADE.key, MADE),
        Step(Verb.CREATE, made.key, made, run=run),
        Step(Verb.DELETE, MADE.key),
    )
    guarded = guard_recovery([Todo("Service/nlp/a", None, None, steps)], name, "then", "dev", Confirmed())
    assert [step.verb for step in guarded.todos[0].steps] == [Verb.CREATE, Verb.UPDATE, Verb.WAIT, Verb.WAIT]

    given = Confirmed(sets=(confirmation(guarded.held[0], "ana", NOW),))
    freed = guard_recovery([Todo("Service/nlp/a", None, None, steps)], name, "then", "dev", given)
    assert (freed.todos[0].steps, freed.held) == (steps, ())
    again = guard_recovery([Todo("Service/nlp/a", None, None, steps)], name, "later", "dev", given)
    assert again.held != ()


def test_a_lost_entry_is_made_anew_from_managed_fields_alone():
    """Ours is updated, which changes nothing where it is as wanted; somebody else's stays in the way."""
    wanted = Effective((Wanted(workload("Service/nlp/a", MADE)),), (), ())
    for live, verb in ((seen(MADE.key), Verb.UPDATE), (seen(MADE.key, ours=False), Verb.CONFLICT)):
        (todo,) = difference(wanted, picture(live), NOTHING, "0", NOW, rebuilds=True)
        assert [step.verb for step in todo.steps] == [verb]


def test_a_stray_is_shown_and_deleted_after_a_yes():
    """On behalf of the workload that its labels name."""
    stray = labelled("old")
    held = guard_strays([], picture(stray), inventory(), "dev", Confirmed())
    assert [guard.ids for guard in held.held] == [(str(stray.key),)]

    given = Confirmed(sets=(confirmation(held.held[0], "ana", NOW),))
    freed = guard_strays([], picture(stray), inventory(), "dev", given)
    assert [(todo.id, [step.verb for step in todo.steps]) for todo in freed.todos] == [
        ("Service/nlp/old", [Verb.DELETE])
    ]


def test_what_is_listed_wanted_somebody_elses_going_or_holds_data_is_no_stray():
    """Only what nobody accounts for."""
    todo = Todo("Service/nlp/b", None, None, (Step(Verb.KEEP, config_map("b").key),))
    claim = replace(seen(MADE.key), key=replace(MADE.key, kind="PersistentVolumeClaim"))
    live = picture(
        seen(MADE.key),
        seen(config_map("b").key),
        seen(config_map("c").key, ours=False),
        seen(config_map("d").key, deleting=True),
        claim,
    )
    known = inventory(record("Service/nlp/a", entry(MADE)))
    assert guard_strays([todo], live, known, "dev", Confirmed()).held == ()
