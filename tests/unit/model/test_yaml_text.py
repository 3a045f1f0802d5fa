"""YAML text means the same to every reader and is the same bytes everywhere."""

import io
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from yardarm_reconciler.model.manifest import canonical
from yardarm_reconciler.model.yaml_text import yaml_text

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    st.sampled_from("a1 -:#\n.~!&*eE+_0x'\"{}[]|>%@`,?\t"), max_size=8
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_readers_of_yaml_1_1_and_1_2_read_back_what_was_written(value):
    """PyYAML (1.1) and ruamel (1.2) both give the value that went in."""
    text = yaml_text(value)
    ruamel = YAML(typ="safe", pure=True).load(io.StringIO(text))
    assert canonical(yaml.safe_load(text)) == canonical(value)
    assert canonical(ruamel) == canonical(value)


def test_an_object_reads_as_a_person_would_write_it():
    """Identity first, the rest sorted, dashes beside their first key, blocks for text of several lines."""
    body = {
        "spec": {
            "containers": [{"image": "r/x:1", "name": "main", "args": ["--a=1", "1e3", "on"]}],
            "empty": {},
        },
        "data": {"a": "one\ntwo\n"},
        "metadata": {"namespace": "t", "labels": {"b": "1", "a": "yes"}, "name": "x"},
        "kind": "Pod",
        "apiVersion": "v1",
    }
    assert yaml_text(body) == (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  namespace: t\n  labels:\n"
        '    a: "yes"\n    b: "1"\nspec:\n  containers:\n  - name: main\n    args:\n    - "--a=1"\n'
        '    - "1e3"\n    - "on"\n    image: r/x:1\n  empty: {}\ndata:\n  a: |\n    one\n    two\n'
    )


@pytest.mark.parametrize(
    "text", ["y", "No", "1:30", "0x1f", "1e3", ".5", "1_000", "2026-01-01", "~", "=", "<<"]
)
def test_text_that_looks_like_something_else_is_quoted(text):
    """What any reader could take for a number, a date or a truth is quoted."""
    assert yaml_text({"a": text}) == f'a: "{text}"\n'


@pytest.mark.parametrize("value", [math.nan, math.inf, b"x", {1}])
def test_what_is_not_json_is_refused(value):
    """A value that JSON cannot hold never becomes text that reads as something else."""
    with pytest.raises(ValueError, match="not a JSON value"):
        yaml_text({"a": value})
