"""What workloads hold at their peaks: devices by class, all together, and money."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.rendering import render
from tests.trees import MemoryTree, of_directory

CASES = Path(__file__).parents[2] / "cases" / "expand_devices"


def peak(case: str):
    """Of the first job of a case."""
    contents = {**of_directory(CASES / "_platform").contents, **of_directory(CASES / case).contents}
    rendered = render(MemoryTree(contents), "production")
    return next(each.peak for each in rendered.workloads if each.id == "BatchJob/nlp/job")


def test_raw_manifests_are_counted_by_their_pods():
    """A pod that several classes could serve counts in each of them, once in the total, at the dearest's price."""
    folder = CASES.parent / "expand_raw"
    case = "devices-of-raw-pods-are-those-of-the-nodes-they-may-run-on"
    contents = {**of_directory(folder / "_platform").contents, **of_directory(folder / case).contents}
    rendered = render(MemoryTree(contents), "production")
    found = next(each.peak for each in rendered.workloads if each.id == "RawResources/nlp/legacy")
    assert (found.devices, found.total) == ({"l4-24gb": 5, "h100-80gb": 1}, 5)
    assert found.cost_per_hour == Decimal("7.2")


def test_objects_of_other_operators_are_counted_at_their_most():
    """PyTorchJob 3, InferenceService 4 and a surge, Spark 6, a Workflow's task used twice, RayService 3 in two clusters."""
    folder = CASES.parent / "expand_raw"
    case = "objects-of-other-operators-are-counted-by-their-pods"
    contents = {**of_directory(folder / "_platform").contents, **of_directory(folder / case).contents}
    rendered = render(MemoryTree(contents), "production")
    found = next(each.peak for each in rendered.workloads if each.id == "RawResources/nlp/legacy")
    assert found.devices == {"l4-24gb": 3 + 5 + 6 + 2 + 6}


def test_objects_of_engines_are_counted_at_their_most():
    """RayCluster 3 of two hosts, RayJob 2, RayService 2 in one cluster, JobSet 2 of 2, LeaderWorkerSet 2 of 3.

    A runtime's 5 nodes, MPIJob's 3 workers, and a workflow with 4 pods that makes 2 Jobs of 2.
    """
    folder = CASES.parent / "expand_raw"
    case = "objects-of-engines-are-counted-at-their-most"
    contents = {**of_directory(folder / "_platform").contents, **of_directory(folder / case).contents}
    rendered = render(MemoryTree(contents), "production")
    found = next(each.peak for each in rendered.workloads if each.id == "RawResources/nlp/legacy")
    assert found.devices == {"l4-24gb": 6 + 2 + 2 + 4 + 6 + 5 + 3 + 4 + 4}


@pytest.mark.parametrize(
    ("case", "devices", "total", "cost"),
    [
        ("a-part-of-a-device-costs-its-share-of-the-whole", {"h100-80gb-mig-1g-10gb": 2}, 2, "1.2"),
        (
            "classes-of-one-resource-are-alternatives-for-the-scheduler",
            {"h100-80gb": 2, "a100-80gb": 2},
            2,
            "8.4",
        ),
        ("devices-can-be-asked-for-by-their-memory", {"a100-80gb": 2}, 2, "4.4"),
        ("a-class-can-be-bound-to-claims", {"b200-180gb": 8}, 8, "64"),
    ],
)
def test_the_peak_of(case, devices, total, cost):
    """Alternatives limit each class, count once in the total, and cost what the dearest costs."""
    found = peak(case)
    assert (found.devices, found.total, found.cost_per_hour) == (devices, total, Decimal(cost))
