"""Whatever people write: what is rendered keeps to the rules, and counts what a slow calculator counts."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.random_specs import CLASSES, ENVIRONMENTS, FIELDS, IMAGE, PRICES, SECRET, repositories, repository
from tests.rendering import render
from tests.slow_sums import Around, containers, dearest, devices_of, held, made_by, money, pods
from yardarm_schema.units import parse_quantity

pytestmark = pytest.mark.slow

LONGEST = {"CronJob": 52, "CronWorkflow": 52, "StatefulSet": 52}
"""Characters of a name, of which the controllers add some to those of pods; of other kinds 63."""

UNCOUNTED = "accelerator/uncounted"
"""What only a patch may be told: without one it is Yardarm itself that counts wrong."""


def keeps_to_the_rules(workloads):
    """Render workloads in every environment, and hold all that comes out against the rules; tell its kinds."""
    made: Counter[str] = Counter()
    for environment in ENVIRONMENTS:
        rendered = render(repository(*workloads), environment)
        keys = [each.key for each in rendered.manifests]
        assert len(keys) == len(set(keys))
        assert not any(SECRET in f"{each.message} {each.fix} {each.note}" for each in rendered.diagnostics)
        unpatched = {
            f"workloads/{number}.yaml" for number, each in enumerate(workloads) if not _patched(each)
        }
        assert (
            not {each.place.path for each in rendered.diagnostics if each.code.name == UNCOUNTED} & unpatched
        )
        for each in rendered.workloads:
            bodies = list(_bodies(each))
            _are_within_limits(bodies)
            if not each.id.startswith("Team/"):
                devices, cost = _counted(each, bodies, rendered)
                assert all(each.peak.devices.get(name, 0) >= amount for name, amount in devices.items())
                if each.origin.path in unpatched:
                    assert (_some(each.peak.devices), each.peak.cost_per_hour) == (_some(devices), cost)
                made.update(body["kind"] for body in bodies)
                made.update([each.id.partition("/")[0]] if bodies else ())
    return made


def _patched(workload):
    return b'"patch"' in orjson.dumps(workload)


def _bodies(workload):
    """A workload's objects, and those that a workflow among them will make."""
    for each in workload.manifests:
        yield each.body
        if each.body["kind"] == "CronWorkflow":
            yield from made_by(each.body)


def _are_within_limits(bodies):
    around = Around(bodies)
    for body in bodies:
        assert SECRET.encode() not in orjson.dumps(body)
        assert len(body["metadata"].get("name", "")) <= LONGEST.get(body["kind"], 63)
        for _, pod in pods(body, around):
            assert all(amount <= CLASSES[name] for name, amount in devices_of(pod, around).items())
            for container in containers(pod):
                resources = container["resources"]
                limit = resources["limits"]["memory"]
                request = resources.get("requests", {}).get("memory", limit)
                assert parse_quantity(request) <= parse_quantity(limit)


def _counted(workload, bodies, rendered):
    """What the calculator finds in a workload's objects."""
    if workload.id.startswith("Pipeline/"):
        resolved = next(each for each in rendered.resolution.workloads if each.id == workload.id)
        return _of_steps(bodies, resolved.spec.steps)
    devices = held(bodies, Around(bodies))
    return devices, money(devices, PRICES)


def _some(devices):
    return {name: amount for name, amount in devices.items() if amount}


def _of_steps(bodies, steps):
    """Of a pipeline: what its steps hold, each told by its label or by its place in the set."""
    around = Around(bodies)
    holding = {step: Counter() for step in steps}
    runs = 1
    for body in bodies:
        if part := body["metadata"].get("labels", {}).get("yardarm.dev/part"):
            holding[part] += held([body], around)
        elif body["kind"] == "JobSet":
            for job in body["spec"]["replicatedJobs"]:
                holding[job["name"]] += held([{**body, "spec": {"replicatedJobs": [job]}}], around)
        elif body["kind"] == "CronWorkflow":
            runs = 1 if body["spec"]["concurrencyPolicy"] == "Forbid" else 2
    needs = {name: step.get("needs", ()) for name, step in steps.items()}
    devices, cost = dearest(holding, needs, PRICES)
    return {name: runs * amount for name, amount in devices.items()}, runs * cost


def _hold_for(examples, kinds):
    """Hold so many random repositories against the rules; tell how many objects of each kind came out."""
    made: Counter[str] = Counter()

    @settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(workloads=repositories(kinds))
    def hold(workloads):
        made.update(keeps_to_the_rules(workloads))

    hold()
    return made


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_whatever_renders_keeps_to_the_rules(kind):
    """Limits, names, identities, secrets, and sums of devices and money; and some of it does render."""
    made = _hold_for(12, st.just(kind))

    assert made[kind]


LEAST = 0.3
"""Of many random workloads of a kind in an environment, the share that comes through and so shows something."""

SEEN_AT_LENGTH = (
    *("CronWorkflow", "DaemonSet", "InferencePool", "JobSet", "LeaderWorkerSet", "RayJob"),
    *("ResourceClaimTemplate", "ScaledObject", "StatefulSet", "TrainJob"),
)
"""Kinds of objects that random specs yield now and then."""


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_renders_keeps_to_the_rules_for_long():
    """The same of kinds side by side, many times more, so that what is drawn seldom has been seen too."""
    examples = 4000

    made = _hold_for(examples, st.sampled_from(sorted(FIELDS)))

    expected = LEAST * len(ENVIRONMENTS) * examples / len(FIELDS)
    assert {kind: made[kind] for kind in FIELDS if made[kind] < expected} == {}
    assert {each for each in SEEN_AT_LENGTH if made[each] < 20} == set()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_what_a_random_spec_begins_with_renders(kind, environment):
    """Random specs are mostly right: without anything else each kind has objects, and nothing to say."""
    needed, _ = FIELDS[kind]
    own = {
        "kind": kind,
        "metadata": {"name": "a", "team": "nlp"},
        "spec": {**needed, "environments": {"all": {}}},
    }

    rendered = render(repository(own), environment)

    assert [each.code.name for each in rendered.diagnostics if each.is_error] == []
    assert {each.id for each in rendered.workloads if each.manifests} == {f"{kind}/nlp/a", "Team/nlp"}


@pytest.mark.parametrize(
    ("kind", "said", "devices"),
    [
        ("Service", {"accelerator": "small:2", "replicas": 3, "rollout": {"surge": "34%"}}, {"small": 10}),
        (
            "Service",
            {"accelerator": "small:2", "scaling": {"min": 1, "max": 4, "metric": "cpu", "target": "70%"}},
            {"small": 8},
        ),
        ("BatchJob", {"accelerator": "large", "shards": {"count": 9, "parallelism": 4}}, {"large": 4}),
        (
            "ScheduledJob",
            {"accelerator": "large", "schedule": {"cron": "0 3 * * *", "concurrency": "allow"}},
            {"large": 2},
        ),
        ("TrainingJob", {"accelerator": "large:4", "nodes": 3}, {"large": 12}),
        ("ModelService", {"accelerator": "large:4", "nodes": 2, "replicas": 2}, {"large": 16}),
        (
            "Pipeline",
            {
                "defaults": {"image": IMAGE, "run": "true", "resources": {"memory": "1Gi"}},
                "steps": {
                    "one": {"accelerator": "small:3"},
                    "two": {"needs": ["one"], "accelerator": "small:2"},
                    "three": {"needs": ["one"], "accelerator": "small:2"},
                },
            },
            {"small": 4},
        ),
    ],
)
def test_the_slow_calculator_counts_right(kind, said, devices):
    """Sums that anybody can do by hand."""
    needed, _ = FIELDS[kind]
    own = {
        "kind": kind,
        "metadata": {"name": "a", "team": "nlp"},
        "spec": {**needed, **said, "environments": {"rich": {}}},
    }
    rendered = render(repository(own), "rich")
    workload = next(each for each in rendered.workloads if each.id.startswith(kind))

    bodies = [each.body for each in workload.manifests]
    assert _some(_counted(workload, bodies, rendered)[0]) == devices
    assert _some(workload.peak.devices) == devices
