"""Text that is safe to show, and as wide as it seems."""

import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.report.samples import CHANGED, COMMIT, FAILED, GUARDED, NOW, STATUS, SYNCED, change
from yardarm_reconciler.model.change import Action, FieldChange, Guard, Health, State, Sync, WorkloadReport
from yardarm_reconciler.model.origin import Code, Place
from yardarm_reconciler.report import diagnostics, diff, status, sync
from yardarm_reconciler.report.text import COLOURS, INVISIBLE, Look, sanitise, width

EVIL = st.lists(
    st.sampled_from(
        [
            "\x1b[2J",
            "\x1b]0;t\x07",
            "\x9b31m",
            "\u202e",
            "\u2066",
            "\n",
            "\r",
            "\x00",
            "\ud800",
            "\u2028",
            "a",
            "é",
            "名",
        ]
    )
    | st.text(max_size=4),
    max_size=6,
).map("".join)
LOOKS = st.builds(Look, st.integers(8, 120), st.booleans(), st.just(value=False))


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x07", "link"),
        ("\x9b2Jgone", "gone"),
        ("a\n::error::b", "a ::error::b"),
        ("a ##[stop-commands]b", "a ##\\x5bstop-commands]b"),
        ("user\u202eterces", "user\\u202eterces"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("bell\x07", "bell\\x07"),
        ("lone \ud800", "lone \\ud800"),
        ("cut \x1b", "cut \\x1b"),
        ("名前 é", "名前 é"),
    ],
)
def test_foreign_text_is_made_safe(foreign, shown):
    """Sequences are removed, white space is a space, what is invisible is written out."""
    assert sanitise(foreign) == shown


@given(EVIL)
def test_safe_text_stays_as_it_is(text):
    """Making text safe twice changes nothing more."""
    assert sanitise(sanitise(text)) == sanitise(text)


def harmless(screen, look):
    """Whether a screen holds nothing but visible characters and the newlines between its lines."""
    shown = all(char == "\n" or unicodedata.category(char) not in INVISIBLE for char in screen)
    return shown and (screen.isascii() or not look.ascii)


@given(EVIL, LOOKS)
def test_no_screen_lets_foreign_text_through(evil, look):
    """Wherever text comes from, no screen holds an escape, a bidirectional override or a line of its own making."""
    place = Place(evil, 1, 1, 1, 3)
    problem = Code("yaml/syntax", "t", "w").at(place, evil, fix=evil, note=evil)
    changed = change(
        evil, evil, Action.FAILED, reason=evil, origin=place, fields=(FieldChange(evil, evil, evil),)
    )
    workload = WorkloadReport(
        f"Service/{evil}/{evil}",
        Sync.HELD,
        Health(State.FAILED, evil),
        evil,
        origin=place,
        changes=(changed,),
    )
    guard = Guard("prune", evil, (evil,), evil)
    report = replace(
        SYNCED,
        environment=evil,
        revision=evil,
        workloads=(workload,),
        guards=(guard,),
        error=evil,
        notes={"n": evil},
    )
    commit = replace(COMMIT, subject=evil, author=evil)

    screens = [
        diagnostics.human([problem], lambda _: [evil], look),
        diagnostics.concise([problem], look),
        sync.human(report, commit, look),
        sync.concise(report, look),
        diff.human(report, look),
        diff.concise(report, look),
        status.human(report, NOW, look),
        status.concise(report, look),
    ]

    assert all(harmless(screen, look) for screen in screens)


@given(EVIL, EVIL)
def test_a_problem_in_one_line_is_one_line(path, message):
    """What parses lines by their number of lines can count on it."""
    problem = Code("yaml/syntax", "t", "w").at(Place(path, 1, 1), message)

    assert diagnostics.concise([problem], Look()).count("\n") == 1


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("名前", 4), ("e\u0301", 1), ("…", 1), ("\x1b[31mx\x1b[0m", 1)]
)
def test_width_is_what_a_terminal_shows(text, columns):
    """Wide characters take two columns, marks and colours none."""
    assert width(text) == columns


@given(st.text("ab 名é", max_size=40), st.integers(3, 20))
def test_a_clipped_text_fits(text, columns):
    """Never wider than asked for."""
    assert width(Look().clip(text, columns)) <= columns


@given(st.text("ab 名é", max_size=60), st.integers(3, 20))
def test_folding_loses_nothing(text, columns):
    """Lines joined by spaces are the text."""
    assert " ".join(Look().fold(text, columns)) == text


@pytest.mark.parametrize("report", [SYNCED, FAILED, GUARDED, CHANGED, STATUS])
def test_colour_is_only_extra(report):
    """A screen in colour says the same, in the same places, as one without."""
    plain, colour = Look(), Look(colour=True)
    codes = re.compile(r"\x1b\[(0|" + "|".join(COLOURS.values()) + ")m")

    for screen in (
        lambda look: sync.human(report, COMMIT, look),
        lambda look: diff.human(report, look),
        lambda look: status.human(report, NOW, look),
    ):
        assert codes.sub("", screen(colour)) == screen(plain)
        assert "\x1b" in screen(colour)


@pytest.mark.parametrize("columns", [40, 60, 80, 100])
def test_a_status_fits_its_screen(columns):
    """On any usual width no line is longer than the screen."""
    screen = status.human(STATUS, NOW, Look(columns))

    assert max(map(width, screen.splitlines())) <= columns


@pytest.mark.parametrize("look", [Look(), Look(ascii=True), Look(columns=40)])
@pytest.mark.parametrize("text", ["::add-mask::a", "##[stop-commands]a", "██[stop-commands]a", "  ::error::"])
def test_no_screen_has_a_command_to_a_runner(look, text):
    """GitHub's obeys ``::`` at the beginning of a line and ``##[`` anywhere, in what any command prints."""
    problem = Code("yaml/syntax", "Not YAML", "why").at(
        Place(f"{text}.yaml", 1, 1), text, fix=text, note=text
    )
    shown = diagnostics.human([problem], lambda _: [text], look) + diagnostics.concise([problem], look)

    assert [line for line in shown.splitlines() if line.lstrip().startswith("::") or "##[" in line] == []
