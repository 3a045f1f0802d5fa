"""A tree as it would be after an edit."""

from tests.trees import MemoryTree
from yardarm_reconciler.source.overlay import Overlay


def test_files_are_those_below_with_others_in_their_place_or_besides():
    """In order of path, with the ids that git would give, so that what did not change is not parsed again."""
    below = MemoryTree({"a.yaml": "a: 1\n", "c.yaml": "c: 1\n"})
    same = MemoryTree({"a.yaml": "a: 2\n", "b.yaml": "b: 2\n", "c.yaml": "c: 1\n"})

    tree = Overlay(below, {"a.yaml": b"a: 2\n", "b.yaml": b"b: 2\n"})

    assert list(tree.files()) == list(same.files())
    assert tree.read(tree.files()) == same.read(same.files())
    assert tree.revision == below.revision
    assert below.was_read == ["c.yaml"]
