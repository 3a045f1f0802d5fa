"""What variants of a model take beside the others."""

from pathlib import Path

from tests.rendering import render
from tests.trees import MemoryTree, of_directory

CASES = Path(__file__).parents[2] / "cases" / "expand_routes"
CASE = CASES / "variants-get-a-share-of-the-requests-or-copies-of-them"


def test_the_peak_is_the_sum_over_all_variants():
    """Two replicas at most of the base, one canary, and two of two devices each that get copies."""
    tree = MemoryTree({**of_directory(CASES / "_platform").contents, **of_directory(CASE).contents})
    (model,) = [each for each in render(tree, "production").workloads if each.id.startswith("ModelService/")]

    assert model.peak.devices == {"h100-80gb": 2 + 1 + 2 * 2}
