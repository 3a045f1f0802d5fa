"""The ledger: a run is started once and never as drift."""

from dataclasses import replace

import pytest

from tests.builders import NOW, job, seen, workload
from yardarm_reconciler.decide.runs import decide_runs, run_name
from yardarm_reconciler.decide.steps import Verb
from yardarm_reconciler.inventory.records import Run, RunState

JOB, INTENT = job("tokenize")
STARTED = Run(INTENT.id, JOB.key, RunState.STARTED, "u1")
COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}


def decide(ledger, live=None, intent=INTENT, made=JOB, *, allowed=True):
    """Decide about one run against its ledger."""
    wanted = workload("BatchJob/nlp/tokenize", *([made] if made else []), run=intent)
    waiting = frozenset() if allowed or intent is None else frozenset({run_name(wanted, intent)})
    return decide_runs(wanted, ledger, {live.key: live} if live else {}, NOW, waiting)


def verbs(decision) -> list[Verb]:
    """The verbs of all steps."""
    return [step.verb for step in decision.steps]


def test_a_run_that_no_ledger_knows_is_created():
    """The first sight of a run id starts it."""
    decision = decide([])

    assert verbs(decision) == [Verb.CREATE]
    assert decision.runs[0].state is RunState.INTENDED


@pytest.mark.parametrize("state", [s for s in RunState if s.over])
def test_a_run_that_is_over_and_gone_is_never_started_again(state):
    """A finished Job that was deleted by hand or by a TTL stays deleted."""
    decision = decide([replace(STARTED, state=state)])

    assert verbs(decision) == [Verb.KEEP]


def test_a_started_run_that_is_gone_is_lost():
    """Nobody saw its end: it is said, and not repeated."""
    decision = decide([STARTED])

    assert decision.runs[0].state is RunState.LOST
    assert verbs(decision) == [Verb.KEEP]


def test_an_intended_run_that_lives_has_started():
    """The answer to the create was lost in a crash: its uid is learned."""
    decision = decide([Run(INTENT.id, JOB.key, RunState.INTENDED)], seen(JOB.key))

    assert decision.runs[0] == replace(decision.runs[0], state=RunState.STARTED, uid="u1")
    assert verbs(decision) == [Verb.KEEP]


def test_an_intended_run_that_is_absent_is_created():
    """The create never arrived."""
    assert verbs(decide([Run(INTENT.id, JOB.key, RunState.INTENDED)])) == [Verb.CREATE]


def test_an_intended_run_behind_a_foreign_object_is_a_conflict():
    """Somebody else's Job of that name is neither taken nor counted as ours."""
    assert verbs(decide([Run(INTENT.id, JOB.key, RunState.INTENDED)], seen(JOB.key, ours=False))) == [
        Verb.CONFLICT
    ]


def test_the_end_of_a_run_is_seen_in_its_conditions():
    """Complete means succeeded."""
    assert decide([STARTED], seen(JOB.key, status=COMPLETE)).runs[0].state is RunState.SUCCEEDED


def test_a_changed_spec_of_a_job_never_changes_the_job_that_runs():
    """A new run id waits for the end of the old run, which is left alone."""
    made, intent = job("tokenize", "r1-bbbb")

    decision = decide([STARTED], seen(JOB.key), intent, made)

    assert verbs(decision) == [Verb.KEEP, Verb.WAIT]


def test_overlap_cancel_deletes_the_old_run_and_waits_until_it_is_gone():
    """The team said that a new run replaces a running one: never that both hold devices at one time."""
    made, intent = job("tokenize", "r1-bbbb")
    cancel = replace(intent, overlap="cancel")
    cancelled, terminating = replace(STARTED, state=RunState.CANCELLED), seen(JOB.key, deleting=True)

    assert sorted(verbs(decide([STARTED], seen(JOB.key), cancel, made))) == [Verb.DELETE, Verb.WAIT]
    assert verbs(decide([cancelled], terminating, cancel, made)) == [Verb.KEEP, Verb.WAIT]
    assert verbs(decide([cancelled], None, cancel, made)) == [Verb.KEEP, Verb.CREATE]


def test_a_run_that_may_not_start_yet_cancels_none():
    """A person has to confirm the new run first; until then the old one goes on."""
    made, intent = job("tokenize", "r1-bbbb")
    waiting = decide([STARTED], seen(JOB.key), replace(intent, overlap="cancel"), made, allowed=False)

    assert verbs(waiting) == [Verb.KEEP, Verb.WAIT]


def test_a_run_that_was_only_meant_waits_for_another_too():
    """Its create was refused, the spec went back and forth: overlap counts for it as for any other."""
    made, intent = job("tokenize", "r1-bbbb")
    meant = Run(intent.id, made.key, RunState.INTENDED)

    assert verbs(decide([STARTED, meant], seen(JOB.key), intent, made)) == [Verb.KEEP, Verb.WAIT]


def test_somebody_elses_job_of_its_name_means_that_the_run_is_lost():
    """What was started is gone, and must not hold up others for ever."""
    assert decide([STARTED], seen(JOB.key, uid="other", ours=False)).runs[0].state is RunState.LOST


def test_rerun_never_starts_only_the_first():
    """With ``rerun: never`` another id starts nothing once there was a run."""
    made, intent = job("tokenize", "r1-bbbb")
    over = replace(STARTED, state=RunState.SUCCEEDED)

    assert Verb.CREATE not in verbs(decide([over], None, replace(intent, rerun="never"), made))


def test_a_run_on_a_cluster_without_inventory_waits():
    """It may have run before: a person says so."""
    assert verbs(decide([], allowed=False)) == [Verb.WAIT]


def test_history_keeps_the_newest_and_deletes_older_jobs():
    """Ended runs beyond ``history`` go, by the ledger."""
    old = [Run(f"r1-{i}", job("tokenize", f"r1-{i}")[0].key, RunState.SUCCEEDED, f"u{i}") for i in range(3)]
    live = {run.key: seen(run.key, uid=run.uid) for run in old}

    wanted = workload("BatchJob/nlp/tokenize", JOB, run=replace(INTENT, history=1))
    decision = decide_runs(wanted, old, live, NOW)

    deleted = [step.run.id for step in decision.steps if step.verb is Verb.DELETE]
    assert deleted == ["r1-0", "r1-1"]


def test_a_held_workload_starts_no_run():
    """Without an intent nothing is created, and what runs is left alone."""
    assert verbs(decide([STARTED], seen(JOB.key), None, None)) == [Verb.KEEP]


TRAIN, TRAIN_INTENT = job("train", "r1-bbbb")
STEPS = replace(
    workload("Pipeline/nlp/weekly", JOB, TRAIN),
    runs=(
        replace(INTENT, step="tokenize"),
        replace(TRAIN_INTENT, step="train", needs=(INTENT.id,)),
    ),
)
TOKENIZED = replace(STARTED, step="tokenize")


@pytest.mark.parametrize(
    ("state", "train"),
    [
        (RunState.STARTED, Verb.KEEP),
        (RunState.FAILED, Verb.KEEP),
        (RunState.LOST, Verb.KEEP),
        (RunState.SUCCEEDED, Verb.CREATE),
    ],
)
def test_a_step_starts_when_what_it_needs_has_succeeded(state, train):
    """Not while that runs, and not when it failed or was lost."""
    live = {JOB.key: seen(JOB.key)} if state is RunState.STARTED else {}

    decision = decide_runs(STEPS, [replace(TOKENIZED, state=state)], live, NOW)

    assert {step.key: step.verb for step in decision.steps}[TRAIN.key] is train
    assert [run.step for run in decision.runs if run.state is RunState.INTENDED] == (
        ["train"] if train is Verb.CREATE else []
    )


def test_a_step_waits_for_an_older_run_of_another_step():
    """What it writes may be what that one still reads, and their devices are counted one after the other."""
    older = replace(TOKENIZED, id="r1-old", key=job("t", "r1-old")[0].key, uid="uo", step="train")

    waiting = decide_runs(STEPS, [older], {older.key: seen(older.key, uid="uo")}, NOW)
    ended = decide_runs(STEPS, [replace(older, state=RunState.FAILED)], {}, NOW)

    assert {step.key: step.verb for step in waiting.steps}[JOB.key] is Verb.WAIT
    assert {step.key: step.verb for step in ended.steps}[JOB.key] is Verb.CREATE


def test_an_older_run_is_cancelled_before_what_the_new_one_needs_is_there():
    """Else the step that it needs would wait for it."""
    cancelling = replace(STEPS, runs=(STEPS.runs[0], replace(STEPS.runs[1], overlap="cancel")))
    older = replace(TOKENIZED, id="r1-old", key=job("t", "r1-old")[0].key, uid="uo", step="train")

    decision = decide_runs(cancelling, [older], {older.key: seen(older.key, uid="uo")}, NOW)

    assert {step.key: step.verb for step in decision.steps}[older.key] is Verb.DELETE


def test_history_is_kept_for_each_step_by_itself():
    """Many runs of one step do not push out the only run of another."""
    old = [replace(TOKENIZED, id=f"r1-{i}", key=job("t", f"r1-{i}")[0].key, uid=f"u{i}") for i in range(5)]
    ledger = [replace(run, state=RunState.SUCCEEDED) for run in old]
    trained = Run(TRAIN_INTENT.id, TRAIN.key, RunState.SUCCEEDED, "ut", step="train")
    live = {run.key: seen(run.key, uid=run.uid) for run in (*ledger, trained)}

    decision = decide_runs(STEPS, [*ledger, trained], live, NOW)

    assert {step.key for step in decision.steps if step.verb is Verb.DELETE} == {old[0].key, old[1].key}


ENDS = [state for state in RunState if state.over]


def again(ledger, live=None, uids=("u1",)):
    """Decide with an order to repeat some runs."""
    wanted = workload("BatchJob/nlp/tokenize", JOB, run=INTENT)
    return decide_runs(wanted, ledger, {live.key: live} if live else {}, NOW, again=frozenset(uids))


@pytest.mark.parametrize("state", ENDS)
def test_a_run_that_a_person_wants_once_more_begins_anew(state):
    """Its object is gone: the ledger forgets its end, and it is created."""
    decision = again([replace(STARTED, state=state, started="s", ended="e")])

    assert verbs(decision) == [Verb.CREATE]
    assert decision.runs == (Run(INTENT.id, JOB.key, RunState.INTENDED),)


@pytest.mark.parametrize("state", ENDS)
def test_the_object_of_a_run_that_is_wanted_once_more_goes_first(state):
    """It has the name; until it is gone the ledger says what became of it."""
    decision = again([replace(STARTED, state=state)], seen(JOB.key))

    assert verbs(decision) == [Verb.DELETE]
    assert decision.runs[0].state is state


def test_a_run_that_has_not_ended_is_not_begun_anew():
    """The order came too soon: it waits for the end, and counts then."""
    assert verbs(again([STARTED], seen(JOB.key))) == [Verb.KEEP]
    assert verbs(again([STARTED], seen(JOB.key, status=COMPLETE))) == [Verb.DELETE]


def test_an_order_counts_for_one_run_only():
    """What was begun anew has another uid: its end is an end."""
    assert verbs(again([replace(STARTED, uid="u2", state=RunState.FAILED)])) == [Verb.KEEP]


def test_somebody_elses_object_of_that_name_is_not_deleted():
    """The run that is wanted once more has to wait for its name."""
    assert verbs(again([replace(STARTED, state=RunState.LOST)], seen(JOB.key, uid="u9", ours=False))) == [
        Verb.KEEP
    ]
