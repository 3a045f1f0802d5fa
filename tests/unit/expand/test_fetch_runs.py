"""Fetches as runs: which there are, what they are called, and what makes another one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering import render
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.model.workload import RunIntent

CASES = Path(__file__).parents[2] / "cases" / "expand_fetch"
PLATFORM = of_directory(CASES / "_platform").contents
MODEL = """\
apiVersion: yardarm.dev/v1alpha1
kind: ModelService
metadata: {name: llama, team: nlp}
spec:
  runtime: vllm
  model: {uri: "s3://models/a", cache: shared}
  accelerator: l4-24gb
  route: {path: /llama, auth: none}
  variants: {canary: {weight: 10, model: {uri: "s3://models/b"}}, other: {weight: 5, args: {a: 1}}}
  environments: {production: {}}
"""


def runs(caches: tuple[str, str] = ("", "")) -> tuple[RunIntent, ...]:
    """The fetches of the service, with a change of the platform."""
    return runs_of(MODEL, caches)


def runs_of(spec: str, caches: tuple[str, str] = ("", "")) -> tuple[RunIntent, ...]:
    """The runs of the only workload, with a change of the platform."""
    path = "environments/caches.yaml"
    changed = PLATFORM[path].decode().replace(*caches)
    files = {**PLATFORM, "workloads/model.yaml": spec.encode(), path: changed.encode()}
    rendered = render(MemoryTree(files), "production")
    (workload,) = (each for each in rendered.workloads if not each.id.startswith("Team/"))
    return workload.runs


def test_each_thing_is_fetched_once_under_a_name_of_its_own():
    """A variant with another model has a fetch of its own, one with the same model has none."""
    assert [intent.step for intent in runs()] == ["model", "canary/model"]


def test_one_thing_is_fetched_once_whoever_needs_it():
    """Two Jobs that fill one claim would spoil it: the login of the first that needs it is taken."""
    other = "canary: {weight: 10, model: {credentials: b, size: 1Gi}}"
    spec = MODEL.replace('canary: {weight: 10, model: {uri: "s3://models/b"}}', other)
    assert [intent.step for intent in runs_of(spec)] == ["model"]


@pytest.mark.slow
def test_pods_wait_for_every_fetch_and_its_claim_is_known():
    """A fetch that is done twice does no harm, and without its claim it is as if it had never been."""
    assert all(intent.opens and intent.repeatable for intent in runs())
    assert len({intent.fills for intent in runs()}) == len(runs())


@pytest.mark.parametrize(
    "caches",
    [
        ("aws s3 sync --no-progress", "aws s3 sync"),
        ("registry.example.com/tools/aws@", "registry.example.com/tools/aws:2@"),
        ("AWS_REGION: eu-central-1", "AWS_REGION: eu-north-1"),
    ],
    ids=["script", "image", "variable"],
)
def test_another_fetcher_is_another_run_into_the_same_claim(caches):
    """What failed for its program is tried anew; what succeeded finds that its claim is full."""
    before, after = runs(), runs(caches=caches)
    assert {each.id for each in before}.isdisjoint(each.id for each in after)
    assert [each.fills for each in before] == [each.fills for each in after]


@pytest.mark.parametrize("change", [("cpu: 2, memory: 2Gi", "cpu: 4, memory: 8Gi"), ("100Gi", "200Gi")])
def test_how_much_a_fetcher_gets_is_no_reason_to_fetch_again(change):
    """Neither its resources nor the room of the claim say what is fetched."""
    assert [each.id for each in runs(caches=change)] == [each.id for each in runs()]


def test_another_revision_has_another_claim():
    """Beside that which pods still read."""
    (before, *_), (after, *_) = runs(), runs_of(MODEL.replace("s3://models/a", "s3://models/c"))
    assert before.step == after.step
    assert before.fills != after.fills


def test_another_login_is_tried():
    """The Secret's name is part of what a fetch is; what it holds is not known."""
    (before, *_), (after, *_) = (
        runs(),
        runs_of(MODEL.replace("cache: shared", "cache: shared, credentials: b")),
    )
    assert (before.id != after.id, before.fills) == (True, after.fills)


TRAINING = """\
apiVersion: yardarm.dev/v1alpha1
kind: TrainingJob
metadata: {name: tune, team: nlp}
spec:
  image: registry.example.com/nlp/tune:1
  model: {uri: "s3://models/a", cache: shared}
  run: tune
  environments: {production: {}}
"""


def test_a_training_begins_when_its_model_is_there():
    """Its run waits for the fetch, and another model is another run of both."""
    training, fetch = runs_of(TRAINING)
    other, other_fetch = runs_of(TRAINING.replace("models/a", "models/b"))
    assert (training.step, training.needs, fetch.step) == ("", (fetch.id,), "model")
    assert len({training.id, fetch.id, other.id, other_fetch.id}) == 4


def test_where_a_model_is_kept_is_no_reason_to_train_again():
    """The cache and the room are no part of what is computed."""
    elsewhere = TRAINING.replace("cache: shared", "size: 1Gi")
    assert runs_of(elsewhere)[0].id == runs_of(TRAINING)[0].id


PIPELINE = """\
apiVersion: yardarm.dev/v1alpha1
kind: Pipeline
metadata: {name: weekly, team: nlp}
spec:
  defaults: {image: registry.example.com/nlp/tune:1}
  steps:
    a: {kind: TrainingJob, model: {uri: "s3://models/a", cache: shared, credentials: one}, run: tune}
    b: {kind: TrainingJob, model: {uri: "s3://models/a", cache: shared, credentials: two}, run: tune}
  environments: {production: {}}
"""


def test_steps_that_share_a_claim_wait_for_the_one_fetch_that_fills_it():
    """Whatever they would log in with: else one of them would begin before it is there."""
    first, second, fetch = runs_of(PIPELINE)
    assert (first.needs, second.needs, fetch.step) == ((fetch.id,), (fetch.id,), "a/model")
