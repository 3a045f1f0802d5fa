"""Trying everything out: once a day or for another server, a few at a time, and not for ever."""

from tests.builders import config_map, entry, job, seen
from yardarm_reconciler.decide.rounds import DAY, MOST, PER_SECOND, Rounds, kept, tried_out
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.inventory.records import Run, RunState
from yardarm_reconciler.model.change import Cause

KEYS = [config_map(f"c{number:04d}").key for number in range(400)]


def all_keys():
    """Everything that is kept."""
    return KEYS


def test_a_new_process_trusts_what_it_finds_for_a_day():
    """What its inventory says was compared already."""
    rounds = Rounds()
    assert rounds.take("v1", all_keys, 0.0) == frozenset()
    assert rounds.take("v1", all_keys, DAY - 1) == frozenset()
    assert rounds.take("v1", all_keys, DAY) != frozenset()


def test_another_server_is_a_reason_at_once():
    """Its admission, defaults and conversion may be others."""
    rounds = Rounds()
    rounds.take("v1", all_keys, 0.0)
    assert rounds.take("v2", all_keys, 10.0) != frozenset()


def test_a_round_takes_each_object_once_and_no_more_a_second_than_it_may():
    """However long a pass waits, or how often passes come."""
    rounds, seen_keys, now = Rounds(), [], 0.0
    rounds.take("v1", all_keys, now)
    pauses = [1.0, 0.1, 30.0, 600.0, *[20.0] * 10]
    for pause in pauses:
        now += pause
        taken = rounds.take("v2", all_keys, now)
        assert len(taken) <= max(1, min(MOST, round(pause * PER_SECOND)))
        seen_keys += taken
    assert sorted(seen_keys) == KEYS
    assert rounds.pending == ()


def test_where_nothing_tells_of_the_server_there_are_no_rounds():
    """A command looks once, and a directory does nothing by itself."""
    rounds = Rounds()
    assert [rounds.take("", all_keys, now) for now in (0.0, DAY, 2 * DAY)] == [frozenset()] * 3


def test_only_what_is_kept_is_tried_out_and_never_a_run():
    """What is written anyway is tried anyway; a run is the cluster's own."""
    made, (run_made, intent) = config_map("a"), job("tokenize")
    run = Run(intent.id, run_made.key, RunState.STARTED, "u1")
    steps = (
        Step(Verb.KEEP, made.key, made, entry(made), seen(made.key)),
        Step(Verb.KEEP, run_made.key, run_made, entry(run_made), seen(run_made.key), run=run),
        Step(Verb.CREATE, KEYS[0], config_map("c0000")),
    )
    todos = [Todo("Service/nlp/a", None, None, steps)]
    assert kept(todos) == [made.key]
    (tried,) = tried_out(todos, {step.key for step in steps})
    assert [step.verb for step in tried.steps] == [Verb.UPDATE, Verb.KEEP, Verb.CREATE]
    assert tried.steps[0].cause is Cause.DRIFT
