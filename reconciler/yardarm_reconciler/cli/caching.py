"""Files that make a second look the quicker one. They may be lost or damaged at any time: what is not whole is not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

_CRC_DIGITS = 8


def cache_directory(name: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where a cache of this program lies; None where nobody says.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return Path(base) / "yardarm" / name
    home = environ.get("HOME", "")
    return Path(home) / ".cache" / "yardarm" / name if home.startswith("/") else None


def read(file: Path) -> bytes | None:
    """What was written; None where that is not there any more as it was."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    content = data[_CRC_DIGITS:]
    return content if data[:_CRC_DIGITS] == _checksum(content) else None


def write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all: two processes may write it at one time.

    Raises:
        OSError: the disk is full, or not ours.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:
        made.write(_checksum(content) + content)
    Path(made.name).replace(file)


def prune(directory: Path, most: int) -> None:
    """Delete the oldest files beyond so many; another process may do the same."""
    files = [file for file in directory.rglob("*") if file.is_file()]
    if len(files) <= most:
        return
    with contextlib.suppress(OSError):
        for file in sorted(files, key=lambda file: file.stat().st_mtime)[: len(files) - most]:
            file.unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return f"{zlib.crc32(content):08x}".encode()
