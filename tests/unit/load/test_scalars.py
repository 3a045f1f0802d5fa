"""The golden table of plain scalars: what we read, and where other tools differ."""

from __future__ import annotations

import sys
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from yardarm_reconciler.load.composer import compose
from yardarm_reconciler.load.scalars import UnrepresentableError, is_ambiguous, is_special, resolve
from yardarm_reconciler.load.text import unseen

GOLDEN = {
    # text: (value, whether to warn)
    **dict.fromkeys(("~", "null", "Null", "NULL"), (None, False)),
    **dict.fromkeys(("true", "True", "TRUE"), (True, False)),
    **dict.fromkeys(("false", "False", "FALSE"), (False, False)),
    **{
        word: (word, True)
        for word in ("yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF")
    },
    **{
        word: (word, False)
        for word in ("y", "n", "Y", "N", "nUll", "tRue", "none", "None", "oN", "nlp", "offline")
    },
    "0": (0, False),
    "-0": (0, False),
    "+7": (7, False),
    "42": (42, False),
    "010": ("010", True),
    "-01": ("-01", True),
    "08": ("08", True),
    "1_000": ("1_000", True),
    "0b11": ("0b11", True),
    "0o17": (15, True),
    "0x1F": (31, False),
    "0x_1F": ("0x_1F", True),
    "12:30": ("12:30", True),
    "12:30:45": ("12:30:45", True),
    "4090:2": ("4090:2", True),
    "8080:80": ("8080:80", False),
    "2026-11-23": ("2026-11-23", True),
    "2026-11-23T22:00:00Z": ("2026-11-23T22:00:00Z", True),
    "2026-11": ("2026-11", False),
    "1.5": (1.5, False),
    "-.5": (-0.5, False),
    "5.": (5.0, False),
    "01.5": (1.5, False),
    "1.10": (1.1, False),
    "1e5": (1e5, True),
    "1.5e3": (1500.0, True),
    "1.5e+3": (1500.0, False),
    "1_0.5": ("1_0.5", True),
    "1_": ("1_", True),
    "0._": ("0._", True),
    ".5_0": (".5_0", True),
    "1.2.3": ("1.2.3", False),
    "1e": ("1e", False),
    "0x": ("0x", False),
    "0o8": ("0o8", False),
    ".": (".", False),
    "-": ("-", False),
    "+": ("+", False),
    "--model=a": ("--model=a", False),
    ".5.": (".5.", False),
    "100m": ("100m", False),
    "16Gi": ("16Gi", False),
    "50%": ("50%", False),
    "10m": ("10m", False),
    "10.0.0.0/8": ("10.0.0.0/8", False),
    "h100-80gb:2": ("h100-80gb:2", False),
    "9223372036854775807": (2**63 - 1, False),
    "-9223372036854775808": (-(2**63), False),
    "٣": ("٣", False),
    "1٣": ("1٣", False),
}


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items())
def test_a_plain_scalar_means_what_yaml_1_2_says(text, expected):
    """And is warned about where YAML 1.1 tools read it otherwise."""
    assert (resolve(text), is_ambiguous(text)) == expected
    assert type(resolve(text)) is type(expected[0])


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items())
def test_what_is_not_warned_about_is_read_alike_by_pyyaml(text, expected):
    """PyYAML follows YAML 1.1: the warning covers every difference, except that it reads 01.5 as we do."""
    value, warned = expected
    try:
        theirs = yaml.safe_load(text)
    except yaml.YAMLError:  # a lone indicator
        return
    if not warned and text not in (".", "-", "-.5"):  # PyYAML wants a digit between sign and point
        assert (theirs, type(theirs)) == (value, type(value))


@given(st.text("0123456789abcdefoxXTZ_+-.: nN", min_size=1, max_size=8))
def test_only_special_text_is_resolved(text):
    """The quick test never hides a value that is not text, or a warning."""
    try:
        decided = isinstance(resolve(text), str) and not is_ambiguous(text)
    except UnrepresentableError:
        decided = False
    assert decided or is_special(text)


@given(st.text("0123456789eExobB_+-.: ", min_size=1, max_size=7).map(str.strip).filter(bool))
def test_a_number_that_only_pyyaml_sees_is_warned_about(text):
    """Every text that PyYAML reads as a number, a date or a boolean, and we do not, has a warning or an error."""
    try:
        theirs = yaml.safe_load(text)
        value = resolve(text)
    except (yaml.YAMLError, ValueError):
        return
    if not isinstance(theirs, str | dict | list | None):  # a document marker is None
        assert is_ambiguous(text) or (theirs, type(theirs)) == (value, type(value))


def test_keys_are_not_warned_about():
    """`on:` and `no:` are good names of keys."""
    assert compose("f", b"on: {no: 1, 12:30: 2}\n").diagnostics == ()


def test_format_characters_are_those_of_unicode():
    """The class that is written out in text.py covers the category Cf of this Python's Unicode."""
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf" and not unseen("", chr(code))
    ]
    assert missed == []
