"""What runs of an object at one time, read from the object alone."""

from __future__ import annotations

import pytest

from yardarm_reconciler.model.declared import NOTHING
from yardarm_reconciler.model.walker import templates, with_most_replicas


def groups(replicas, size, surge=None, *, leader=True):
    """A LeaderWorkerSet."""
    template = {"leaderTemplate": {"spec": {"leads": True}}} if leader else {}
    rollout = {} if surge is None else {"rollingUpdateConfiguration": {"maxSurge": surge}}
    return {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "llama-group"},
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "rolloutStrategy": rollout,
            "leaderWorkerTemplate": {**template, "workerTemplate": {"spec": {"leads": False}}, "size": size},
        },
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (groups(3, 4), [(True, 3), (False, 9)]),
        (groups(3, 4, 1), [(True, 4), (False, 12)]),
        (groups(3, 4, "25%"), [(True, 4), (False, 12)]),
        (groups(3, 4, leader=False), [(False, 12)]),
        (groups(None, 2), [(True, 1), (False, 1)]),
        (groups(0, 2, 1), [(False, 0)]),
        (groups(2, 1), [(True, 2), (False, 0)]),
    ],
)
def test_a_leader_worker_set_runs_all_pods_of_all_groups(body, expected):
    """Leaders and workers, with the groups of a rollout; without a template of their own leaders are workers."""
    assert [(each.spec["leads"], each.pods) for each in templates(body, NOTHING)] == expected


def test_a_scaled_leader_worker_set_runs_its_most_groups():
    """What scales it says how many there may be."""
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "llama"},
        "spec": {
            "maxReplicas": 5,
            "scaleTargetRef": {
                "apiVersion": "leaderworkerset.x-k8s.io/v1",
                "kind": "LeaderWorkerSet",
                "name": "llama-group",
            },
        },
    }

    most, _ = with_most_replicas([groups(None, 2), scaler], nodes=1)

    assert [each.pods for each in templates(most, NOTHING)] == [5, 5]


@pytest.mark.parametrize("numbers", [(5, 2), (2, 5)])
def test_a_scaler_counts_whatever_version_it_names_and_the_greatest_of_several(numbers):
    """An autoscaler finds its target by group and kind alone, so a version that is not served hides nothing."""
    scalers = [
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": f"llama-{number}"},
            "spec": {
                "maxReplicas": number,
                "scaleTargetRef": {
                    "apiVersion": "leaderworkerset.x-k8s.io/v9",
                    "kind": "LeaderWorkerSet",
                    "name": "llama-group",
                },
            },
        }
        for number in numbers
    ]

    most, *_ = with_most_replicas([groups(None, 2), *scalers], nodes=1)

    assert [each.pods for each in templates(most, NOTHING)] == [5, 5]
