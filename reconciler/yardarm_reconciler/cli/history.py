"""``yardarm history``: which revisions an environment followed."""

from __future__ import annotations

import click

from yardarm_reconciler.cli import exits, orders, screen
from yardarm_reconciler.cli.repositories import Pinned
from yardarm_reconciler.cli.targets import Target, environment_option, target_options
from yardarm_reconciler.inventory.records import Parent
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.report import history, output
from yardarm_reconciler.report.history import Step
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.local import LocalSource


@click.command(name="history")
@environment_option
@click.option("-n", "--number", type=click.IntRange(min=1), default=10, show_default=True, help="How many.")
@target_options
@screen.format_option
def command(environment: str, number: int, target: Target, form: str) -> int:
    """Show the revisions that ENV followed, the latest first, with who sent it there where a person did.

    \b
    Examples:
      yardarm history -e production
    """
    binding = orders.bound(target, environment, write=False)
    parent = orders.recorded(binding).parent
    source = binding.source
    root = source.root if isinstance(source, LocalSource) else target.repository
    known = root if isinstance(source, LocalSource | Pinned) else None
    steps = [_step(parent, each, known) for each in reversed(parent.history[-number:])] if parent else []
    look = screen.look()
    if form == "json":
        screen.show(output.history(environment, steps, screen.VERSION))
    elif form == "concise":
        screen.show(history.concise(environment, steps, look))
    else:
        screen.show(history.human(environment, steps, look))
    return exits.FINE


def _step(parent: Parent, entry: object, root: object) -> Step:
    assert isinstance(entry, dict)  # noqa: S101 - the inventory was decoded
    revision = str(entry["revision"])
    try:
        commit = screen.commit(installed(), root, revision)
    except UserError:
        commit = None  # rewritten since
    rejected = parent.rejected.get(revision)
    return Step(
        revision,
        str(entry["at"]),
        str(entry.get("by", "")),
        commit.subject if commit else "",
        str(rejected) if rejected else "",
    )
