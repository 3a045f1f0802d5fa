"""Files of a person's working directory, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from yardarm_reconciler.model.origin import UserError

MOST_NAMED = 3
"""Files that are named where all of them are in the way."""


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Put other bytes into a file, with the mode that it has.

    Raises:
        UserError: it is no longer what it was when it was read, or it is a symbolic link.
    """
    if path.is_symlink() or path.read_bytes() != before:
        raise UserError(f"{path} was changed by somebody else meanwhile; nothing is written")
    draft = _draft(path, after)
    try:
        draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def create(root: Path, files: Mapping[str, bytes]) -> None:
    """Make files, each with the folders that it lies in, where none of them is there yet.

    Raises:
        UserError: one of them is; nothing is written.
    """
    there = [path for path in files if os.path.lexists(root / path)]
    if there:
        more = f" and {len(there) - MOST_NAMED} more" if len(there) > MOST_NAMED else ""
        raise UserError(f"nothing is written: {', '.join(there[:MOST_NAMED])}{more}: there already")
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        _create(root / path, data)


def _create(path: Path, data: bytes) -> None:
    """Make one file. It is not waited until it is on disk: whoever loses it makes it again."""
    try:
        with path.open("xb") as made:
            try:
                made.write(data)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        raise UserError(f"{path} is there already; it is left as it is") from None


def overwrite(path: Path, data: bytes) -> None:
    """Put an answer into a file, whatever was in it before; nobody ever reads half of it.

    A file that exists keeps its mode, and a link leads where it led. What is no regular file, such as a terminal or a
    pipe, is written to as it is.

    Raises:
        OSError: it cannot be written; it is as it was.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
        draft = _draft(target, data)
    except OSError as error:
        error.filename = str(path)  # the caller knows of no draft
        raise
    try:
        draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _draft(path: Path, data: bytes) -> Path:
    """The bytes on disk, under another name beside the file."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as made:
        made.write(data)
        made.flush()
        os.fsync(made.fileno())
    return Path(made.name)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
