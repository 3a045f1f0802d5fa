"""Merge patches on nodes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.model.merge import merge, without
from yardarm_reconciler.model.node import Entry, Node, descend, plain
from yardarm_reconciler.model.origin import Place

KEYS = st.sampled_from("abc")
TREES = st.recursive(
    st.one_of(st.none(), st.integers(0, 3), st.just([1, None])),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def node(tree, path):
    """A tree as a node, written in a file of that name."""
    if isinstance(tree, dict):
        return Node(
            {key: Entry(Place(path, 1), node(value, path)) for key, value in tree.items()}, Place(path)
        )
    if isinstance(tree, list):
        return Node(tuple(node(each, path) for each in tree), Place(path))
    return Node(tree, Place(path))


def rfc7386(target, patch):
    """The pseudo code of RFC 7386, section 2."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc7386(target.get(name), value)
    return target


@given(TREES, TREES)
def test_merge_is_rfc_7386(base, patch):
    """Null removes, maps merge, everything else replaces."""
    assert plain(merge(node(base, "base"), node(patch, "patch"))) == rfc7386(base, patch)


def test_values_keep_their_places():
    """Each value says which file it comes from, and a map that both have stays where the spec has it, key and all."""
    merged = merge(node({"a": {"x": 1, "y": 1}}, "base"), node({"a": {"y": 2}, "b": {"z": 3}}, "patch"))
    paths = {("a",): "base", ("a", "x"): "base", ("a", "y"): "patch", ("b",): "patch", ("b", "z"): "patch"}
    assert {path: descend(merged, path)[0].place.path for path in paths} == paths
    assert {path: descend(merged, path)[1].place.path for path in paths} == paths


def test_merging_changes_neither_of_the_two():
    """Nodes are shared between environments."""
    base, patch = node({"a": {"x": 1}}, "base"), node({"a": {"x": None}}, "patch")
    merge(base, patch)
    assert (plain(base), plain(patch)) == ({"a": {"x": 1}}, {"a": {"x": None}})


def test_without_leaves_keys_out():
    """Only those that are named."""
    assert plain(without(node({"a": 1, "b": 2}, "f"), "b", "c")) == {"a": 1}
