"""Files that are whole or not there, and names that stay inside the directory."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from yardarm_reconciler.model.origin import FencedError, TransientError

STATE = ".yardarm"
"""Our own folder inside the directory: records, uids, the lock."""

LARGEST = 3 * 1024 * 1024
"""Bytes that are read of one file: what an API server takes as one request."""

# One component of a path. Names of Kubernetes objects that do not fit (``system:…``) are refused, not escaped.
_SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,248}[A-Za-z0-9])?")


def is_safe(component: str) -> bool:
    """Tell whether a name can be a file's or folder's without meaning another place."""
    return _SAFE.fullmatch(component) is not None and ".." not in component


@contextlib.contextmanager
def failing_as_transient(what: str) -> Iterator[None]:
    """Turn an error of the file system (full, read-only, no permission) into a TransientError."""
    try:
        yield
    except OSError as error:
        raise TransientError(f"{what}: {error.strerror or type(error).__name__}") from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file for one writer.

    Raises:
        FencedError: another process holds it.
    """
    with failing_as_transient(f"cannot open the lock {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 64, 0).decode(errors="replace").strip()
            by = f" by process {holder}" if holder.isdigit() else ""
            raise FencedError(f"another process writes here: {path} is held{by}") from error
        with failing_as_transient(f"cannot write the lock {path}"):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # Closing lets the lock go, also when the process dies.
        os.close(descriptor)


def read(path: Path, limit: int = -1) -> bytes | None:
    """Bytes of a file, None where there is nothing; a link, folder or device reads as empty, for it is no manifest.

    Raises:
        TransientError: it is there and cannot be read.
    """
    with failing_as_transient(f"cannot read {path}"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return b""
            raise
        try:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(limit) if regular else b""
        finally:
            os.close(descriptor)


def write(path: Path, data: bytes, temporary: Path) -> None:
    """Put a whole file in place, durably: written beside, synced, renamed, and the folder synced.

    Args:
        path: where; its folders are made.
        data: all its bytes.
        temporary: a folder of the same file system; what a crash leaves there is never read.

    Raises:
        TransientError: it could not be written; what was there before still is.
    """
    with failing_as_transient(f"cannot write {path}"):
        make_folder(path.parent)
        temporary.mkdir(parents=True, exist_ok=True)
        draft = temporary / uuid4().hex
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file durably; no error where there is none.

    Raises:
        TransientError: it is still there.
    """
    with failing_as_transient(f"cannot remove {path}"):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each entered durably into its parent."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make what was renamed or removed in a folder survive a power cut."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def folders(path: Path) -> list[str]:
    """Names of the real folders in a folder, sorted; symbolic links lead elsewhere and are none."""
    return _entries(path, lambda entry: entry.is_dir(follow_symlinks=False))


def names(path: Path, suffix: str) -> list[str]:
    """Names of what ends in ``suffix`` in a folder, without it, sorted."""
    found = _entries(path, lambda entry: entry.name.endswith(suffix))
    return [name.removesuffix(suffix) for name in found]


def is_plain_folder(path: Path) -> bool:
    """Tell whether a path is a real folder or free to become one: not a symbolic link, not a file."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        return False


def _entries(path: Path, wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
    with failing_as_transient(f"cannot list {path}"):
        if not path.is_dir():
            return []
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if wanted(entry))
