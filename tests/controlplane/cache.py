"""What takes long to make is made once: a folder in the user's cache, found by all later processes."""

import fcntl
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def cache_folder() -> Path:
    """Return where all is kept: `controlplane` under the user's cache (XDG_CACHE_HOME)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "yardarm" / "controlplane"


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the cache's folder of that name; if it is not there, `make` fills it.

    A second process waits for the first. What fails half-way leaves no folder.

    Raises:
        OSError: the cache cannot be written.
    """
    cache = cache_folder()
    folder = cache / name
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with _lock(cache / f"{name}.lock"):
        if not folder.is_dir():  # another process may have made it while we waited
            with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as scratch:
                made = Path(scratch) / name
                made.mkdir()
                make(made)
                # A rename is all or nothing: whoever sees the folder sees all of it.
                made.rename(folder)
    return folder


def say(line: str) -> None:
    """Tell whoever waits how far it is."""
    sys.stderr.write(f"[controlplane] {line}\n")
    sys.stderr.flush()


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is making {file.stem}: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
