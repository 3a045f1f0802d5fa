"""One value set to another: where that can be done exactly, and what is said where it cannot."""

from __future__ import annotations

import pytest

from yardarm_reconciler.edit.scalars import written
from yardarm_reconciler.edit.source import read
from yardarm_reconciler.edit.values import put
from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.model.node import plain


def edited(before: str, path: str, value: object) -> str:
    """The text after one value of the first document was set."""
    file = read("a.yaml", before.encode()).value
    found = put(file, 0, tuple(path.split(".")), value)
    return (
        found.value.data.decode()
        if found.value
        else f"{found.diagnostics[0].code.name} {found.diagnostics[0].place}"
    )


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: 1\n", "a", 2, "a: 2\n"),
        ("a: '1' # one\n", "a", "it's", "a: 'it''s' # one\n"),
        ('a: "1"\n', "a", "x", 'a: "x"\n'),
        ("a: x\n", "a", "on", 'a: "on"\n'),
        ("a: x\n", "a", "12:30", 'a: "12:30"\n'),
        ("a: x\n", "a", None, "a: null\n"),
        ("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n"),
        ("a: # nothing yet\n", "a", "x", "a: x # nothing yet\n"),
        ("a: 1\n", "b", "x", "a: 1\nb: x\n"),
        ("a: 1", "b", "x", "a: 1\nb: x"),
        ("a: 1\r\nc: 1", "b", "x", "a: 1\r\nc: 1\r\nb: x"),
        ("a: {}\n", "a.b.c", "x", "a: {b: {c: x}}\n"),
        ("a: {b}\n", "a.c", "x", "a: {b, c: x}\n"),
        ("a: {b: 1} # c\n", "a.c", "x", "a: {b: 1, c: x} # c\n"),
        ("a:\n   b: |\n     text\n\nc: 1\n", "a.d", "x", "a:\n   b: |\n     text\n   d: x\n\nc: 1\n"),
        ("a:\n  b: |+\n    x\n\n", "a.c", "x", "a:\n  c: x\n  b: |+\n    x\n\n"),
        ("a:\n  b: |\n    x", "a.c", "x", "a:\n  c: x\n  b: |\n    x"),
        ("a:\n- b: 1\n", "c", "x", "a:\n- b: 1\nc: x\n"),
        ("\ufeffa: 1\n", "a", 2, "\ufeffa: 2\n"),
        ("a: 1\n---\na: 1\n", "a", 2, "a: 2\n---\na: 1\n"),
    ],
)
def test_a_value_is_set_and_all_else_is_kept(before: str, path: str, value: object, after: str):
    """Its quotes, comments, line ends, the documents around it."""
    assert edited(before, path, value) == after


@pytest.mark.parametrize(
    ("before", "path", "problem"),
    [
        ("a: >-\n  x\n", "a", "edit/spread a.yaml:1:4"),
        ("a: x\n  y\n", "a", "edit/spread a.yaml:1:4"),
        ("a: [x]\n", "a", "edit/spread a.yaml:1:4"),
        ("a: {b: 1}\n", "a", "edit/spread a.yaml:1:4"),
        ("a: 1\n", "a.b", "edit/no-place a.yaml:1:1"),
        ("c: 2\na:\n", "a.b", "edit/no-place a.yaml:2:1"),
        ("a: {b: }\n", "a.c", "edit/unproven a.yaml:1:1"),
    ],
)
def test_what_cannot_be_set_exactly_is_refused_with_its_line(before: str, path: str, problem: str):
    """A guess would change what somebody else wrote."""
    assert edited(before, path, "x") == problem


def test_a_file_that_is_broken_is_not_edited():
    """What it says is not known, so nobody could prove that it says the same."""
    found = read("a.yaml", b"a: &x 1\nb: *x\n")

    assert found.value is None
    assert [(each.code.name, each.place.line) for each in found.diagnostics] == [
        ("yaml/alias", 1),
        ("yaml/alias", 2),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "on",
        "1",
        "1.5",
        "null",
        "~",
        "",
        "a: b",
        "a #b",
        "-",
        "#",
        "a,b",
        "[x]",
        "é",
        "...",
        "x:",
        "0x1f",
        "1e5",
        "a\nb",
        "registry.example.com:5000/a/b:1.4@sha256:00",
        "=",
        "a b",
        {"on": [1, True, None, 2.5]},
        {},
        [],
    ],
)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_is_written_is_read_as_the_same(value: object, quote: str):
    """In block and in flow style, without a warning that others may read something else."""
    text = written(value, like=quote)
    for document in (f"a: {text}\n", f"a: [{text}, {{b: {text}}}]\n"):
        found = compose("a.yaml", document.encode())
        assert found.diagnostics == ()
        assert plain(found.value[0].value["a"].node) in (value, [value, {"b": value}])
