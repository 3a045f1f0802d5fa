"""The one layout: what it changes, and that it changes nothing else."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.edit.texts import written
from yardarm_reconciler.edit.layout import MODELINE, canonical, with_schema
from yardarm_reconciler.edit.source import read
from yardarm_reconciler.edit.values import same_documents


def laid_out(before: str) -> str:
    """A file as it is laid out."""
    file = read("a.yaml", before.encode()).value
    return canonical(file).data.decode()


@settings(max_examples=200)
@given(random=st.integers(0, 2**32).map(Random))
def test_every_value_and_every_comment_stays(random: Random):
    """Lines are the same but for the space around them, what they say is the same, and a second time nothing changes."""
    file = read("a.yaml", written(random).data).value

    after = canonical(file)

    assert same_documents(file, after)
    assert [each.strip() for each in after.text.strip().split("\n")] == [
        each.strip() for each in file.text.strip().split("\n")
    ]
    assert canonical(after).data == after.data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\ufeff\n\na: 1  \nb: 2 # two \t\n\n\n", "a: 1\nb: 2 # two\n"),
        ("a: 1", "a: 1\n"),
        ("a: 1\r\nb: 2\nc: 3\r\n", "a: 1\r\nb: 2\r\nc: 3\r\n"),
        ("a: 1\r\nb: 2\nc: 3\n", "a: 1\nb: 2\nc: 3\n"),
        ("a:\n    b:\n        c: 1\n    # of d\n    d: 2\n", "a:\n  b:\n    c: 1\n  # of d\n  d: 2\n"),
        (
            "a:\n b:\n    - c: 1\n      d: 2\n    -\n     e\n",
            "a:\n  b:\n    - c: 1\n      d: 2\n    -\n     e\n",
        ),
        ("a:\n     b:\n     - 1\n     - 2\n", "a:\n  b:\n  - 1\n  - 2\n"),
        (
            "a:\n    b: |\n        x  \n          y\n\n        z\n",
            "a:\n  b: |\n      x  \n        y\n\n      z\n",
        ),
        ("a:\n    b: {\n      c: 1,\n    }\n", "a:\n  b: {\n    c: 1,\n  }\n"),
        ("a:\n    b: 1\n    # last\n--- # next\nc: 1\n", "a:\n  b: 1\n  # last\n--- # next\nc: 1\n"),
        ("# nothing \n", "# nothing\n"),
    ],
)
def test_a_file_is_laid_out(before: str, after: str):
    """Indentation by two, line ends alike, no space behind lines, one newline at the end, no byte order mark."""
    assert laid_out(before) == after


@pytest.mark.parametrize("text", ["a: |\n  x", "a: |+\n  x\n\n\n", "a: >+\n  x\n\n"])
def test_a_rule_that_would_change_a_text_is_left_out(text: str):
    """The newlines at the end of these are part of what they say."""
    assert laid_out(text) == text


def test_a_file_names_its_schema_once():
    """A line that a person wrote stays; a file without a document needs none."""

    def named(text: str) -> str:
        return with_schema(read("a.yaml", text.encode()).value, "s.json").data.decode()

    assert named("a: 1\n") == f"{MODELINE}s.json\na: 1\n"
    assert named("a: 1\r\n") == f"{MODELINE}s.json\r\na: 1\r\n"
    for same in (named("a: 1\n"), "# yaml-language-server: $schema=mine.json\na: 1\n", "# nothing\n"):
        assert named(same) == same
