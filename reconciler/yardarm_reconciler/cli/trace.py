"""``yardarm trace``: from a live object to the line of a spec, and to who wrote it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.repositories import Pinned
from yardarm_reconciler.cli.targets import Target, bindings, some_environment_option, target_options
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.inventory.lineage import Asked, Lineage, asked, lineages
from yardarm_reconciler.inventory.records import EntryState
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.report import output, trace
from yardarm_reconciler.report.names import Commit
from yardarm_reconciler.report.trace import Traced
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.history import last_change
from yardarm_reconciler.source.local import LocalSource


@click.command(name="trace")
@click.argument("name", metavar="KIND/NAME")
@click.option("-n", "--namespace", default="", metavar="NS", help="Its namespace.  [all of the units]")
@some_environment_option
@target_options
@screen.format_option
def command(name: str, namespace: str, environment: str | None, target: Target, form: str) -> int:
    """Lead from an object in a cluster back to the line of its spec, the commit that changed it, and its author.

    Pods and what else controllers make are traced through the objects that own them. Nothing is written.

    \b
    Examples:
      yardarm trace deployment/qwen3-32b -n nlp-production
      yardarm trace pod/qwen3-32b-7c9d-x2x4l -e production
    """
    wanted = asked(name, namespace)
    units = bindings(target, environment, SystemClock(), write=False)
    traced = [each for unit in units for each in _traced(unit, wanted, target)]
    if not traced:
        where = f" in {namespace}" if namespace else ""
        raise UserError(f"no unit has written {name}{where}, nor what owns it", exit_code=exits.FOUND)
    look = screen.look()
    if form == "json":
        screen.show(output.trace(traced, screen.VERSION))
    else:
        screen.show(trace.concise(traced, look) if form == "concise" else trace.human(traced, look))
    return exits.FINE


def _traced(binding: Binding, wanted: Asked, target: Target) -> Iterator[Traced]:
    with (
        ThreadPoolExecutor(1) as pool,
        contextlib.closing(binding.session),
        binding.session(pool) as (live, journal),
    ):
        for lineage in lineages(journal.read(), live.cluster, wanted):
            record, seen = lineage.record, lineage.seen
            yield Traced(
                lineage.chain,
                binding.unit.environment,
                record.id,
                record.origin,
                record.revision,
                _changed(binding, lineage, target),
                _state(lineage),
                seen.foreign if seen else (),
                seen.writer if seen else "",
            )


def _state(lineage: Lineage) -> str:
    """In words: of what people and others do to it, most leaves the projection as it was applied."""
    if lineage.run is not None:
        return f"a run: {lineage.run.state}" + ("" if lineage.seen else ", and gone")
    assert lineage.entry is not None  # noqa: S101 - what is no run has an entry
    if lineage.entry.state is not EntryState.OWNED:
        return str(lineage.entry.state)
    if lineage.seen is None:
        return "gone: the next pass makes it again"
    if lineage.seen.uid != lineage.entry.uid:
        return "another object of that name"
    same = lineage.seen.projection == lineage.entry.projection
    return "as applied" if same else "changed since it was applied"


def _changed(binding: Binding, lineage: Lineage, target: Target) -> tuple[str, Commit] | None:
    """The commit that last changed the spec's file, where the repository lies on this machine."""
    source, record = binding.source, lineage.record
    if not isinstance(source, LocalSource | Pinned):
        return None
    root = source.root if isinstance(source, LocalSource) else target.repository
    found = last_change(installed(), root, record.revision, record.origin.path)
    if found is None:
        return None
    return found.id, Commit(found.subject, found.author, datetime.now(UTC) - found.date)
