"""What is kept of a parsed file is the file: every value, every place."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.load.flat import flatten, unflatten

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").rglob("*.yaml"))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abcdefgh", min_size=1), inner, max_size=4)
    ),
    max_leaves=20,
)


def again(path, node):
    """The node as a cache gives it back."""
    return unflatten(path, orjson.loads(orjson.dumps(flatten(node))))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_example_comes_back(file):
    """Values and places, of all documents."""
    documents = compose("a.yaml", file.read_bytes()).value
    assert tuple(again("a.yaml", each) for each in documents) == documents


@settings(max_examples=150, deadline=None)
@given(tree=TREES)
def test_whatever_yaml_can_say_comes_back(tree):
    """Numbers stay numbers of their kind, text stays text."""
    for node in compose("a.yaml", orjson.dumps(tree)).value:
        found = again("a.yaml", node)
        assert found == node
        assert repr(found) == repr(node)


def test_a_file_that_was_moved_has_its_new_path():
    """The same bytes under another name: only the path is another."""
    data = b"a: [1, {b: c}]\n"
    (old,), (new,) = compose("old.yaml", data).value, compose("new.yaml", data).value
    assert again("new.yaml", old) == new


@pytest.mark.parametrize("wrong", [[], [1, 2, 3, 4], [1, 2, 3, 4, {"a": 5}], [1, 2, 3, 4, [1]], 7, None])
def test_what_is_no_node_is_refused(wrong):
    """It is parsed again instead."""
    with pytest.raises((ValueError, TypeError)):
        unflatten("a.yaml", wrong)
