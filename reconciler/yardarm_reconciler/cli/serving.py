"""What `yardarm run` serves: the webhooks of git servers, where the settings say so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from yardarm_reconciler.cli.targets import Target
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.server.listener import Listener
from yardarm_reconciler.server.webhook import Provider, Webhook
from yardarm_reconciler.settings import Operator, find, read
from yardarm_schema import settings as schema


@contextlib.contextmanager
def serving(target: Target, units: Sequence[Binding], clock: Clock) -> Iterator[None]:
    """Serve while the reconciler runs.

    Raises:
        UserError: the address cannot be listened at.
    """
    path = find(target.config) if target.directory is None and target.context is None else None
    operator = read(path) if path else None
    if operator is None or operator.settings.serve is None:
        yield
        return
    serve = operator.settings.serve
    webhook = Webhook(_secrets(serve.webhook, operator.path.parent), _waker(operator, units), clock)
    host, _, port = serve.listen.rpartition(":")
    try:
        listener = Listener(host.strip("[]"), int(port), webhook)
    except OSError as error:
        raise UserError(f"{serve.listen} cannot be listened at: {error.strerror}", exit_code=2) from error
    with contextlib.closing(listener):
        yield


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
