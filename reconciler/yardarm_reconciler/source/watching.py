"""Look sooner: the file system tells when it is worth polling. A hint only, which may be lost; the timer is the truth."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

DEBOUNCE = 0.2
"""Seconds in which events count as one: a commit or a save in an editor causes a dozen."""

_LOG = logging.getLogger(__name__)
_READING = frozenset({"opened", "closed_no_write"})  # our own reading causes these


class Timer(Protocol):
    """What is needed of :class:`threading.Timer`."""

    def start(self) -> None:
        """Let time run."""

    def cancel(self) -> None:
        """Do not call."""


class Watch:
    """A watch that is on until it is stopped."""

    def __init__(self, wake: Callable[[], None], timer: Callable[[float, Callable[[], None]], Timer]) -> None:
        self._wake = wake
        self._timer = timer
        self._lock = threading.Lock()
        self._pending: Timer | None = None
        self._stopped = False
        self._observer: BaseObserver | None = None

    def start(self, directories: tuple[tuple[Path, bool], ...], ignored: Path | None) -> None:
        """Watch these directories, each with or without what is below it, except below ``ignored``.

        Raises:
            OSError: the system's limit of watches is reached, or a directory is gone.
        """
        for directory, _ in directories:
            directory.stat()
        self._observer = Observer()
        self._observer.daemon = True
        for directory, recursive in directories:
            self._observer.schedule(_Listener(self._touched, ignored), str(directory), recursive=recursive)
        self._observer.start()

    def stop(self) -> None:
        """End it; ``wake`` is not called from then on. May be called twice."""
        with self._lock:
            self._stopped = True
            if self._pending:
                self._pending.cancel()
        observer, self._observer = self._observer, None
        if observer:
            observer.stop()  # ends its threads of reading too, which run where it itself never started
            if observer.is_alive():
                observer.join(timeout=5)

    def _touched(self) -> None:
        with self._lock:
            if self._pending is None and not self._stopped:
                self._pending = self._timer(DEBOUNCE, self._ring)
                self._pending.start()

    def _ring(self) -> None:
        with self._lock:
            self._pending = None
            if self._stopped:
                return
        self._wake()


class _Listener(FileSystemEventHandler):
    def __init__(self, touched: Callable[[], None], ignored: Path | None) -> None:
        self._touched = touched
        self._ignored = f"{ignored}/" if ignored else None

    def on_any_event(self, event: FileSystemEvent) -> None:
        inside = self._ignored is not None and f"{event.src_path!s}/".startswith(self._ignored)
        if event.event_type not in _READING and not inside:
            self._touched()


def watch_refs(
    git_dir: Path,
    wake: Callable[[], None],
    timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
) -> Watch:
    """Call ``wake`` soon after HEAD or a ref of a repository on this machine changed.

    ``wake`` is called in a thread of the timer, with no two events within a fifth of a second told apart.
    """
    return _started(((git_dir, False), (git_dir / "refs", True)), None, wake, timer)


def watch_files(
    root: Path,
    wake: Callable[[], None],
    timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
) -> Watch:
    """Call ``wake`` soon after a file of a working directory changed; as :func:`watch_refs`."""
    return _started(((root, True),), root / ".git", wake, timer)


def _started(
    directories: tuple[tuple[Path, bool], ...],
    ignored: Path | None,
    wake: Callable[[], None],
    timer: Callable[[float, Callable[[], None]], Timer],
) -> Watch:
    """Start a watch; where the system has no room for it, warn once and leave it to the timer."""
    watch = Watch(wake, timer)
    try:
        watch.start(directories, ignored)
    except OSError as error:
        _LOG.warning("%s is not watched, only polled: %s", directories[0][0], error.strerror or error)
        watch.stop()
    return watch
