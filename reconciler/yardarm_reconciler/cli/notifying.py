"""Who is told what became of environments while `yardarm run` works, where the settings say so."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from yardarm_reconciler.cli.targets import Target
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.model.notice import notice
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.settings import Operator, read
from yardarm_schema import notify
from yardarm_schema.settings import RemoteSource

if TYPE_CHECKING:  # imported when needed: start-up time
    from yardarm_reconciler.forge.notices import Target as Told

PATIENCE = 3
"""Passes in a row that fail before it is told: a server that is away for a moment is no news."""


@contextlib.contextmanager
def notifying(
    target: Target, clock: Clock, emit: Callable[[Report], None]
) -> Iterator[Callable[[Report], None]]:
    """Gives what is to be told of every pass, which tells ``emit`` too."""
    path = target.settings_file()
    operator = read(path) if path else None
    if operator is None or not operator.settings.notify:
        yield emit
        return
    # Imported when needed: who tells nobody need not wait for it.
    from yardarm_reconciler.forge.messenger import Messenger  # noqa: PLC0415

    messenger = Messenger(_targets(operator), repositories(operator), clock)
    failures: Counter[str] = Counter()

    def tell(report: Report) -> None:
        emit(report)
        failures[report.environment] = failures[report.environment] + 1 if report.error else 0
        news = notice(report)
        if news is not None and failures[report.environment] in {0, PATIENCE}:
            messenger.tell(news)

    with contextlib.closing(messenger):
        yield tell


def repositories(operator: Operator) -> Mapping[str, str]:
    """By environment, the path of its source on its server: ``ai/models``; none of one on this machine."""
    known = operator.settings.sources
    found = {unit.environment: known[unit.source] for unit in operator.settings.units}
    return {
        name: urlsplit(source.url).path.strip("/").removesuffix(".git")
        for name, source in found.items()
        if isinstance(source, RemoteSource)
    }


def _targets(operator: Operator) -> list[Told]:
    return [_target(each, operator.path.parent) for each in operator.settings.notify]


def _target(said: notify.Notify, base: Path) -> Told:
    from yardarm_reconciler.forge import notices  # noqa: PLC0415 - as above

    match said:
        case notify.NotifyGitHub():
            return notices.GitHubStatuses(said.github.api, base / said.github.token_file)
        case notify.NotifyGitLab():
            return notices.GitLabStatuses(said.gitlab.api, base / said.gitlab.token_file)
        case notify.NotifySlack():
            return notices.Channel(base / said.slack.url_file)
        case _:
            return notices.Program(said.webhook.url, base / said.webhook.secret_file)
