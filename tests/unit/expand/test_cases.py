"""Case folders of the stage expand: a small config repository each, and the manifests it comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering import as_text, render
from tests.trees import MemoryTree, of_directory

CASES = Path(__file__).parents[2] / "cases"
TEAMS = CASES / "expand_team"
WORKLOADS = sorted({*CASES.glob("expand*")} - {TEAMS})
ENVIRONMENT = "production"


def folders(root: Path) -> list[Path]:
    """The cases below a folder, without the platform that they share."""
    return sorted(set(root.iterdir()) - {root / "_platform"})


def said(folder: Path, *, teams: bool) -> str:
    """Diagnostics as comments, then the manifests of the workloads or of the teams."""
    contents = {**of_directory(folder.parent / "_platform").contents, **of_directory(folder).contents}
    rendered = render(MemoryTree(contents), ENVIRONMENT)
    problems = "".join(
        f"# {each.place} {each.code.name} {each.field}".rstrip() + "\n" for each in rendered.diagnostics
    )
    shown = [each for each in rendered.workloads if each.id.startswith("Team/") == teams]
    keys = {item.key for each in shown for item in each.manifests}
    return problems + as_text(tuple(item for item in rendered.manifests if item.key in keys))


@pytest.mark.parametrize(
    "folder",
    [folder for root in WORKLOADS for folder in folders(root)],
    ids=lambda path: path.name,
)
def test_workloads(folder, update_cases):
    """The folder's name is the behaviour; its expected.yaml is what is rendered for production."""
    expected = folder / "expected.yaml"
    if update_cases:
        expected.write_text(said(folder, teams=False))
    assert said(folder, teams=False) == expected.read_text()


@pytest.mark.parametrize("folder", folders(TEAMS), ids=lambda path: path.name)
def test_teams(folder, update_cases):
    """The folder's name is the behaviour; its expected.yaml is what a team gets in production."""
    expected = folder / "expected.yaml"
    if update_cases:
        expected.write_text(said(folder, teams=True))
    assert said(folder, teams=True) == expected.read_text()
