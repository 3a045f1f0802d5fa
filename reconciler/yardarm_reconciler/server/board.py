"""The last report of every environment, for whoever asks: probes, metrics and the status page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus

from yardarm_reconciler.model.change import Report
from yardarm_reconciler.server.listener import Request, Response

GRACE = 60.0
"""Seconds that a unit may be late: a machine that is busy is no reason to kill what works on it."""


class Board:
    """Takes reports from the units' threads and gives the last of each.

    Args:
        environments: all that there are to be reports of.
        late: by environment, for how many seconds its unit should have been back from a pass or from waiting.
    """

    def __init__(self, environments: Iterable[str], late: Callable[[], dict[str, float]]) -> None:
        self._awaited = tuple(sorted(environments))
        self._late = late
        self._lock = threading.Lock()
        self._reports: dict[str, Report] = {}

    def __call__(self, report: Report) -> None:
        """Take a report."""
        with self._lock:
            self._reports[report.environment] = report

    def reports(self) -> tuple[Report, ...]:
        """The last report of each environment that there is one of, by name."""
        with self._lock:
            return tuple(self._reports[name] for name in sorted(self._reports))

    def live(self, request: Request) -> Response:
        """Whether every unit is where it said it would be. What git and clusters answer has no part in it."""
        del request
        stuck = [name for name, seconds in sorted(self._late().items()) if seconds > GRACE]
        return _told("stuck", stuck)

    def ready(self, request: Request) -> Response:
        """Whether every environment was looked at once, whatever came of it: one that fails hides no other."""
        del request
        with self._lock:
            missing = [name for name in self._awaited if name not in self._reports]
        return _told("not looked at yet", missing)


def _told(what: str, environments: Iterable[str]) -> Response:
    names = ", ".join(environments)
    if names:
        return Response(HTTPStatus.SERVICE_UNAVAILABLE, f"{what}: {names}")
    return Response(HTTPStatus.OK, "ok")
