"""What the benchmarks render is a repository without an error in it, and of every kind."""

import pytest

from benchmarks.mixed import ENVIRONMENTS, SPECS, files
from tests.rendering import render
from tests.trees import MemoryTree
from yardarm_schema.kinds import WORKLOADS


def test_every_kind_is_measured():
    """A kind that is added is measured with the others."""
    assert {kind for kind, _ in SPECS} == set(WORKLOADS)


@pytest.mark.slow
def test_what_is_measured_is_valid_in_every_environment():
    """Otherwise a number would be that of the errors."""
    tree = MemoryTree(files(len(SPECS)))

    for environment in ENVIRONMENTS:
        rendered = render(tree, environment)
        assert rendered.found == []
        assert len(rendered.workloads) >= len(SPECS)
