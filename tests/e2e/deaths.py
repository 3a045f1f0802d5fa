"""Deaths at a file operation: for a process of the program that writes to a directory."""

from __future__ import annotations

import enum
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

OPERATIONS = ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "ftruncate", "pwrite")
"""What changes files, by its name in ``os``; a file's bytes count when they are synced."""

POWER_CUT = 5
"""Bytes that a power cut takes from the end of a file that was not synced."""


class Moment(enum.Enum):
    """When, seen from the operation."""

    BEFORE = "before"
    AFTER = "after"
    TORN = "torn"
    """Before a sync, and the last bytes that were written are lost with it: the power is cut."""


@dataclass(frozen=True, slots=True)
class Death:
    """SIGKILL at the ``number``-th operation, counted from 1 in the process that awaits it."""

    number: int
    moment: Moment

    def await_it(self) -> None:
        """From now on count, in this process."""
        left = self.number

        def dying(operation: Callable[..., Any], name: str) -> Callable[..., Any]:
            def operate(*arguments: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                if left:
                    return operation(*arguments, **named)
                if self.moment is Moment.TORN and name == "fsync":
                    _tear(arguments[0])
                if self.moment is Moment.AFTER:
                    operation(*arguments, **named)
                os.kill(os.getpid(), signal.SIGKILL)
                return None

            return operate

        for name in OPERATIONS:
            setattr(os, name, dying(getattr(os, name), name))


def _tear(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    try:
        os.truncate(descriptor, max(0, size - POWER_CUT))
    except OSError:
        return  # a folder, which has no bytes to lose
