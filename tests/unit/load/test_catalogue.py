"""The runtimes that Yardarm brings along."""

from __future__ import annotations

from pathlib import Path

import pytest

from yardarm_reconciler.load.catalogue import catalogue
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import NOWHERE
from yardarm_reconciler.model.typed import typed
from yardarm_schema.runtime import RuntimeDocument

REPOSITORY = Path(__file__).parents[3]
FILES = sorted((REPOSITORY / "schema" / "yardarm_schema" / "runtimes").iterdir())
CASES = REPOSITORY / "tests" / "cases" / "expand_serving"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_runtime_is_a_valid_document_of_its_name(file):
    """One file, one runtime, by the schema that the platform's own are held to."""
    (node,) = compose(file.name, file.read_bytes()).value
    found = typed(RuntimeDocument, node)

    assert [str(each) for each in found.diagnostics] == []
    assert found.value.metadata.name == file.stem
    assert found.value.spec.extends is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_runtime_has_a_case(file):
    """What a runtime is rendered to stands in a case."""
    specs = [path.read_text() for path in CASES.glob("*/workloads/*.yaml")]

    assert any(f"runtime: {file.stem}\n" in spec or f"runtime: {file.stem}," in spec for spec in specs)


def test_the_catalogue_is_of_no_file():
    """It belongs to the program: nobody is blamed for it, and no input hash changes with it."""
    assert len(catalogue()) == len(FILES)
    assert {place for document in catalogue() for place in _places(document.node)} == {NOWHERE}


def _places(node: Node):
    yield node.place
    if isinstance(node.value, tuple):
        for item in node.value:
            yield from _places(item)
    elif isinstance(node.value, dict):
        for entry in node.value.values():
            yield entry.place
            yield from _places(entry.node)
