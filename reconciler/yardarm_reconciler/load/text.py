"""From bytes to text: UTF-8 only, and nothing in it that a reviewer cannot see."""

from __future__ import annotations

import re

from yardarm_reconciler.load.codes import BIDI, CONTROL, ENCODING
from yardarm_reconciler.model.origin import Code, Diagnostic, Place

SURROGATE_FIX = "write the character itself, or its code as \\U0001F600"

BYTE_ORDER_MARK = "\ufeff"

# Bytes that ASCII text may hold; what is left when they are taken out is refused.
_ASCII = bytes([0x09, 0x0A, 0x0D, *range(0x20, 0x7F)])

# C0, DEL, C1, line and paragraph separator (line breaks for YAML 1.1 only), noncharacters; and a carriage
# return without a line feed, which is a new line to YAML but not to editors and git.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]|\r(?!\n)"
)

# The Unicode category Cf. https://www.unicode.org/reports/tr44/#General_Category_Values
_FORMAT = re.compile(
    "[\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)

# https://yaml.org/spec/1.2.2/#57-escaped-characters
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_LETTER_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "v": "\v", "f": "\f",
    "N": "\x85", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def position(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character, both from 1; an index past the end means the end."""
    index = min(index, len(text))
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def place_of(path: str, text: str, start: int, end: int) -> Place:
    """The range from one index of ``text`` to another."""
    return Place(path, *position(text, start), *position(text, end))


def decode(path: str, data: bytes) -> tuple[str, tuple[Diagnostic, ...]]:
    """Give the text of a file without its byte order mark; with a problem, no text.

    At most one problem of each kind is reported, the first.
    """
    if data.isascii():
        if not data.translate(None, _ASCII) and b"\r" not in data.replace(b"\r\n", b""):
            return data.decode("ascii"), ()
        return "", unseen(path, data.decode("ascii"))
    try:
        text = data.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        return "", (_not_utf8(path, data, error.start),)
    problems = unseen(path, text)
    return ("", problems) if problems else (text, ())


def unseen(path: str, text: str) -> tuple[Diagnostic, ...]:
    """Find the first control character and the first format character."""
    found = []
    if match := _CONTROL.search(text):
        found.append(_refused(CONTROL, place_of(path, text, *match.span()), match.group()))
    if match := _FORMAT.search(text):
        found.append(_refused(BIDI, place_of(path, text, *match.span()), match.group()))
    return tuple(found)


def refuse_escape(path: str, text: str, start: int, end: int) -> Diagnostic | None:
    """Find the first escape in a scalar in double quotes that stands for what may not be written."""
    for match in _ESCAPE.finditer(text, start, end):
        digits = match.group(1) or match.group(2) or match.group(3)
        character = chr(int(digits, 16)) if digits else _LETTER_ESCAPES.get(match.group(4), "")
        if "\ud800" <= character <= "\udfff":
            message = f"U+{ord(character):04X} is half a character."
            return ENCODING.at(place_of(path, text, *match.span()), message, fix=SURROGATE_FIX)
        if character != "\r" and _CONTROL.match(character):
            return _refused(CONTROL, place_of(path, text, *match.span()), character)
        if _FORMAT.match(character):
            return _refused(BIDI, place_of(path, text, *match.span()), character)
    return None


def _refused(code: Code, place: Place, character: str) -> Diagnostic:
    if character == "\r":
        return code.at(place, "There is a carriage return without a line feed.", fix="use LF line endings")
    return code.at(place, f"The character U+{ord(character):04X} is not allowed.", fix="remove it")


def _not_utf8(path: str, data: bytes, start: int) -> Diagnostic:
    line_start = data.rfind(b"\n", 0, start) + 1
    line = data.count(b"\n", 0, start) + 1
    column = len(data[line_start:start].decode("utf-8").removeprefix(BYTE_ORDER_MARK)) + 1
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "This file is UTF-16."
    else:
        message = f"The byte 0x{data[start]:02X} is not UTF-8."
    return ENCODING.at(Place(path, line, column, line, column + 1), message, fix="save the file as UTF-8")
