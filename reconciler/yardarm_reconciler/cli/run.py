"""``yardarm run``: the reconciler."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence

import click

from yardarm_reconciler import loop
from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.leads import Leads
from yardarm_reconciler.cli.notifying import notifying
from yardarm_reconciler.cli.reloading import content, reloading
from yardarm_reconciler.cli.serving import serving
from yardarm_reconciler.cli.targets import Target, bindings, some_environment_option, target_options
from yardarm_reconciler.cli.wiring import StoppingClock, machinery_each
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Action, Report
from yardarm_reconciler.report import sync
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.local import LocalSource, git_directory
from yardarm_reconciler.source.watching import Watch, watch_refs

GARBAGE_AFTER = 500_000
"""New objects between searches for circles of garbage. At Python's 700 a quarter of a load is spent looking at values that
stay, at 50,000 still a tenth."""


@click.command(name="run")
@some_environment_option
@target_options
@click.option(
    "--log",
    type=click.Choice(["human", "json"]),
    default="human",
    show_default=True,
    help="How passes are logged.",
)
def command(environment: str | None, target: Target, log: str) -> int:
    """Poll git and keep every environment at its revision: apply, repair drift, prune, report. Stops on SIGTERM.

    A pass under way is finished before it stops, unless the cluster does not answer. Environments share no fate:
    one that fails never holds another. Of several processes that are told to, one at a time writes to a cluster, under its
    lease; the others stand by.

    \b
    Examples:
      yardarm run --config settings.yaml
    """
    gc.set_threshold(GARBAGE_AFTER)
    gc.enable()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    ends = _Ends()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ends.for_good())
    emit = _json if log == "json" else _Human()
    while not ends.gone:
        _live(target, environment, emit, ends)
    return exits.FINE


class _Ends:
    """How a life ends: the program is told to, or by settings that have changed, after which another life begins."""

    def __init__(self) -> None:
        self.gone = False
        self._stop = threading.Event()
        self._units: Sequence[Binding] = ()

    def begin(self, stop: threading.Event, units: Sequence[Binding]) -> None:
        """A life that ends with ``stop``."""
        self._stop, self._units = stop, units
        if self.gone:
            self.end()

    def end(self) -> None:
        """This life."""
        self._stop.set()
        for unit in self._units:
            unit.bell.ring()

    def for_good(self) -> None:
        """This life, and no other follows."""
        self.gone = True
        self.end()


def _live(target: Target, environment: str | None, emit: Callable[[Report], None], ends: _Ends) -> None:
    """Work under the settings as they are now."""
    stop = threading.Event()
    clock = StoppingClock(stop)

    def opened() -> list[Binding]:
        return bindings(target, environment, clock, write=True, follow=True, leads=Leads(clock, waits=True))

    known = content(target)
    units = opened()
    ends.begin(stop, units)
    with contextlib.ExitStack() as open_, machinery_each(len(units)) as made:
        for unit in units:
            if watch := _watch(unit):
                open_.callback(watch.stop)
        told = open_.enter_context(notifying(target, clock, emit))
        tell = open_.enter_context(serving(target, units, clock, told))
        open_.enter_context(reloading(target, known, opened, ends.end))
        loop.run(units, made, stop, tell)
        if not stop.is_set():
            ends.gone = True


def _watch(binding: Binding) -> Watch | None:
    """Look sooner where the repository lies on this machine; the interval stays the truth."""
    if not isinstance(binding.source, LocalSource):
        return None
    return watch_refs(git_directory(installed(), binding.source.root), binding.bell.ring)


class _Human:
    """Prints a pass where something happened, and each failure once."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._lock = threading.Lock()

    def __call__(self, report: Report) -> None:
        look = screen.look()
        with self._lock:
            text = sync.human(report, None, look)
            behind = report.notes.get("behind", "").partition(":")[0]  # what is left of a soak is no news
            standby = report.notes.get("standby", "")
            gist = f"{report.revision}{report.error}{behind}{standby}{sync.concise(report, look)}"
            if report.error or _happened(report) or self._last.get(report.environment) != gist:
                screen.show(text)
                sys.stdout.flush()
            self._last[report.environment] = gist


def _happened(report: Report) -> bool:
    quiet = {Action.UNCHANGED, Action.HELD, Action.SKIPPED}
    return any(change.action not in quiet for workload in report.workloads for change in workload.changes)


def _json(report: Report) -> None:
    """One line of JSON a pass."""
    line = {
        "event": "failed" if report.error else "standby" if "standby" in report.notes else "reconciled",
        "environment": report.environment,
        "unit": report.unit,
        "revision": report.revision,
        "seconds": round(report.seconds, 3),
        "error": report.error,
        "guards": [guard.digest for guard in report.guards],
        "actions": {action.value: number for action in Action if (number := report.count(action))},
    }
    click.echo(json.dumps(line))
    sys.stdout.flush()
