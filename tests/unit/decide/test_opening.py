"""What serves waits until what it serves has been fetched."""

from dataclasses import replace

import pytest

from tests.builders import NOW, config_map, entry, inventory, job, picture, record, seen, workload
from yardarm_reconciler.decide.difference import difference
from yardarm_reconciler.decide.effective import Effective, Wanted
from yardarm_reconciler.decide.guards import Confirmed, guard_runs
from yardarm_reconciler.decide.lost import guard_lost
from yardarm_reconciler.decide.opening import unopened, until_open
from yardarm_reconciler.decide.steps import Todo, Verb
from yardarm_reconciler.inventory.records import Inventory, Run, RunState
from yardarm_reconciler.model.manifest import Manifest, manifest
from yardarm_reconciler.model.unit import Unit

ID = "ModelService/nlp/llama"
COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}


def made(kind: str, name: str, version: str = "v1", **spec: object) -> Manifest:
    """An object of the service."""
    metadata = {"name": name, "namespace": "nlp-dev"}
    return manifest({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})


CLAIM = made("PersistentVolumeClaim", "llama-models")
SERVER = made("Deployment", "llama", "apps/v1", replicas=1)
ADDRESS, ROUTE = made("Service", "llama"), made("HTTPRoute", "llama", "gateway.networking.k8s.io/v1")
JOB, PLAIN = job("llama-fetch")
FETCH = replace(PLAIN, overlap="cancel", step="model", opens=True, repeatable=True, fills=CLAIM.key)
FETCHED = Run(FETCH.id, JOB.key, RunState.SUCCEEDED, "u1", step="model")
OBJECTS = (CLAIM, JOB, ADDRESS, SERVER, ROUTE)
APPLIED = (CLAIM, ADDRESS, SERVER, ROUTE)


def todo(known=(), live=(), runs=(), wanted=OBJECTS, *, intents=(FETCH,), holds=until_open) -> Todo:
    """What is to be done for a model service: ``known`` are objects as they were applied, ``live`` those that are there."""
    service = replace(workload(ID, *wanted), runs=intents)
    before = record(
        ID, *(each if not isinstance(each, Manifest) else entry(each) for each in known), runs=runs
    )
    recorded = inventory(*([before] if known or runs else []))
    shown = picture(*(seen(each.key) if isinstance(each, Manifest) else each for each in live), kinds=wanted)
    (only,) = holds(difference(Effective((Wanted(service),), (), ()), shown, recorded, "0", NOW))
    return only


def verbs(found: Todo) -> dict[str, Verb]:
    """The verbs by kind."""
    return {step.key.kind: step.verb for step in found.steps}


def test_a_new_service_is_fetched_before_it_is_served():
    """The claim, the fetch and the address are made; what runs pods and what leads requests there wait."""
    assert verbs(todo()) == {
        "PersistentVolumeClaim": Verb.CREATE,
        "Job": Verb.CREATE,
        "Service": Verb.CREATE,
        "Deployment": Verb.WAIT,
        "HTTPRoute": Verb.WAIT,
    }


def test_what_was_fetched_is_served():
    """Once the run has succeeded nothing waits any more."""
    found = todo([CLAIM, ADDRESS], [CLAIM, ADDRESS, seen(JOB.key, status=COMPLETE)], [FETCHED])

    assert verbs(found)["Deployment"] is verbs(found)["HTTPRoute"] is Verb.CREATE
    assert unopened(found) == ()


@pytest.mark.parametrize("state", [RunState.STARTED, RunState.FAILED])
def test_what_is_not_fetched_is_not_served(state):
    """While the run lasts, and where it failed: what served before goes on."""
    changed = made("Deployment", "llama", "apps/v1", replicas=2)
    wanted = (CLAIM, JOB, ADDRESS, changed, ROUTE)
    found = todo(APPLIED, [*APPLIED, seen(JOB.key)], [replace(FETCHED, state=state)], wanted)

    assert verbs(found)["Deployment"] is Verb.WAIT
    assert next(step for step in found.steps if step.key == SERVER.key).pending


def test_what_the_old_pods_mount_stays_until_the_new_ones_may_come():
    """Their files have names of their own, which the new manifests do not hold any more."""
    files = config_map("llama-files-aaaa")
    running = replace(FETCHED, state=RunState.STARTED)
    found = todo([*APPLIED, files], [*APPLIED, files, seen(JOB.key)], [running])

    assert verbs(found)["ConfigMap"] is Verb.WAIT


def test_what_drifted_is_repaired_while_something_is_fetched():
    """What is wanted of it is what was applied: it has nothing to wait for."""
    running, drifted = (
        replace(FETCHED, state=RunState.STARTED),
        seen(SERVER.key, version="2", projection="q"),
    )
    found = todo(APPLIED, [CLAIM, ADDRESS, drifted, ROUTE, seen(JOB.key)], [running])

    assert verbs(found)["Deployment"] is Verb.UPDATE


def test_a_plain_run_keeps_nothing_waiting():
    """Only a run that says so opens the way for the rest."""
    assert verbs(todo(intents=(replace(FETCH, opens=False),)))["Deployment"] is Verb.CREATE


@pytest.mark.parametrize("state", [RunState.LOST, RunState.CANCELLED])
def test_a_fetch_without_an_end_is_begun_anew(state):
    """It does no harm twice; another run in its place would be left alone."""
    ledger = [replace(FETCHED, state=state)]

    assert verbs(todo([CLAIM], [CLAIM], ledger))["Job"] is Verb.CREATE
    plain = replace(FETCH, repeatable=False, fills=None)
    assert verbs(todo([CLAIM], [CLAIM], ledger, intents=(plain,)))["Job"] is Verb.KEEP


def test_a_fetch_that_failed_is_not_begun_anew():
    """It would fail for ever: a person, or another fetcher, begins it again."""
    assert verbs(todo([CLAIM], [CLAIM], [replace(FETCHED, state=RunState.FAILED)]))["Job"] is Verb.KEEP


def test_a_claim_that_is_gone_is_filled_again():
    """First the Job goes, whose name is needed; only then is the claim made, and filled."""
    first = todo(APPLIED, [ADDRESS, SERVER, ROUTE, seen(JOB.key, status=COMPLETE)], [FETCHED])
    assert verbs(first)["Job"] is Verb.DELETE
    assert verbs(first)["PersistentVolumeClaim"] is Verb.WAIT

    second = todo(APPLIED, [ADDRESS, SERVER, ROUTE], first.record.runs)
    assert verbs(second)["Job"] is verbs(second)["PersistentVolumeClaim"] is Verb.CREATE
    assert second.record.runs[0].state is RunState.INTENDED


def test_a_claim_that_is_going_takes_its_job_with_it():
    """Kubernetes keeps it for as long as a pod names it, be it of a Job that is over."""
    going = seen(CLAIM.key, deleting=True)
    found = todo(APPLIED, [going, ADDRESS, SERVER, ROUTE, seen(JOB.key, status=COMPLETE)], [FETCHED])

    assert verbs(found)["Job"] is Verb.DELETE
    assert next(step for step in found.steps if step.key == CLAIM.key).pending


def test_a_job_that_is_going_is_waited_for():
    """Its deletion is not asked for twice."""
    going = seen(JOB.key, status=COMPLETE, deleting=True)

    assert verbs(todo(APPLIED, [ADDRESS, SERVER, ROUTE, going], [FETCHED]))["Job"] is Verb.WAIT


def test_a_fetch_does_not_wait_for_one_that_nobody_asks_for_any_more():
    """What another step fetches is none of its business."""
    older = Run("r1-bbbb", job("old", "r1-bbbb")[0].key, RunState.STARTED, "u9", step="data/old")

    found = todo([CLAIM], [CLAIM, seen(older.key, uid="u9")], [older])
    assert [step.verb for step in found.steps if step.key == JOB.key] == [Verb.CREATE]


def test_what_another_part_has_fetched_is_not_fetched_again():
    """A canary's model that the base takes is the same run under another step."""
    fetched = replace(FETCHED, step="canary/model")
    found = todo([CLAIM], [CLAIM, seen(JOB.key, status=COMPLETE)], [fetched])

    assert verbs(found)["Job"] is Verb.KEEP
    assert verbs(found)["Deployment"] is Verb.CREATE
    assert [run.step for run in found.record.runs] == ["model"]


def test_a_claim_that_is_filled_again_needs_no_yes():
    """Nothing in it is lost; one that only holds data waits for a person."""
    found = todo(APPLIED, [ADDRESS, SERVER, ROUTE], [replace(FETCHED, state=RunState.INTENDED, uid="")])
    data = todo([CLAIM, ADDRESS], [ADDRESS], wanted=(CLAIM, ADDRESS), intents=())

    assert guard_lost([found], "dev", Confirmed()).held == ()
    assert len(guard_lost([data], "dev", Confirmed()).held) == 1


def test_a_fetch_needs_no_yes_on_a_new_cluster():
    """It may have run before, and that does not matter."""
    nobody, unit = Inventory(None, {}), Unit("u-1", "dev", confirm_runs=True)
    fetching = Wanted(replace(workload(ID, *OBJECTS), runs=(FETCH,)))
    computing = Wanted(replace(workload(ID, *OBJECTS), runs=(replace(FETCH, repeatable=False),)))

    assert guard_runs([fetching], nobody, unit, Confirmed())[0] == frozenset()
    assert len(guard_runs([computing], nobody, unit, Confirmed())[0]) == 1
