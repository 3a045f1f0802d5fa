"""What is used again of an earlier expansion, and what is not."""

import pytest

from benchmarks.mixed import ENVIRONMENTS, SPECS
from benchmarks.mixed import files as every_kind
from benchmarks.repository import ENVIRONMENT, Content, files
from tests.trees import MemoryTree
from yardarm_reconciler.expand.again import Memory
from yardarm_reconciler.load import load
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import desired_for, desired_in, specs_in

UNIT = Unit("u-test", ENVIRONMENT)
BEFORE = Content(3)


def specs(made):
    """The specs of some files."""
    return specs_in(load(MemoryTree(made)))


def desired(content, memory):
    """What some content wants, beside what is remembered."""
    return desired_for(specs(files(content)), UNIT, memory)


def test_only_the_workload_of_a_changed_file_is_made_anew():
    """All others are the very same values, so that later stages see at once that nothing of them has changed."""
    memory = Memory()
    first = desired(BEFORE, memory).workloads

    second = desired(BEFORE.changed(1, "9.9.9"), memory).workloads

    changed = [one.id for one, other in zip(first, second, strict=True) if one is not other]
    assert [id_.rpartition("/")[2] for id_ in changed] == ["model-00001"]
    assert second == desired(BEFORE.changed(1, "9.9.9"), Memory()).workloads


def test_another_unit_has_labels_of_its_own():
    """What one unit was given is nothing to another of the same environment."""
    memory, other = Memory(), Unit("u-other", ENVIRONMENT)
    found = specs(files(BEFORE))
    desired_for(found, UNIT, memory)

    assert desired_for(found, other, memory).workloads == desired_for(found, other, Memory()).workloads


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("team: ", "team:  "),
        ("cpu: ", "cpu: 1"),
        ("kind: Service\n", "# moved\nkind: Service\n"),
        ("nvidia.com/gpu", "example.com/gpu"),
    ],
)
def test_what_is_remembered_makes_no_difference(environment, old, new):
    """After any change, of workloads or of the platform, all is as if it were expanded for the first time."""
    memory = Memory()
    before = every_kind(len(SPECS))
    after = {path: data.replace(old, new) for path, data in before.items()}
    assert after != before, "the change changes nothing"
    desired_in(specs(before), environment, memory)

    again, anew = desired_in(specs(after), environment, memory), desired_in(specs(after), environment)

    assert (again.workloads, again.diagnostics) == (anew.workloads, anew.diagnostics)
