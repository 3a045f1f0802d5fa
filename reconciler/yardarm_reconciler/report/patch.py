"""What an edit changes in files, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator

from yardarm_reconciler.report.text import Look

HIDDEN = "(a line that may hold a secret is not shown)"
NO_END = "\\ No newline at end of file"
COLOURS = {"+": "green", "-": "red"}


def unified(
    path: str, before: bytes | None, after: bytes, look: Look, is_hidden: Callable[[str], bool]
) -> str:
    """The difference between two versions of a file, as git shows it.

    Args:
        path: of the file, in the repository.
        before: its bytes, None where there is no such file yet.
        after: its bytes then.
        look: what the screen can show.
        is_hidden: tells of a line whether it must not be shown.
    """
    old, new = (_lines(data) for data in _with_seen_ends(before or b"", after))
    names = (f"a/{path}" if before is not None else "/dev/null", f"b/{path}")
    difference = difflib.unified_diff(old, new, *names)
    return "".join(f"{line}\n" for each in difference for line in _shown(each, look, is_hidden))


def _with_seen_ends(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """Both with what ends their lines made visible, where not all of them end alike."""
    both = before + after
    mark = b"" if b"\r" not in both or both.count(b"\r\n") == both.count(b"\n") else b"^M"
    return before.replace(b"\r\n", mark + b"\n"), after.replace(b"\r\n", mark + b"\n")


def _lines(data: bytes) -> list[str]:
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _shown(line: str, look: Look, is_hidden: Callable[[str], bool]) -> Iterator[str]:
    mark, rest = line[:1], line[1:].removesuffix("\n")
    said = look.say(HIDDEN) if is_hidden(rest) else look.keep_indent(rest)
    yield look.paint(COLOURS.get(mark, ""), f"{mark}{said}")
    if not line.endswith("\n"):
        yield NO_END
