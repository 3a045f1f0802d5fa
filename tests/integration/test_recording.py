"""The session that the documentation begins with is what the program prints today."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from scripts import record
from scripts.terminal_svg import ROWS, Shown, picture


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_recording_is_up_to_date(tmp_path: Path):
    """Another output is another picture."""
    assert record.PICTURE.read_text(encoding="utf-8") == record.recorded(tmp_path), "run scripts/record"


def test_what_is_printed_stands_in_the_picture():
    """Its lines, whatever they hold; colours are classes; a long line goes on in the next."""
    shown = Shown("echo '<b>'", f"\x1b[31merror\x1b[0m <b>\n{'x' * 101}\n")

    drawn = ET.fromstring(picture("A <title>", [shown]))  # noqa: S314 - of our own making

    texts = ["".join(each.itertext()) for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["$ echo '<b>'", "error <b>", "x" * 100, "x"]
    coloured = [
        each for each in drawn.iter("{http://www.w3.org/2000/svg}tspan") if each.get("class") == "red"
    ]
    assert [each.text for each in coloured] == ["error"]


def test_the_screen_moves_up_as_far_as_it_must():
    """Its last line is the last that is seen."""
    drawn = picture("Long", [Shown("seq", "line\n" * ROWS), Shown("true", "")])

    assert "transform: translateY(-36px)" in drawn
    assert "translateY(-54px)" not in drawn


def test_nothing_is_loaded_from_elsewhere():
    """A picture in a page may not, and need not."""
    text = record.PICTURE.read_text(encoding="utf-8")

    assert text.count("//") == text.count('xmlns="http://www.w3.org/2000/svg"')
    assert "<script" not in text
    assert "url(" not in text
