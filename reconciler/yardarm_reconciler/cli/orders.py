"""What a person tells a unit beside the process that runs it: written into the inventory, and heard at its next look."""

from __future__ import annotations

import contextlib
import difflib
import getpass
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import click

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.repositories import Pinned
from yardarm_reconciler.cli.targets import Target, bindings
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import Inventory, Order, Parent
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.source.address import is_commit
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.local import LocalSource, resolve

FEWEST = 7
"""Characters of a commit id that name a revision of the history."""

reason_option = click.option(
    "--reason", default="", metavar="TEXT", help="Why; shown in status and history to whoever asks."
)


def order(reason: str) -> Order:
    """An order of whoever runs this program, now."""
    return Order(author(), datetime.now(UTC), reason)


def author() -> str:
    """Who runs this program."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "unknown"


def bound(target: Target, environment: str, *, write: bool = True) -> Binding:
    """The unit of an environment; without ``write`` to look at alone."""
    (binding,) = bindings(target, environment, SystemClock(), write=write)
    return binding


def recorded(binding: Binding) -> Inventory:
    """What is recorded of a unit now."""
    with _opened(binding) as journal:
        return journal.read()


def amend(binding: Binding, change: Callable[[Parent], Parent]) -> None:
    """Write an order into the unit's inventory."""
    with _opened(binding) as journal:
        journal.read()
        journal.amend_parent(change)


@contextlib.contextmanager
def _opened(binding: Binding) -> Iterator[Journal]:
    with (
        ThreadPoolExecutor(1) as pool,
        contextlib.closing(binding.session),
        binding.session(pool) as (_, journal),
    ):
        yield journal


def workload_id(name: str, known: Collection[str]) -> str:
    """The id of a workload that the inventory knows, by ``team/name`` or by ``Kind/team/name``.

    Raises:
        UserError: there is none, or more than one.
    """
    found = sorted(id_ for id_ in known if name in {id_, id_.partition("/")[2]})
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{name!r} may be {' or '.join(found)}: name one of them", exit_code=exits.USAGE)
    names = [id_.partition("/")[2] for id_ in known]
    close = difflib.get_close_matches(name, names, n=1)
    meant = f'; did you mean "{close[0]}"?' if close else ""
    raise UserError(f"no workload {name!r} is known in this environment{meant}", exit_code=exits.USAGE)


def revision_id(text: str, binding: Binding, target: Target, parent: Parent | None) -> str:
    """The full id of a revision: one of the history by its first characters, or whatever the repository knows by that name.

    Raises:
        UserError: there is none.
    """
    past = [str(each["revision"]) for each in (parent.history if parent else ())]
    found = {each for each in past if len(text) >= FEWEST and each.startswith(text)}
    if len(found) == 1:
        return found.pop()
    source = binding.source
    if isinstance(source, LocalSource | Pinned):
        root = source.root if isinstance(source, LocalSource) else target.repository
        return resolve(installed(), root, text)
    if not is_commit(text):
        raise UserError(
            f"{text!r} is no revision of the history (yardarm history) and no full commit id",
            exit_code=exits.USAGE,
        )
    source.tree(text).files()  # read once, so that a typing error is noticed here
    return text
