"""Repairs that diagnostics are certain of: exactly the words that are wrong, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.edit.repairs import repaired
from yardarm_reconciler.edit.source import read
from yardarm_reconciler.model.origin import Advice, Code, Place, Replace, Requote
from yardarm_reconciler.model.typed import did_you_mean

WRONG = Code("field/unknown", "no such field", "why")
TEXT = "# replica: a comment\r\nspec: {replica: 2, accelerator: 'l4-24g:2'}  # l4-24g\r\n"


def place(text: str, token: str, after: int = 0) -> Place:
    """Where a token stands."""
    start = text.index(token, after)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return Place("a.yaml", line, column, line, column + len(token))


def problem(where: Place, repair, field: str = "spec") -> object:
    """A problem at a place that can be repaired so."""
    return WRONG.at(where, fix=Advice("words", repair), field=field)


def repair(text: str, *problems, mark: bytes = b"") -> tuple[bytes | None, int]:
    """The bytes then, and how many problems are repaired."""
    file = read("a.yaml", mark + text.encode()).value
    assert file is not None
    done = repaired(file, problems)
    return (done.file.data, len(done.problems)) if done else (None, 0)


KEY = problem(place(TEXT, "replica", 10), Replace("replica", "replicas"))
VALUE = problem(place(TEXT, "'l4-24g:2'"), Replace("l4-24g", "l4-24gb"))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_words_are_replaced_and_not_a_byte_else(mark):
    """Comments, quotes, line ends and the byte order mark stay; both at one time."""
    wanted = TEXT.replace("{replica:", "{replicas:").replace("'l4-24g:", "'l4-24gb:")

    assert repair(TEXT, VALUE, KEY, mark=mark) == (mark + wanted.encode(), 2)


def test_what_was_written_is_told_with_its_place():
    """The characters that were replaced, counted as the loader counts them."""
    text = TEXT.replace("{replica", "{ü: ['ü', 1], replica")
    key = problem(place(text, "replica", 10), Replace("replica", "replicas"))
    file = read("a.yaml", text.encode()).value
    assert file is not None

    done = repaired(file, [key])

    assert done is not None
    edit = done.edits[key]
    assert (file.text[slice(*file.span(edit.place))], edit.new) == ("replica", "replicas")
    assert edit.place == key.place


def test_what_several_environments_say_of_one_word_is_written_once():
    """Each of them is repaired by it."""
    assert repair(TEXT, KEY, KEY) == (TEXT.replace("{replica:", "{replicas:").encode(), 2)


def test_what_environments_disagree_about_is_left_to_a_person():
    """The rest is repaired."""
    other = problem(KEY.place, Replace("replica", "replace"))

    assert repair(TEXT, KEY, other, VALUE) == (TEXT.replace("'l4-24g:", "'l4-24gb:").encode(), 1)


@pytest.mark.parametrize(
    ("text", "token", "change"),
    [
        ("a: [x-y, x]\n", "[x-y, x]", Replace("z", "y")),  # is not there
        ("a: x-y\n", "x-y", Replace("x", "z")),  # is a part of a word
        ("a: x x\n", "x x", Replace("x", "z")),  # is there twice
        ("{replica: 1, replicas: 2}\n", "replica", Replace("replica", "replicas")),  # is there already
        ("a: x\n", "x", Replace("x", "y: z")),  # is no word
        ("a: x\n", "x", Replace("x", "null")),  # would be no text
        ("a: |\n  x\nb: c\n", "x", Requote(quotes=True)),  # is a line of a block
        ("a: 'x'\n", "'x'", Requote(quotes=False)),  # is no number
        ("a: '010'\n", "'010'", Requote(quotes=False)),  # is no number that all readers agree about
    ],
)
def test_what_is_not_certain_is_not_written(text, token, change):
    """The file stays as it is."""
    assert repair(text, problem(place(text, token), change)) == (None, 0)


@pytest.mark.parametrize(
    ("before", "token", "quotes", "after"),
    [
        ("env: {PORT: 1.10}\n", "1.10", True, 'env: {PORT: "1.10"}\n'),
        ("env: {DEBUG: true}\n", "true", True, 'env: {DEBUG: "true"}\n'),
        ('replicas: "3" # three\n', '"3"', False, "replicas: 3 # three\n"),
        ("replicas: '3'\n", "'3'", False, "replicas: 3\n"),
    ],
)
def test_quotes_come_and_go_and_the_characters_stay(before, token, quotes, after):
    """1.10 is not made 1.1 on the way."""
    assert repair(before, problem(place(before, token), Requote(quotes=quotes))) == (after.encode(), 1)


@given(
    st.lists(st.sampled_from(["replica", "replicas", "x"]), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "  # replica", " "]),
)
def test_a_repair_changes_its_own_line_alone(names, ending, comment):
    """Whatever stands in the other lines, and however lines end."""
    lines = [f"- {name}{comment}" for name in [*names, "replica", *names]]
    number = len(names) + 1
    here = Place("a.yaml", number, 3, number, 10)

    data, made = repair(ending.join(lines), problem(here, Replace("replica", "replicas")))

    assert made == 1
    assert data is not None
    after = data.decode().split(ending)
    assert after == [*lines[: number - 1], f"- replicas{comment}", *lines[number:]]


@pytest.mark.parametrize(
    ("written", "known", "certain"),
    [
        ("replica", ["replicas", "resources"], True),
        ("max_replicas", ["maxReplicas"], True),
        ("l4-24g", ["l4-24gb", "l40-24gb"], False),  # two are near
        ("prod", ["production"], False),  # it is not near
        ("ab-c", ["abc", "a-bc"], False),  # two have the same letters
    ],
)
def test_a_suggestion_is_certain_where_one_name_is_near(written, known, certain):
    """A person is told more than a program may write."""
    advice = did_you_mean(written, known)

    assert (isinstance(advice, Advice) and advice.repair is not None) == certain
