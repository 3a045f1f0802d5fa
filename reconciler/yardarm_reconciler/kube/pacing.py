"""How many requests are under way at one time: as many as the API server takes, found out as TCP finds it out.

More threads than :data:`MOST` lose to the interpreter's lock. An answer of 429 halves what is allowed, a row of good
answers as long as what is allowed adds one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 16
LEAST = 2


class Pace:
    """Lets requests go, each in its own thread."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._allowed = MOST
        self._under_way = 0
        self._good = 0

    @property
    def allowed(self) -> int:
        """How many may be under way now."""
        return self._allowed

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until one more may go, and be it."""
        with self._change:
            self._change.wait_for(lambda: self._under_way < self._allowed)
            self._under_way += 1
        try:
            yield
        finally:
            with self._change:
                self._under_way -= 1
                self._change.notify()

    def slower(self) -> None:
        """The server asked for less: half, once for all that were under way together."""
        with self._change:
            if self._good or self._allowed == MOST:
                self._allowed = max(LEAST, self._allowed // 2)
            self._good = 0

    def faster(self) -> None:
        """The server has answered one."""
        with self._change:
            self._good += 1
            if self._good >= self._allowed and self._allowed < MOST:
                self._allowed += 1
                self._good = 0
                self._change.notify()
