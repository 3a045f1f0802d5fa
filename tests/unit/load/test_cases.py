"""Every folder of tests/cases/load: a repository, and what loading it gives and says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trees import of_directory
from yardarm_reconciler.load import load
from yardarm_reconciler.load.parsing import libyaml, pure_python

CASES = sorted((Path(__file__).parents[2] / "cases" / "load").iterdir())


def test_both_parsers_are_there():
    """Continuous integration has libyaml, as every wheel of PyYAML does."""
    assert libyaml("a")() is not None
    assert pure_python("a")() is not None


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_repository_gives_what_its_case_says(case, update_cases):
    """Documents, broken paths, and problems as `path:line:column code`."""
    found = load(of_directory(case / "repository"), version="0.1.0")
    lines = [f"{d.place} {d.severity} {d.code.name}" for d in found.diagnostics]
    lines += [f"document {d.kind_place} {d.kind}" for d in found.value.documents]
    lines += [f"broken {path}" for path in sorted(found.value.broken)]
    expected = case / "expected.txt"
    if update_cases:
        expected.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "\n".join(lines) + "\n" == expected.read_text(encoding="utf-8")
