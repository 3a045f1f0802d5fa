"""Patterns of repository paths mean what their page says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.model.paths import matches


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("w", "w", True),
        ("w", "w/a.yaml", True),
        ("w/", "w/a/b.yaml", True),
        ("w", "ww/a.yaml", False),
        ("w", "x/w/a.yaml", False),
        ("w/**", "w/a.yaml", True),
        ("w/**", "w/a/b.yaml", True),
        ("w/**", "ww/a.yaml", False),
        ("**", "a.yaml", True),
        ("**/*.yaml", "a.yaml", True),
        ("**/*.yaml", "a/b/c.yaml", True),
        ("**/*.yaml", "a/b/c.yml", False),
        ("*.yaml", "a/b.yaml", False),
        ("*", "a/b.yaml", True),
        ("w/*", "w/a/b.yaml", True),
        ("w/*.yaml", "w/a/b.yaml", False),
        ("w/*.yaml", "w/.yaml", True),
        ("w/*/c.yaml", "w/c.yaml", False),
        ("w/**/c.yaml", "w/c.yaml", True),
        ("w/**/c.yaml", "w/a/b/c.yaml", True),
        ("w/**/x/**/c", "w/x/c", True),
        ("w/**/x/**/c", "w/c", False),
        ("**/drafts/**", "drafts/a.yaml", True),
        ("**/drafts/**", "w/drafts/x/a.yaml", True),
        ("**/drafts/**", "w/mydrafts/a.yaml", False),
        ("w/a**b", "w/axxb", True),
        ("w/a**b", "w/a/b", False),
        ("w/?.yaml", "w/a.yaml", True),
        ("w/?.yaml", "w/ab.yaml", False),
        ("w/?", "w/", False),
        ("w/[ab]", "w/a", False),
        ("w/[ab]", "w/[ab]", True),
        ("w/*a*b*", "w/xxaxxbxx", True),
        ("w/*a*b*", "w/xxbxxaxx", False),
        (".github", ".github/x.yaml", True),
        ("*", ".github/x.yaml", True),
    ],
)
def test_a_pattern_matches_a_path_or_what_is_above_it(pattern, path, expected):
    """Stars within a name, double stars across directories, all else as it stands."""
    assert matches(pattern, path) is expected


NAMES = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=4)


@given(NAMES, NAMES)
def test_everything_below_a_directory_matches_it(above, below):
    """With and without stars at the end."""
    directory, path = "/".join(above), "/".join([*above, *below])
    assert all(
        matches(pattern, path) for pattern in (directory, directory + "/", directory + "/**", "**", path)
    )


def test_no_pattern_is_slow():
    """Neither stars within a name nor across directories can be made to try every split."""
    start = time.process_time()
    assert not matches("*a" * 100 + "b", "a" * 1000)
    assert not matches("**/a/" * 100 + "b.yaml", "a/" * 500 + "c.yaml")
    assert time.process_time() - start < 1
