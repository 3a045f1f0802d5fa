"""Pods of kinds that only an environment knows: how many, and which labels they get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.walker import makes_pods, templates, unaccounted, with_most_replicas
from yardarm_schema.accounting import Accounting

POD = {"containers": [{"name": "main"}]}
KIND = {"apiVersion": "example.com/v1", "kind": "Training", "metadata": {"name": "a"}}


def declared(*pods: dict[str, Any]) -> dict[str, Accounting]:
    """What an environment says of the kind."""
    return {"Training.example.com": Accounting.model_validate_json(json.dumps({"pods": pods}))}


def body(**spec: Any) -> dict[str, Any]:
    """An object of the kind."""
    return {**KIND, "spec": spec}


def test_numbers_of_a_group_are_multiplied():
    """Each group of a list has its own, and each group of a map."""
    known = declared(
        {"at": "spec.groups[*]", "template": "template", "count": ["replicas", "hosts", 2]},
        {"at": "spec.roles.*", "template": "pod", "count": [1]},
    )
    groups = [{"replicas": number, "hosts": 3, "template": {"spec": POD}} for number in (1, 2)]
    made = body(groups=groups, roles={"board": {"pod": {"spec": POD}}})

    found = {each.path: (each.pods, each.labels_at) for each in templates(made, known)}

    first, second, board = (
        ("spec", "groups", 0, "template"),
        ("spec", "groups", 1, "template"),
        ("spec", "roles", "board", "pod"),
    )
    assert {path[:-1]: pods for path, (pods, _) in found.items()} == {first: 6, second: 12, board: 1}
    assert found[(*board, "spec")][1] == (*board, "metadata", "labels")
    assert unaccounted(made, known) == ""
    assert makes_pods(made, known)


def test_what_is_not_there_makes_no_pods():
    """Groups are optional, and so is what describes their pods."""
    known = declared({"at": "spec.groups[*]", "template": "template", "count": ["replicas"]})
    assert templates(body(), known) == ()
    assert templates(body(groups=[{"replicas": 3}]), known) == ()


@pytest.mark.parametrize("replicas", [None, "3", True, -1, 1.5])
def test_a_number_that_is_none_is_an_error(replicas):
    """What the kind takes where nothing stands there nobody here knows."""
    known = declared({"template": "spec.template", "count": ["spec.replicas"]})
    with pytest.raises(ValueError, match=r"spec\.replicas"):
        templates(body(template={"spec": POD}, replicas=replicas), known)


def test_containers_elsewhere_are_not_accounted_for():
    """What an environment says of one place does not hold for another, unless it says that there are no pods."""
    known = declared({"template": "spec.template", "count": [1]})
    made = body(template={"spec": POD}, other={"spec": POD})
    assert unaccounted(made, known) == "spec.other.spec.containers"
    assert unaccounted(made, NOTHING) != ""
    assert unaccounted(made, declared()) == ""
    assert not makes_pods(made, declared())


def test_a_kind_that_is_known_is_counted_as_it_is():
    """No declaration can count less of it."""
    job = {"apiVersion": "batch/v1", "kind": "Job", "spec": {"parallelism": 3, "template": {"spec": POD}}}
    known = {"Job.batch": Accounting(pods=())}
    assert [each.pods for each in templates(job, known)] == [3]
    assert unaccounted({**job, "spec": {**job["spec"], "more": POD}}, known) == "spec.more.containers"


def test_a_scaler_of_the_kind_counts_at_its_most():
    """As of any other: what is scaled has the most replicas that its scaler asks for."""
    known = declared({"template": "spec.template", "count": ["spec.replicas"]})
    scaler = {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "a"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "example.com/v1", "kind": "Training", "name": "a"},
            "maxReplicaCount": 9,
        },
    }
    made, _ = with_most_replicas((body(template={"spec": POD}, replicas=2), scaler), 1)
    assert [each.pods for each in templates(made, known)] == [9]
