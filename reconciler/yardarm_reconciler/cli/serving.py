"""What `yardarm run` serves, where the settings say so: probes, metrics, its status and a page of it, and webhooks of git servers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.passes import without_changes
from yardarm_reconciler.cli.targets import Target
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.report import output
from yardarm_reconciler.server.board import Board
from yardarm_reconciler.server.listener import Listener, Response
from yardarm_reconciler.server.site import Site
from yardarm_reconciler.server.webhook import Provider, Webhook
from yardarm_reconciler.settings import Operator, read
from yardarm_schema import settings as schema


@contextlib.contextmanager
def serving(
    target: Target, units: Sequence[Binding], clock: Clock, emit: Callable[[Report], None]
) -> Iterator[Callable[[Report], None]]:
    """Serve while the reconciler runs; gives what is to be told of every pass, which tells ``emit`` too.

    Raises:
        UserError: the address cannot be listened at.
    """
    path = target.settings_file()
    operator = read(path) if path else None
    if operator is None or operator.settings.serve is None:
        yield emit
        return
    # Imported when needed: who serves nothing need not wait for it.
    from yardarm_reconciler.cli.pages import pages_of  # noqa: PLC0415
    from yardarm_reconciler.server.metrics import Metrics  # noqa: PLC0415

    serve = operator.settings.serve
    webhook = Webhook(_secrets(serve.webhook, operator.path.parent), _waker(operator, units), clock)
    board = Board([each.unit.environment for each in units], lambda: _late(units, clock))
    metrics = Metrics(screen.VERSION, board.reports, clock)
    pages = {
        "/livez": board.live,
        "/healthz": board.live,
        "/readyz": board.ready,
        "/metrics": metrics.page,
        "/api/v1/status": lambda _: _status(board.reports()),
        **pages_of([each.unit.environment for each in units], board.reports, clock),
    }

    def tell(report: Report) -> None:
        for each in (board, metrics, emit):
            each(report)

    host, _, port = serve.listen.rpartition(":")
    try:
        listener = Listener(host.strip("[]"), int(port), Site(pages, metrics.counted(webhook)))
    except OSError as error:
        raise UserError(f"{serve.listen} cannot be listened at: {error.strerror}", exit_code=2) from error
    with contextlib.closing(listener):
        yield tell


def _late(units: Sequence[Binding], clock: Clock) -> dict[str, float]:
    return {each.unit.environment: each.bell.late(clock.monotonic()) for each in units}


def _status(reports: Sequence[Report]) -> Response:
    """The same as `yardarm status --format json`, of the last passes."""
    code = exits.worst([exits.of_report(report) for report in reports])
    text = output.status([without_changes(report) for report in reports], screen.VERSION, code)
    return Response(HTTPStatus.OK, content=text.encode(), kind="application/json")


def _secrets(webhooks: schema.Webhooks, base: Path) -> Mapping[Provider, Path]:
    given = {
        Provider.GITHUB: webhooks.github,
        Provider.GITLAB: webhooks.gitlab,
        Provider.GENERIC: webhooks.generic,
    }
    return {provider: base / each.secret_file for provider, each in given.items() if each is not None}


class _Waker:
    """Makes units look at their sources."""

    def __init__(self, units: Mapping[str, Sequence[Binding]]) -> None:
        self._units = units

    def __call__(self, source: str | None) -> bool:
        """Look at one source, or at all."""
        chosen = self._units.values() if source is None else [self._units.get(source, ())]
        bells = [unit.bell for units in chosen for unit in units]
        for bell in bells:
            bell.ring()
        return bool(bells)


def _waker(operator: Operator, units: Sequence[Binding]) -> _Waker:
    """Of the units that run, by the names of their sources."""
    sources = {each.id: each.source for each in operator.settings.units}
    names = sorted(set(sources.values()))
    return _Waker({name: [unit for unit in units if sources[unit.unit.id] == name] for name in names})
