"""Text for terminals: made safe, measured, cut and folded.

Everything that did not come from this program's source (specs, commits, servers) passes :meth:`Look.say` on its way
to a screen, and so does everything else: one gate, and no text that must be remembered to be foreign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

WIDTH: Final = 100
"""Columns where nobody says how wide the screen is."""

NARROW: Final = 24
"""A column narrower than this is not worth folding into: its text gets lines of its own."""

TERMINAL_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, clear
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, APC and the like
    r"|\x1b[ -/]*[0-~]"  # any other escape of two or three characters
)
"""Sequences that a terminal obeys: https://ecma-international.org/publications-and-standards/standards/ecma-48/."""

OLD_COMMAND = "##["
"""What runners of GitHub take for a command wherever it stands in a line of output, as ``::`` at its beginning.

https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

INERT = "##\\x5b"
"""How that is shown."""

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that a reader cannot see or that move other text about: controls, bidi, surrogates."""

ASCII = str.maketrans(
    {
        "✓": "ok",
        "✗": "x",
        "│": "|",
        "→": "->",
        "█": "#",
        "░": ".",
        "·": "-",
        "…": "...",
        "\N{MULTIPLICATION SIGN}": "x",
    }
)
"""Our own symbols where the terminal knows only ASCII."""

PAINT = re.compile(r"\x1b\[\d+m")
"""What :meth:`Look.paint` adds."""

COLOURS: Final = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}


def sanitise(text: str) -> str:
    """Make foreign text safe to show on one line.

    Terminal sequences are removed, white space of any kind becomes one space, and what else is invisible
    (controls, bidirectional overrides, zero-width characters, lone surrogates) is written as an escape.
    """
    if (
        text.isprintable() and OLD_COMMAND not in text
    ):  # nearly always: nothing of what follows would be found
        return text
    plain = TERMINAL_SEQUENCE.sub("", text)
    plain = re.sub(r"[\t\n\v\f\r\x85\u2028\u2029]+", " ", plain)
    seen = "".join(_escaped(char) if unicodedata.category(char) in INVISIBLE else char for char in plain)
    return seen.replace(OLD_COMMAND, INERT)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - sizes of Python's escapes


def width(text: str) -> int:
    """Columns that a text takes: two for wide characters, none for marks that combine with the one before."""
    if "\x1b" in text:
        text = PAINT.sub("", text)
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@dataclass(frozen=True, slots=True)
class Look:
    """What the screen can do: columns, whether only ASCII, whether colour (which never carries meaning alone)."""

    columns: int = WIDTH
    ascii: bool = False
    colour: bool = False

    def say(self, text: str) -> str:
        """Text that may be shown: one line, nothing invisible, in ASCII where nothing else works."""
        safe = sanitise(text)
        if not self.ascii or safe.isascii():
            return safe
        return safe.translate(ASCII).encode("ascii", "backslashreplace").decode("ascii")

    def keep_indent(self, text: str) -> str:
        """The same with the spaces that it begins with, which say below whom it stands."""
        bare = text.lstrip(" ")
        return " " * (len(text) - len(bare)) + self.say(bare)

    def paint(self, colour: str, said: str) -> str:
        """Colour for text that was said already and measured."""
        return f"\x1b[{COLOURS[colour]}m{said}\x1b[0m" if self.colour and colour and said else said

    def pad(self, said: str, columns: int) -> str:
        """Fill up with spaces to so many columns."""
        return said + " " * (columns - width(said))

    def clip(self, said: str, columns: int) -> str:
        """Cut to so many columns, with a mark where something is missing."""
        if width(said) <= columns:
            return said
        mark = self.say("…")
        kept, room = "", columns - width(mark)
        for char in said:
            room -= _columns(char)
            if room < 0:
                break
            kept += char
        return kept + mark

    def fold(self, said: str, columns: int) -> list[str]:
        """Break at spaces into lines of so many columns; a longer word stays whole, so that it can be copied."""
        line, *words = said.split(" ")
        lines: list[str] = []
        for word in words:
            if width(f"{line} {word}") > columns:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}"
        return [*lines, line]

    def indented(self, said: str, indent: int, first: str = "") -> list[str]:
        """Fold behind ``first``, which takes up the indent of the first line; on its own lines where that is narrow."""
        if not said:
            return [first.rstrip()]
        room = self.columns - indent
        if room >= NARROW or width(first) < indent:
            lines = self.fold(said, max(room, NARROW))
            return [self.pad(first, indent) + lines[0], *(" " * indent + line for line in lines[1:])]
        return [first.rstrip(), *(f"    {line}" for line in self.fold(said, self.columns - 4))]


def ago(age: timedelta) -> str:
    """How long, in the largest unit that fits: ``12 s``, ``3 min``, ``2 h``, ``5 days``."""
    number, unit = _largest(age)
    words = {"s": "s", "m": "min", "h": "h", "d": "day" if number == 1 else "days"}
    return f"{number} {words[unit]}"


def short_age(age: timedelta) -> str:
    """The same for a column: ``12s``, ``4m``, ``2h``, ``5d``."""
    number, unit = _largest(age)
    return f"{number}{unit}"


def _largest(age: timedelta) -> tuple[int, str]:
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return seconds // size, unit
    return seconds, "s"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def screen(lines: Sequence[str]) -> str:
    """Lines to one text, without trailing spaces, ended by a newline; nothing where there are no lines."""
    return "".join(f"{inert(line).rstrip()}\n" for line in lines)


def inert(line: str) -> str:
    """A line that is no command to a runner of GitHub, whatever it begins with."""
    whole = line.replace(OLD_COMMAND, INERT)  # parts that were harmless may make one
    return whole.replace("::", "\\x3a:", 1) if whole.lstrip().startswith("::") else whole
