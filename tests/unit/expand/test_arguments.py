"""Arguments by name become the words of a command line, as the program reads them."""

from __future__ import annotations

import pytest

from yardarm_reconciler.expand.arguments import words
from yardarm_schema.arguments import ArgumentStyle
from yardarm_schema.spec_values import ServingValue

VALUES = {
    "parallelism.tensor": 2,
    "nodes": 1,
    "model.path": "/m",
    "model.revision": None,
    "parallelism.expert": False,
}


def said(args, **style):
    """The words of some arguments."""
    return list(words((), args, ArgumentStyle(**style), VALUES))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text with spaces", ["--a=text with spaces"]),
        (3, ["--a=3"]),
        (0.9, ["--a=0.9"]),
        (1e-05, ["--a=0.00001"]),
        (True, ["--a"]),
        (None, []),
        (ServingValue(**{"from": "parallelism.tensor"}), ["--a=2"]),
        (ServingValue(**{"from": "nodes", "unless": 1}), []),
        (ServingValue(**{"from": "parallelism.tensor", "unless": 1}), ["--a=2"]),
        (ServingValue(**{"from": "model.revision"}), []),
        (ServingValue(**{"from": "parallelism.expert"}), []),
        (ServingValue(**{"from": "parallelism.expert", "unless": 0}), []),
        ({"b": 1, "a": [True, None]}, ['--a={"a":[true,null],"b":1}']),
        ((), []),
    ],
)
def test_a_value_is_said_as_it_is_written(value, expected):
    """Numbers as in the spec, true bare, maps as JSON, and nothing where there is nothing to say."""
    assert said({"a": value}) == expected


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ("repeat", ["--a=x", "--a=2"]),
        ("comma", ["--a=x,2"]),
        ("spread", ["--a", "x", "2"]),
        ("json", ['--a=["x","2"]']),
    ],
)
def test_a_list_is_said_in_the_runtimes_way(lists, expected):
    """Programs disagree on lists."""
    assert said({"a": ("x", 2)}, lists=lists) == expected


def test_maps_may_be_dotted():
    """An argument for each leaf, whose name is the way to it."""
    args = {"a": {"c": {"d": True, "e": None}, "b": [1, 2]}}

    assert said(args, objects="dotted", lists="comma") == ["--a.b=1,2", "--a.c.d"]


def test_names_and_values_may_be_apart():
    """Some programs take the next word for the value."""
    assert said({"a": 1, "b": True, "c": ("x", "y")}, assign="space") == [
        *("--a", "1", "--b"),
        *("--c", "x", "--c", "y"),
    ]


def test_words_without_names_come_first_and_names_in_order():
    """A list at the end would take them up; the order of names is that of the alphabet, whoever wrote them."""
    path = ServingValue(**{"from": "model.path"})
    nothing = ServingValue(**{"from": "model.revision"})

    made = words((path, nothing, "--"), {"z": 1, "b": 2}, ArgumentStyle(), VALUES)

    assert made == ("/m", "--", "--b=2", "--z=1")
