"""Manifests in the style of those that people publish: the spec of each, what its patch says, and what is different."""

import copy
from pathlib import Path

import pytest

from yardarm_reconciler.importing.assembling import Asked, imported
from yardarm_reconciler.importing.reading import objects
from yardarm_reconciler.importing.writing import page
from yardarm_reconciler.report.imported import human
from yardarm_reconciler.report.text import Look

CASES = sorted(path for path in (Path(__file__).parents[2] / "cases" / "import").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder, update_cases):
    """The specs and the report are those of the folder, and a page with a difference that is not on purpose says so."""
    bodies = objects("manifests.yaml", (folder / "manifests.yaml").read_bytes())

    found = imported(copy.deepcopy(bodies), Asked("ml", "dev"))
    made = {"expected.yaml": page(found), "expected.txt": human(found, Look())}

    if update_cases:
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert made == {name: (folder / name).read_text(encoding="utf-8") for name in made}
