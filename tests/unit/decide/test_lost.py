"""Claims that are gone: who mounts them waits, everybody else goes on."""

from dataclasses import replace

from tests.builders import NOW, config_map, entry
from yardarm_reconciler.decide.guards import Confirmed, confirmation
from yardarm_reconciler.decide.lost import guard_lost
from yardarm_reconciler.decide.steps import Step, Todo, Verb
from yardarm_reconciler.model.manifest import manifest

CLAIM = manifest(
    {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "cache", "namespace": "nlp-dev"},
    }
)
MAP = config_map("a")


def todo(claim=Verb.CREATE, *, had=True):
    """A workload that wants a claim and something beside it."""
    known = entry(CLAIM) if had else None
    steps = (Step(claim, CLAIM.key, CLAIM, known), Step(Verb.CREATE, MAP.key, MAP, entry(MAP)))
    return Todo("Service/nlp/a", None, None, steps)


def verbs(guarded):
    """What becomes of each step."""
    return [step.verb for each in guarded.todos for step in each.steps]


def test_a_workload_whose_claim_is_gone_waits_as_a_whole():
    """It would start with an empty volume."""
    guarded = guard_lost([todo()], "dev", Confirmed())
    assert verbs(guarded) == [Verb.WAIT, Verb.WAIT]
    assert guarded.held[0].ids == (str(CLAIM.key),)


def test_after_a_yes_it_is_made_anew():
    """Empty, as was said."""
    (held,) = guard_lost([todo()], "dev", Confirmed()).held
    given = Confirmed(sets=(confirmation(held, "ana", NOW),))
    guarded = guard_lost([todo()], "dev", given)
    assert verbs(guarded) == [Verb.CREATE, Verb.CREATE]
    assert (guarded.held, guarded.granted) == ((), (held,))


def test_a_new_claim_and_one_that_is_there_hold_nothing():
    """Neither has lost anything."""
    for each in (todo(had=False), todo(Verb.KEEP), todo(Verb.UPDATE)):
        guarded = guard_lost([each], "dev", Confirmed())
        assert (guarded.todos, guarded.held) == ((each,), ())


def test_other_workloads_go_on():
    """The namespace they shared is no reason to wait."""
    other = replace(todo(had=False), id="Service/nlp/b")
    guarded = guard_lost([todo(), other], "dev", Confirmed())
    assert verbs(guarded) == [Verb.WAIT, Verb.WAIT, Verb.CREATE, Verb.CREATE]
