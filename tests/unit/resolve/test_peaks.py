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
