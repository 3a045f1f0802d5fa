"""Git's objects as bytes: strict readers of what plumbing prints, and the names of blobs.

A read that was cut short must never look like a deletion: whatever is not exactly as expected is an error.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from yardarm_reconciler.ports import File

SUBMODULE = "160000"
SYMLINK = "120000"

_ENTRY = re.compile(
    rb"(?P<mode>[0-7]{6}) (?P<type>blob|commit|tree) (?P<id>[0-9a-f]{40}|[0-9a-f]{64}) +(?P<size>[0-9]+|-)\t(?P<path>.+)",
    re.DOTALL,
)
_HEADER = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) blob ([0-9]+)\n")
_HEADER_BYTES = 100
_ESCAPED = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


class IncompleteError(Exception):
    """Git printed less, more or something else than was asked for."""


def parse_listing(data: bytes) -> list[File]:
    """Read what ``git ls-tree -r -z -l --full-tree`` printed, sorted by path.

    Entries that no sane repository has are kept, so that they can be reported: see :func:`shown_path`.
    A submodule has size 0.

    Raises:
        IncompleteError: the listing is cut short, or names an object that is missing.
    """
    if data and not data.endswith(b"\0"):
        raise IncompleteError("the listing ends in the middle of an entry")
    files = []
    for record in data.split(b"\0")[:-1]:
        entry = _ENTRY.fullmatch(record)
        if entry is None or (entry["size"] == b"-") != (entry["type"] != b"blob"):
            raise IncompleteError(f"the listing holds an entry that cannot be read: {record[:200]!r}")
        size = 0 if entry["size"] == b"-" else int(entry["size"])
        files.append(File(shown_path(entry["path"]), entry["id"].decode(), size, entry["mode"].decode()))
    return sorted(files, key=lambda file: file.path)


def parse_contents(data: bytes, wanted: Mapping[str, int]) -> dict[str, bytes]:
    """Read what ``git cat-file --batch`` printed for these ids, in this order; ``wanted`` gives their sizes.

    Raises:
        IncompleteError: an object is missing, cut short, of another size, or not what its name says.
    """
    contents = {}
    position = 0
    for name, size in wanted.items():
        header = _HEADER.match(data, position, position + _HEADER_BYTES)
        if header is None or header[1].decode() != name or int(header[2]) != size:
            raise IncompleteError(f"object {name} is missing or not as listed")
        start = header.end()
        position = start + size + 1
        content = data[start : start + size]
        if data[start + size : position] != b"\n" or blob_id(content, sha256=len(name) == 64) != name:  # noqa: PLR2004 - hex digits
            raise IncompleteError(f"object {name} is damaged")
        contents[name] = content
    if position != len(data):
        raise IncompleteError("more objects than were asked for")
    return contents


def contents_limit(sizes: Iterable[int]) -> int:
    """The most bytes that ``git cat-file --batch`` prints for objects of these sizes."""
    return sum(size + _HEADER_BYTES for size in sizes)


def blob_id(content: bytes, *, sha256: bool = False) -> str:
    """The name that git gives to these bytes."""
    made = hashlib.sha256() if sha256 else hashlib.sha1(usedforsecurity=False)
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()


def shown_path(path: bytes) -> str:
    r"""A path as text, with nothing lost: control characters, backslashes and what is not UTF-8 are escaped.

    ``a\nb`` (a newline) becomes ``a\x0ab``, a backslash ``\\``; a path without backslash is as it was.
    Names such as ``..`` stay as they are; whoever uses a path decides what it may be.
    """
    text = path.decode("utf-8", "surrogateescape")
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_shown(character) for character in text)


def raw_path(shown: str) -> bytes:
    """The bytes that :func:`shown_path` made text of."""
    if "\\" not in shown:
        return shown.encode()
    return _ESCAPED.sub(lambda m: bytes([int(m[1], 16)]) if m[1] else b"\\", shown.encode())


def _shown(character: str) -> str:
    code = ord(character)
    if character == "\\":
        return "\\\\"
    if code < 0x20 or code == 0x7F:  # noqa: PLR2004 - ASCII's control characters
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - how surrogateescape writes a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return character
