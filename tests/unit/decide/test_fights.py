"""Two that want different things of one object: repairs become seldom, and often again after a peace."""

import itertools

import pytest

from tests.builders import config_map
from yardarm_reconciler.decide.fights import FREE, LONGEST_PAUSE, Fight, after_repairs, calm
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.change import Cause

KEY = config_map("a").key


def todo(cause=Cause.DRIFT, verb=Verb.UPDATE):
    """A workload with one object to write."""
    return Todo("Service/t/a", None, None, (Step(verb, KEY, config_map("a"), cause=cause),))


def verb(fights, now, **step):
    """What becomes of it."""
    ((made,),) = [each.steps for each in calm([todo(**step)], fights, now)]
    return made.verb


def test_the_first_repairs_go_out_at_once_and_then_they_wait():
    """A person who tries twice is put back twice; a program that insists has to wait."""
    fights, at_once = {}, 0
    for second in range(20):
        if verb(fights, float(second)) is Verb.UPDATE:
            at_once += 1
            fights = after_repairs(fights, [KEY], float(second))
    assert FREE <= at_once <= FREE + 3


def test_a_fight_that_goes_on_is_repaired_every_few_minutes_and_no_oftener():
    """It never comes to rest, and never writes much."""
    fights, repairs = {}, []
    for second in range(0, 7200, 5):
        if verb(fights, float(second)) is Verb.UPDATE:
            repairs.append(second)
            fights = after_repairs(fights, [KEY], float(second))
    late = [b - a for a, b in itertools.pairwise(repairs) if a > 3600]
    assert late
    assert 60 <= min(late) <= max(late) <= LONGEST_PAUSE


def test_peace_is_forgotten():
    """After an hour nothing is held against it."""
    fights = {KEY: Fight(6.0, 0.0)}
    assert verb(fights, 1.0) is Verb.WAIT
    assert verb(after_repairs(fights, [], 7200.0), 7200.0) is Verb.UPDATE
    assert after_repairs(fights, [], 7200.0) == {}


@pytest.mark.parametrize("cause", [Cause.GIT, Cause.UPGRADE])
def test_what_git_changed_never_waits(cause):
    """A commit is no part of the fight."""
    assert verb({KEY: Fight(9.0, 0.0)}, 1.0, cause=cause) is Verb.UPDATE


def test_an_object_that_is_deleted_again_and_again_waits_too():
    """To make it anew is a repair as well."""
    assert verb({KEY: Fight(9.0, 0.0)}, 1.0, verb=Verb.CREATE) is Verb.WAIT
