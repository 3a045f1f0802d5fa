"""What changes hands between two units, and what stands in its way."""

from dataclasses import replace

import pytest

from tests.builders import NOW, config_map, entry, inventory, job, record
from yardarm_reconciler.decide.guards import ANY_RUN
from yardarm_reconciler.decide.handing import (
    giving,
    handover,
    not_ours,
    obstacles,
    owning,
    received,
    receiving,
    set_aside,
)
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import (
    PART_OF,
    Entry,
    EntryState,
    Inventory,
    Order,
    Parent,
    Run,
    RunState,
    part_of,
)
from yardarm_reconciler.model.manifest import unpack
from yardarm_reconciler.model.unit import Unit

MADE = config_map("a")
ID = "Service/nlp/a"
RUN = Run("r1-a", job("index")[0].key, RunState.SUCCEEDED, "u2")
KNOWN = record(ID, entry(MADE), runs=[RUN], last_good=[MADE])
OTHER = record("Service/search/b", entry(config_map("b", namespace="search-dev"), uid="u3"))
TO = Unit("u-2", "second")
WANTED = {ID: {MADE.key}, OTHER.id: set(OTHER.entries)}
NOTHING = Inventory(None, {})


def noted(known, **notes):
    """An inventory whose parent has more in it."""
    return replace(known, parent=replace(known.parent, **notes))


def second(*records, **notes):
    """The inventory of the other unit."""
    return Inventory(replace(Parent("u-2", "cluster"), **notes), {each.id: each for each in records})


def test_all_of_one_team_or_of_every_team_changes_hands():
    """Objects and the objects of runs, each with its uid."""
    asked = handover(inventory(KNOWN, OTHER), NOTHING, TO, "nlp")

    assert (asked.giver, asked.teams, set(asked.records)) == ("u-1", ("nlp",), {ID})
    assert asked.objects == ((MADE.key, "u1"), (RUN.key, "u2"))
    assert handover(inventory(KNOWN, OTHER), NOTHING, TO, None).teams == ("nlp", "search")
    assert obstacles(asked, inventory(KNOWN), NOTHING, WANTED) == ()


def test_the_digest_is_that_of_just_these_objects_between_just_these_units():
    """One object more, or another unit, is another question."""
    digests = {
        handover(giver, NOTHING, unit, None).guard.digest
        for giver in (inventory(KNOWN), inventory(KNOWN, OTHER))
        for unit in (TO, Unit("u-3", "third"))
    }
    assert len(digests) == 4


@pytest.mark.parametrize("state", [EntryState.PENDING, EntryState.DELETING])
def test_what_is_not_settled_does_not_change_hands(state):
    """Nobody knows whether it is there."""
    known = inventory(record(ID, replace(entry(MADE), state=state)))
    assert len(obstacles(handover(known, NOTHING, TO, None), known, NOTHING, WANTED)) == 1


@pytest.mark.parametrize(("state", "reasons"), [(EntryState.OWNED, 1), (EntryState.RETAINED, 0)])
def test_what_the_other_unit_does_not_want_does_not_change_hands(state, reasons):
    """It would be deleted there; but for what is kept though nobody wants it."""
    known = inventory(record(ID, replace(entry(MADE), state=state)))
    assert len(obstacles(handover(known, NOTHING, TO, None), known, NOTHING, {})) == reasons


@pytest.mark.parametrize(
    ("state", "wanted", "reasons"),
    [
        (RunState.STARTED, {}, 1),
        (RunState.SUCCEEDED, {}, 0),
        (RunState.STARTED, {"BatchJob/nlp/index": {MADE.key}}, 0),
    ],
)
def test_a_run_that_goes_on_changes_hands_where_its_workload_is_wanted(state, wanted, reasons):
    """It may be an older one than git asks for; one of a workload that is not wanted would be cancelled."""
    known = inventory(record("BatchJob/nlp/index", runs=[replace(RUN, state=state)]))
    assert len(obstacles(handover(known, NOTHING, TO, None), known, NOTHING, wanted)) == reasons


@pytest.mark.parametrize(
    ("giver", "taker"),
    [
        ({"restored": "then"}, {}),
        ({}, {"lost": "then"}),
        ({"receiving": {"nlp": "u-3"}}, {}),
        ({}, {"receiving": {"nlp": "u-3"}}),
    ],
)
def test_a_third_unit_or_an_open_question_stands_in_the_way(giver, taker):
    """Neither of the two knows all that there is."""
    one, other = noted(inventory(KNOWN), **giver), second(**taker)
    assert len(obstacles(handover(one, other, TO, None), one, other, WANTED)) == 1


def test_what_the_other_unit_has_of_the_team_itself_stands_in_the_way():
    """Announced objects do not count: none of them was made."""
    known, pending = inventory(KNOWN), Entry(MADE.key, EntryState.PENDING)
    for theirs, reasons in ((entry(MADE, uid="u9"), 1), (pending, 0)):
        other = second(record(ID, theirs))
        assert len(obstacles(handover(known, other, TO, None), known, other, WANTED)) == reasons


def test_what_was_handed_over_to_a_third_unit_is_not_offered():
    """It is that one's, or will be."""
    assert handover(noted(inventory(KNOWN), handed={"nlp": "u-3"}), NOTHING, TO, None).teams == ()


def test_what_is_the_others_already_is_only_forgotten():
    """The first note is gone, the second is there: everything has come."""
    one = noted(inventory(KNOWN), handed={"nlp": "u-2"})
    done = handover(one, second(KNOWN), TO, None)
    assert (done.taken, obstacles(done, one, second(KNOWN), {})) == ({"nlp"}, ())
    assert handover(one, second(KNOWN, receiving={"nlp": "u-1"}), TO, None).taken == frozenset()


def test_a_note_is_taken_back_where_nothing_is_left_of_the_team():
    """Whoever has it no more says so."""
    back = handover(inventory(), second(handed={"nlp": "u-1"}), TO, None)
    assert (back.teams, back.records) == (("nlp",), {})
    assert owning(second(handed={"nlp": "u-1"}).parent, back).handed == {}


def test_what_is_repaired_from_carries_the_label_of_its_new_unit():
    """And nothing else of it changes."""
    (made,) = unpack(received(KNOWN, TO).last_good)
    assert made.body["metadata"]["labels"][PART_OF] == part_of("u-2")
    assert replace(received(KNOWN, TO), last_good=KNOWN.last_good) == KNOWN
    assert received(replace(KNOWN, last_good=b""), TO).last_good == b""


def test_both_units_leave_it_alone_meanwhile():
    """The one that takes until all has come, the one that gives for good."""
    asked = handover(inventory(KNOWN), NOTHING, TO, None)
    taking, gone = receiving(Parent("u-2", "cluster"), asked), giving(inventory().parent, asked)
    ids = (ID, OTHER.id)
    assert [list(not_ours(each, ids)) for each in (taking, gone)] == [[ID], [ID]]
    assert (not_ours(owning(taking, asked), ids), not_ours(None, ids)) == ({}, {})
    todos = [Todo(id_, None, None, (Step(Verb.FORGET, MADE.key),)) for id_ in ids]
    assert [todo.steps for todo in set_aside(todos, not_ours(gone, ids))] == [(), todos[1].steps]


def test_what_people_have_ordered_goes_along():
    """A suspension, a rerun and a run that waits are the other unit's from then on; those of other teams stay."""
    order = Order("ana", NOW)
    known = noted(
        inventory(KNOWN, OTHER),
        suspended={ID: order, OTHER.id: order},
        reruns={"u2": order, "u7": order},
        waiting_runs=(f"{ID}@r1-b", f"{OTHER.id}@r1-c"),
    )
    asked = handover(known, NOTHING, TO, "nlp")
    taking = receiving(Parent("u-2", "cluster", revision="c0ffee"), asked)
    assert (list(taking.suspended), list(taking.reruns), taking.waiting_runs) == (
        [ID],
        ["u2"],
        (f"{ID}@r1-b",),
    )
    gone = giving(known.parent, asked)
    assert (list(gone.suspended), list(gone.reruns)) == ([OTHER.id], ["u7"])
    assert gone.waiting_runs == (f"{OTHER.id}@r1-c",)
    assert receiving(taking, handover(replace(known, parent=gone), second(), TO, "nlp")) == taking


def test_a_unit_that_begins_with_what_it_receives_asks_before_other_runs():
    """They may have run before, as on any new cluster; where the settings let them run, they run."""
    asked = handover(inventory(KNOWN), NOTHING, TO, None)
    free = replace(asked, taker=replace(TO, confirm_runs=False))
    assert receiving(Parent("u-2", "cluster"), asked).waiting_runs == (ANY_RUN,)
    assert receiving(Parent("u-2", "cluster", revision="c0ffee"), asked).waiting_runs == ()
    assert receiving(Parent("u-2", "cluster"), free).waiting_runs == ()
