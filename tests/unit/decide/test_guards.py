"""What waits for a person, and how a person says yes."""

from datetime import timedelta

import pytest

from tests.builders import NOW, inventory, job, workload
from yardarm_reconciler.decide.effective import Wanted
from yardarm_reconciler.decide.guards import (
    Confirmed,
    PruneLimit,
    confirmation,
    current,
    guard_prune,
    guard_runs,
    make_guard,
)
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.unit import Unit

UNIT = Unit("u-1", "dev")


def ids(count: int) -> list[str]:
    """Ids of so many workloads."""
    return [f"Service/nlp/w{number:02}" for number in range(count)]


def prune(removed: int, recorded: int, confirmed: Confirmed | None = None):
    """Guard the removal of so many of so many."""
    return guard_prune(ids(removed), "dev", recorded, PruneLimit(), confirmed or Confirmed())


@pytest.mark.parametrize(
    ("removed", "recorded", "held"),
    [
        (0, 0, False),
        (1, 50, False),
        (3, 10, False),
        (4, 10, True),
        (4, 20, False),
        (10, 100, False),
        (11, 1000, True),
        (1, 1, True),
        (3, 3, True),
    ],
)
def test_a_removal_is_held_where_it_is_too_many_or_all(removed, recorded, held):
    """More than 10, or more than 20 % and more than 3, or all."""
    assert (prune(removed, recorded)[0] is not None) is held


def test_a_digest_from_git_confirms_exactly_this_set():
    """The twelve characters that were shown are enough, and another set needs another yes."""
    guard, _ = prune(11, 50)

    assert prune(11, 50, Confirmed(frozenset({guard.digest[:12]}))) == (None, guard)
    assert prune(12, 50, Confirmed(frozenset({guard.digest[:12]})))[0] is not None


def test_a_short_digest_confirms_nothing():
    """Fewer than twelve characters could be met by chance."""
    guard, _ = prune(11, 50)

    assert prune(11, 50, Confirmed(frozenset({guard.digest[:11]})))[0] is not None


def test_what_is_left_of_a_confirmed_set_stays_confirmed():
    """A crash in the middle of a confirmed removal does not ask again."""
    guard, _ = prune(40, 50)
    kept = Confirmed(sets=(confirmation(guard, "ana", NOW),))

    assert prune(35, 45, kept)[0] is None
    assert prune(41, 50, kept)[0] is not None


def test_a_yes_to_one_guard_is_none_to_another():
    """Confirmed removals are no confirmed adoptions, even of the same ids."""
    adoption = make_guard("adoption", "dev", ids(11), "")

    assert prune(11, 50, Confirmed(sets=(confirmation(adoption, "ana", NOW),)))[0] is not None


def test_a_confirmation_expires():
    """A yes from last week says nothing about today."""
    given = confirmation(prune(11, 50)[0], "ana", NOW)

    assert current([given], NOW) == (given,)
    assert current([given], NOW + timedelta(days=2)) == ()


def test_the_digest_is_of_the_environment_and_the_sorted_set():
    """Order does not matter, the environment does."""
    assert make_guard("prune", "dev", "ab", "").digest == make_guard("prune", "dev", "ba", "").digest
    assert make_guard("prune", "dev", "ab", "").digest != make_guard("prune", "live", "ab", "").digest


def test_runs_on_a_cluster_without_inventory_wait_until_confirmed():
    """First runs on an unknown cluster are held, unless the settings say that they may run."""
    made, intent = job("tokenize")
    wanted = [Wanted(workload("BatchJob/nlp/tokenize", made, run=intent))]
    nothing = Inventory(None, {})

    waiting, guard, _ = guard_runs(wanted, nothing, UNIT, Confirmed())

    assert waiting == {f"BatchJob/nlp/tokenize@{intent.id}"}
    assert guard_runs(wanted, nothing, UNIT, Confirmed(frozenset({guard.digest})))[0] == frozenset()
    assert guard_runs(wanted, nothing, Unit("u-1", "dev", confirm_runs=False), Confirmed())[0] == frozenset()
    assert guard_runs(wanted, inventory(), UNIT, Confirmed())[0] == frozenset()
