"""Case folders of the stage validate: a small config repository each, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from yardarm_reconciler.load.catalogue import catalogue
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.document import Document, Loaded
from yardarm_reconciler.model.node import descend
from yardarm_reconciler.model.origin import in_order
from yardarm_reconciler.validate import validate
from yardarm_schema.repository import Repository

CASES = Path(__file__).parents[2] / "cases" / "validate"
SHARED = CASES / "_platform"
REPOSITORY = Repository(specs=("environments", "workloads"), platform=("environments",))


def documents(folder: Path) -> Iterator[Document]:
    """The documents of a case, with the platform that all cases share where it has none of its own."""
    files = {str(path.relative_to(root)): path for root in (SHARED, folder) for path in root.rglob("*.yaml")}
    for name, path in sorted(files.items()):
        for node in compose(name, path.read_bytes()).value:
            kind = descend(node, ("kind",))[0]
            yield Document(name, node, str(kind.value), kind.place)


def said(folder: Path) -> str:
    """Diagnostics as ``path:line:column code``, then what became of every workload, file and platform spec."""
    found = validate(
        Loaded(
            "",
            REPOSITORY,
            tuple(documents(folder)),
            frozenset(),
            lambda _path: None,
            lambda _path: None,
            catalogue(),
        )
    )
    specs = found.value
    lines = [f"{problem.place} {problem.code.name}" for problem in in_order(found.diagnostics)]
    lines += sorted(f"{'held' if spec.errors else 'valid'} {spec.id}" for spec in specs.workloads)
    lines += sorted(f"broken {path}" for path in specs.loaded.broken)
    lines += sorted(f"invalid {name}" for name in specs.invalid_platform)
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("folder", sorted(set(CASES.iterdir()) - {SHARED}), ids=lambda path: path.name)
def test_case(folder, update_cases):
    """The folder's name is the behaviour; its expected.txt is what is said."""
    expected = folder / "expected.txt"
    if update_cases:
        expected.write_text(said(folder))
    assert said(folder) == expected.read_text()
