"""The program as it runs for months, in a thread: woken by what happens, and polling only when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.controlplane.audit import Request, Requests
from tests.controlplane.waiting import wait_until
from tests.e2e.harness import RECONCILER, RECORDS, Site
from yardarm_reconciler import __version__, loop, settings
from yardarm_reconciler.cli import wiring
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Action, Change, Report, State
from yardarm_reconciler.pipeline import Machinery
from yardarm_reconciler.source.git import installed

SELDOM = 3600.0
"""Seconds between polls: nothing that a test sees is a poll's doing."""

WELL = frozenset({State.HEALTHY, State.SUCCEEDED})


@dataclass(slots=True)
class Following:
    """A reconciler that runs, and what it has said of its passes."""

    site: Site
    binding: Binding
    machinery: Machinery
    told: list[Report] = field(default_factory=list)

    def turn(self) -> Report:
        """One pass as the timer makes it."""
        before = len(self.told)
        self.binding.bell.ring()
        wait_until("a pass", lambda: len(self.told) > before)
        return self.told[-1]

    def quiet(self) -> Report:
        """Passes until everything is well and the last one had nothing to do.

        Raises:
            NotReadyError: that did not happen in time.
        """

        def settled() -> bool:
            report, before = self.turn(), len(self.told)
            fine = not report.error and all(each.health.state in WELL for each in report.workloads)
            return fine and self.turn() == replace(report, seconds=self.told[-1].seconds) and before

        wait_until(f"{self.site.unit} is quiet", settled)
        return self.told[-1]

    def asked(self, mark: int) -> list[str]:
        """What it asked of the API server since a mark: no watches, none of its own records, no warnings.

        Warnings are read, and watched from then on, where a workload is not well: also while it takes up a repair.
        """
        made = self.site.audit.since(mark).by(RECONCILER)
        chosen = (each for each in made if each.verb != "watch" and each.namespace != RECORDS)
        return [line(each) for each in chosen if (each.verb, each.resource) != ("list", "events")]

    def since(self, mark: int) -> Requests:
        """All requests since a mark."""
        return self.site.audit.since(mark).by(RECONCILER)


def changes(report: Report, action: Action) -> list[Change]:
    """What a pass did."""
    return [change for each in report.workloads for change in each.changes if change.action is action]


def line(request: Request) -> str:
    """One request in words."""
    verb = "create" if request.code == 201 else request.verb
    return f"{'dry-run ' if request.dry_run else ''}{verb} {request.resource}/{request.name}"


@contextmanager
def following(site: Site) -> Iterator[Following]:
    """Run it until the end."""
    operator = settings.read(site.settings)
    bound = wiring.bind(
        operator, operator.of(site.environment), installed(), wiring.SystemClock(), write=True, follow=True
    )
    machinery = Machinery(wiring.SystemClock(), site.pool, __version__)
    made, stop = Following(site, replace(bound, interval=SELDOM), machinery), threading.Event()
    thread = threading.Thread(target=loop.run, args=([made.binding], [machinery], stop, made.told.append))
    thread.start()
    try:
        wait_until("the first pass", lambda: bool(made.told))
        yield made
    finally:
        stop.set()
        made.binding.bell.ring()
        thread.join()
