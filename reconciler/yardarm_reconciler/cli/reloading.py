"""Settings that change while `yardarm run` works: seen by what the file holds, and taken once they can be."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from yardarm_reconciler.cli.targets import Target
from yardarm_reconciler.model.origin import UserError

EVERY = 2.0
"""Seconds between looks: mounted files are swapped by links, which no watcher of files sees everywhere."""

LOG = logging.getLogger(__name__)


def content(target: Target) -> bytes | None:
    """What the settings file holds now; None where there is none."""
    path = target.settings_file()
    return _content(path) if path else None


@contextlib.contextmanager
def reloading(
    target: Target, known: bytes | None, check: Callable[[], object], changed: Callable[[], None]
) -> Iterator[None]:
    """Look at the settings meanwhile.

    Args:
        target: where they lie; what is said ad hoc does not change.
        known: what they held when they were read.
        check: reads them, and raises UserError where they cannot be taken: those before stay in force.
        changed: called once, when there are others that can be.
    """
    path = target.settings_file()
    if path is None:
        yield
        return
    ended = threading.Event()
    look = threading.Thread(
        target=_look, args=(path, known, check, changed, ended), name="settings", daemon=True
    )
    look.start()
    try:
        yield
    finally:
        ended.set()
        look.join()


def _look(
    path: Path,
    known: bytes | None,
    check: Callable[[], object],
    changed: Callable[[], None],
    ended: threading.Event,
) -> None:
    while not ended.wait(EVERY):
        now = _content(path)
        if now in {known, None}:
            continue  # a file that is not there is about to be swapped, or gone: what was said stays
        known = now
        try:
            check()
        except UserError as error:
            problems = "\n".join(map(str, error.diagnostics))
            LOG.error("%s has changed and is not taken: %s\n%s", path, error, problems)  # noqa: TRY400 - no trace
        else:
            LOG.warning("%s has changed and is taken", path)
            changed()
            return


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
