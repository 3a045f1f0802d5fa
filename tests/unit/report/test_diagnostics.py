"""Problems with their line of source."""

from yardarm_reconciler.model.origin import Code, Place
from yardarm_reconciler.report import diagnostics
from yardarm_reconciler.report.text import Look

INLINE = Code("security/secret-inline", "a secret stands in the spec", "w")
UNKNOWN = Code("field/unknown", "no such field", "w")
LINES = ("env:", "  TOKEN: sk-canary-1", "  OTHER: fine", "  MORE: fine too")


def human(*found) -> str:
    """The screen of problems in one file."""
    return diagnostics.human(found, lambda _: LINES, Look())


def test_the_line_that_holds_a_secret_is_never_shown():
    """Neither by the problem that says so, nor by any other problem at the same place."""
    here = Place("a.yaml", 2, 10, 2, 21)

    screen = human(INLINE.at(here), UNKNOWN.at(Place("a.yaml", 2, 3, 2, 8)))

    assert "sk-canary" not in screen
    assert screen.count("a.yaml:2:") == 2


def test_other_lines_of_a_file_that_holds_a_secret_are_shown():
    """Only the lines of the value itself are left out."""
    screen = human(INLINE.at(Place("a.yaml", 2, 10, 2, 21)), UNKNOWN.at(Place("a.yaml", 3, 3, 3, 8)))

    assert "OTHER: fine" in screen


def test_a_secret_of_several_lines_is_left_out_whole():
    """A block scalar is as secret in its last line as in its first."""
    screen = human(INLINE.at(Place("a.yaml", 2, 3, 4, 1)), UNKNOWN.at(Place("a.yaml", 4, 3, 4, 7)))

    assert "MORE" not in screen
