"""Documents with one thing changed, and values that might stand there instead."""

import pytest

from tests.trees import MemoryTree
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.node import plain
from yardarm_reconciler.provenance.alternatives import alternatives, hinted
from yardarm_reconciler.provenance.documents import entries, leaves, only, put, rekeyed, renamed, without

TEXT = "a: {b: 1, c: [x, {d: x}]}\ne: null\n"


@pytest.fixture
def node():
    """A small document."""
    (made,) = compose("a.yaml", MemoryTree({"a.yaml": TEXT}).contents["a.yaml"].encode()).value
    return made


def test_every_value_and_every_entry_is_found(node):
    """With the way to it; null is no value."""
    assert [path for path, _ in leaves(node)] == [("a", "b"), ("a", "c", 0), ("a", "c", 1, "d")]
    assert [path for path, _ in entries(node)] == [("a",), ("a", "b"), ("a", "c"), ("a", "c", 1, "d"), ("e",)]


@pytest.mark.parametrize(
    ("changed", "comes_to"),
    [
        (lambda node: put(node, ("a", "b"), 2), {"a": {"b": 2, "c": ["x", {"d": "x"}]}, "e": None}),
        (lambda node: put(node, ("a", "c", 0), "y"), {"a": {"b": 1, "c": ["y", {"d": "x"}]}, "e": None}),
        (
            lambda node: put(node, ("f", "g"), 3),
            {"a": {"b": 1, "c": ["x", {"d": "x"}]}, "e": None, "f": {"g": 3}},
        ),
        (lambda node: without(node, ("a", "c")), {"a": {"b": 1}, "e": None}),
        (lambda node: without(node, ("a", "c", 1, "d")), {"a": {"b": 1, "c": ["x", {}]}, "e": None}),
        (lambda node: rekeyed(node, ("a", "b"), "z"), {"a": {"c": ["x", {"d": "x"}], "z": 1}, "e": None}),
        (lambda node: only(node, ("a",), {"b"}), {"a": {"b": 1}, "e": None}),
        (lambda node: only(node, ("z",), {"b"}), {"a": {"b": 1, "c": ["x", {"d": "x"}]}, "e": None}),
        (lambda node: renamed(node, "x", "y"), {"a": {"b": 1, "c": ["y", {"d": "y"}]}, "e": None}),
        (lambda node: renamed(node, "a", "z"), {"z": {"b": 1, "c": ["x", {"d": "x"}]}, "e": None}),
    ],
)
def test_one_thing_is_changed_and_nothing_else(node, changed, comes_to):
    """And the document that it was made of stays as it is."""
    before = plain(node)

    assert plain(changed(node)) == comes_to
    assert plain(node) == before


def test_a_way_through_a_scalar_leads_nowhere(node):
    """Nothing is put below a number."""
    with pytest.raises(KeyError):
        put(node, ("a", "b", "c"), 1)


@pytest.mark.parametrize(
    "value", [True, 0, 3, 0.8, "180Gi", "30m", "a", "registry.example.com/x@sha256:0f", ""]
)
def test_an_alternative_is_another_value_of_the_same_type(value):
    """Each differs from what is there."""
    others = list(alternatives(value))

    assert others
    assert value not in others
    assert {type(other) for other in others} <= {type(value)}


def test_a_refusal_says_what_is_allowed():
    """In quotes, as every diagnostic does."""
    assert list(hinted("zone", "It must be 'node' or 'zone'")) == ["node"]
    assert list(hinted(1, "It must be 'node'")) == []
