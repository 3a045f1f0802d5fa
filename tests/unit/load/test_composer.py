"""What is written is what is read, and every value knows where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from yardarm_reconciler.load import parsing
from yardarm_reconciler.load.composer import MAX_DOCUMENTS, MAX_PROBLEMS, compose
from yardarm_reconciler.load.text import position, unseen
from yardarm_reconciler.model.node import Node, place_at, plain
from yardarm_reconciler.model.origin import Place

PARSERS = [parsing.libyaml, parsing.pure_python]

TEXT = st.text(st.characters(codec="utf-8"), max_size=20).filter(
    lambda text: not unseen("", text.replace("\r", ""))
)
KEYS = TEXT.filter(lambda text: "\r" not in text)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | KEYS
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)

# Pieces that mean something to a parser, to be strung together at random.
PIECES = st.one_of(
    st.sampled_from(
        ["a", "b", "é", "😀", ": ", ":", "\n", "\n\n", "\n  ", "\n    ", "\r\n", "- ", "-", "? ", " "]
    ),
    st.sampled_from(
        ["\t", " # x", "#", '"', "'", "[", "]", "{", "}", ",", ", ", "|", ">", "|\n", "|-\n", ">2\n"]
    ),
    st.sampled_from(
        ["---\n", "...\n", "%YAML 1.2\n", "&x ", "*x", "!t ", "<<", "1", "010", "~", "true", "yes"]
    ),
    st.sampled_from(["1e5", ".inf", "\\", "\\u200b", "\\ud800", "@", "="]),
)


def scalars(node: Node) -> Iterator[Node]:
    """All scalars below a node, in order."""
    if isinstance(node.value, tuple):
        for item in node.value:
            yield from scalars(item)
    elif isinstance(node.value, dict):
        for entry in node.value.values():
            yield from scalars(entry.node)
    else:
        yield node


def covered(text: str, place: Place) -> str:
    """The text that a place covers."""
    lines = text.split("\n")[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)


@given(TREES)
def test_what_json_writes_is_read_as_it_was(tree):
    """JSON is YAML: nothing is lost or changed."""
    found = compose("f", json.dumps(tree, ensure_ascii=False).encode())
    assert [plain(node) for node in found.value] == [tree]


@given(TREES)
def test_what_pyyaml_writes_is_read_as_it_was(tree):
    """Quoted strings of PyYAML, in block style, on both parsers."""
    text = yaml.safe_dump(tree, default_style='"', allow_unicode=True, width=1000)
    text = text.replace('!!null "null"', "null").replace("!!int ", "").replace("!!bool ", "")
    answers = [compose("f", text.encode(), parse) for parse in PARSERS]
    assert answers[0] == answers[1]
    assert [as_text(plain(node)) for node in answers[0].value] == [as_text(tree)]


def as_text(tree: object) -> object:
    """A tree whose numbers and booleans are text, as PyYAML writes them with a tag that we refuse."""
    if isinstance(tree, dict):
        return {key: as_text(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [as_text(item) for item in tree]
    return str(tree).lower() if isinstance(tree, bool | int) else tree


@given(TREES)
def test_what_ruamel_writes_is_read_as_it_was(tree):
    """Plain style of YAML 1.2, with whatever quotes ruamel.yaml finds necessary."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    out = StringIO()
    writer.dump(tree, out)
    text = out.getvalue().removesuffix("...\n")
    found = compose("f", text.encode())
    assert [plain(node) for node in found.value] == ([tree] if tree is not None else [None])


@given(TREES)
def test_a_place_covers_the_text_of_its_value(tree):
    """Cut out of the file, the range of a value reads as the value; that of a whole document too."""
    text = json.dumps(tree, ensure_ascii=False, indent=1)
    [node] = compose("f", text.encode()).value
    for scalar in [node, *scalars(node)]:
        assert json.loads(covered(text, scalar.place)) == plain(scalar)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_both_parsers_accept_and_refuse_the_same(text):
    """Which parser PyYAML was built with never decides what a repository means."""
    one, other = (compose("f", text.encode(), parse) for parse in PARSERS)
    assert one.value == other.value
    assert bool(one.diagnostics) == bool(other.diagnostics)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_make_the_composer_fail(data):
    """Whatever the bytes are, the answer is nodes and problems in order of the file."""
    found = compose("f", data)
    assert all(d.place.path == "f" for d in found.diagnostics)


DOCUMENT = """\
# é
name: "né😀"  # comment
list:
- one
-
flow: {a: [1, x], b: }
empty:
block: |
  first

  last


folded: >-
  x
end: plain text
  over two lines
"""


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("name",), "2:7-2:12"),
        (("list",), "4:1-5:2"),
        (("list", 1), "5:2-5:2"),
        (("flow",), "6:7-6:23"),
        (("flow", "a"), "6:11-6:17"),
        (("flow", "b"), "6:20-6:20"),
        (("empty",), "7:6-7:6"),
        (("block",), "8:8-11:7"),
        (("folded",), "14:9-15:4"),
        (("end",), "16:6-17:17"),
        ((), "2:1-17:17"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_places_count_code_points_from_one(path, expected, parse, newline, mark):
    """With any line ending, with a byte order mark or without, and behind characters of several bytes."""
    [node] = compose("f", (mark + DOCUMENT.replace("\n", newline)).encode(), parse).value
    place = place_at(node, path)
    assert f"{place.line}:{place.column}-{place.end_line}:{place.end_column}" == expected


def test_a_key_knows_its_place():
    """So that an unknown field can be underlined."""
    [node] = compose("f", b"a:\n  bc: 1\n").value
    assert node.value["a"].node.value["bc"].place == Place("f", 2, 3, 2, 5)


def test_a_duplicate_names_both_lines():
    """The reader sees at once which two lines compete."""
    [problem] = compose("f", b"a:\n  b: 1\n  b: 2\n").diagnostics
    assert (problem.place.line, problem.field, "line 2" in problem.message) == (3, "a.b", True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (b"", []),
        (b"# nothing\n", []),
        (b"---\n---\n", []),
        (b"---\n# nothing\n---\na: 1\n...\n", [{"a": 1}]),
        (b"%YAML 1.2 # yes\n---\na: 1\n", [{"a": 1}]),
        (b"\xef\xbb\xbfa: 1\r\n", [{"a": 1}]),
        (b"null\n", [None]),
        (b"a: 'tab\there'\nb: |\n  tab\there\n# tab\there\n", [{"a": "tab\there", "b": "tab\there\n"}]),
    ],
)
@pytest.mark.parametrize("parse", PARSERS)
def test_documents_of_a_file(text, values, parse):
    """Empty documents are skipped; a byte order mark, CRLF, %YAML 1.2 and tabs inside text are fine."""
    found = compose("f", text, parse)
    assert ([plain(node) for node in found.value], found.diagnostics) == (values, ())


@pytest.mark.parametrize("parse", PARSERS)
def test_an_error_costs_its_document_only(parse):
    """Others in the file are given, except after a syntax error, which hides where a document ends."""
    text = b"a: 1\n---\nb: *x\n---\nc: 1\n---\nd: [\n---\ne: 1\n"
    assert [plain(node) for node in compose("f", text, parse).value] == [{"a": 1}, {"c": 1}]


def test_problems_name_the_field():
    """The dotted path as validation writes it."""
    problems = compose("f", b"a: {b: [1, {c: .inf}]}\n").diagnostics
    assert [problem.field for problem in problems] == ["a.b[1].c"]


def test_documents_in_a_file_are_capped():
    """The last that fits is given."""
    found = compose("f", b"--- a\n" * (MAX_DOCUMENTS + 1))
    assert (len(found.value), [d.code.name for d in found.diagnostics]) == (MAX_DOCUMENTS, ["yaml/too-large"])


def test_warnings_are_capped_and_hold_nothing():
    """A file full of switches is read all the same."""
    found = compose("f", b"- off\n" * (MAX_PROBLEMS + 1))
    assert (len(found.value), len(found.diagnostics)) == (1, MAX_PROBLEMS)


def test_positions_past_the_end_are_the_end():
    """Parsers mark the line after the last where a file has no newline at its end."""
    assert position("a\nbc", 99) == (2, 3)
