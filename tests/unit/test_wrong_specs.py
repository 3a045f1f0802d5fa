"""Wrong specs: each gives exactly the expected codes at the expected places, with something that a person can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering import render
from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.decide.effective import effective
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.model.origin import Diagnostic, in_order

CASES = Path(__file__).parents[1] / "cases" / "wrong"
FOLDERS = sorted(set(CASES.iterdir()) - {CASES / "_platform"})


def found(folder: Path) -> tuple[Diagnostic, ...]:
    """Everything that is said of a repository with one wrong spec, budgets too."""
    contents = {**of_directory(CASES / "_platform").contents, **of_directory(folder).contents}
    rendered = render(MemoryTree(contents), "production")
    limits = rendered.resolution.limits
    over = effective(rendered.workloads, {}, {}, Inventory(None, {}), limits, "").diagnostics
    return in_order((*rendered.diagnostics, *over))


def said(folder: Path) -> str:
    """A line each: place, code, and what to do."""
    return "".join(
        f"{each.place} {each.code.name}: {each.fix or each.note or each.message}\n" for each in found(folder)
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_wrong_spec_is_explained(folder, update_cases):
    """Exactly these codes, exactly there."""
    expected = folder / "expected.txt"
    if update_cases:
        expected.write_text(said(folder))
    assert said(folder) == expected.read_text()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_person_can_do_something(folder):
    """Each error says what to write instead, or what there is to choose from; and none is without an error."""
    problems = found(folder)
    assert any(each.is_error for each in problems)
    assert [each.code.name for each in problems if not (each.fix or each.note or _says(each))] == []
    assert [each.code.name for each in problems if not each.place.line] == []


def _says(problem: Diagnostic) -> bool:
    """Whether the message itself says what is right: *It must be a duration with its unit, such as 90s*."""
    return problem.message.startswith("It must ") or "cannot both be" in problem.message


def test_there_are_at_least_sixty():
    """So many ways to be wrong are tried."""
    assert len(FOLDERS) >= 60
