"""One pass over the environments that a command names, and how it reads."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.repositories import Pinned
from yardarm_reconciler.follow import Revisions, make_pass
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.pipeline import Machinery, desired_for, desired_in, reconcile, specs_of
from yardarm_reconciler.provenance.blame import blame, refused
from yardarm_reconciler.report.names import Commit
from yardarm_reconciler.report.saved_plan import SavedPlan, plan_of, stale
from yardarm_reconciler.source.git import installed
from yardarm_reconciler.source.local import LocalSource


def once(binding: Binding, machinery: Machinery, *, write: bool) -> Report:
    """Reconcile (or only look at) one unit at what its source says now, as far as the gates let it through.

    Raises:
        UserError: the source, the cluster or the inventory is not what it should be.
        TransientError: git or the cluster did not answer.
        FencedError: another process writes to this unit.
    """
    follower = binding.follower(machinery, Revisions())
    follower.look()
    with binding.session(machinery.pool) as (live, journal):
        followed = follower.choose(live.expect(journal.read()))
        return make_pass(followed, follower, live, journal, write=write)


def preview(binding: Binding, machinery: Machinery) -> tuple[Report, SavedPlan]:
    """What the newest revision would change, whatever the gates say; with the plan that a sync can be held to.

    Raises as :func:`once`.
    """
    desired = binding.follower(machinery, Revisions()).newest()
    with binding.session(machinery.pool) as (live, journal):
        report = reconcile(binding.unit, desired, live, journal, machinery, write=False)
        return report, plan_of(report, journal.cluster_uid, machinery.renderer)


def as_planned(binding: Binding, machinery: Machinery, path: Path, plan: SavedPlan) -> Report:
    """Reconcile one unit if that does what was planned, at the same revision and under the same lease.

    Raises:
        UserError: it would do something else; nothing was written.
        TransientError: as :func:`once`.
        FencedError: as :func:`once`.
    """
    follower = binding.follower(machinery, Revisions())
    follower.look()
    with binding.session(machinery.pool) as (live, journal):
        followed = follower.choose(journal.read())
        seen = make_pass(followed, follower, live, journal, write=False)
        different = stale(str(path), plan, plan_of(seen, journal.cluster_uid, machinery.renderer))
        if different:
            raise UserError("the plan is stale", different, exit_code=exits.GUARDED)
        return make_pass(followed, follower, live, journal, write=True)


def each(bindings: list[Binding], machinery: Machinery, *, write: bool) -> list[Report]:
    """One pass over several units: one that cannot be reached never keeps the others from being looked at."""
    reports = []
    for binding in bindings:
        try:
            reports.append(once(binding, machinery, write=write))
        except (TransientError, FencedError, UserError) as error:
            unit = binding.unit
            reports.append(Report(unit.environment, unit.id, "", (), error=str(error)))
    return reports


def blamed(report: Report, binding: Binding, machinery: Machinery) -> Report:
    """The report with the lines which gave the fields that the cluster refused, where they can be told."""
    if not refused(report):
        return report
    unit = binding.unit
    # What was refused is told in any case, if only of which file it is.
    with contextlib.suppress(TransientError, UserError):
        specs = specs_of(binding.source.tree(report.revision), machinery, unit.platform)
        wanted = desired_for(specs, unit, machinery.memory)
        return blame(report, wanted, desired_in(specs, unit.environment))
    return report


def commit_of(binding: Binding, report: Report, repository: Path) -> Commit | None:
    """Who wrote the revision that a report is of, where its repository is on this machine."""
    source = binding.source
    root = (
        source.root if isinstance(source, LocalSource) else repository if isinstance(source, Pinned) else None
    )
    return screen.commit(installed(), root, report.revision) if root and report.revision else None


def without_changes(report: Report) -> Report:
    """The same report for a status: what would change is said by the sync state alone."""
    return replace(report, workloads=tuple(replace(each_, changes=()) for each_ in report.workloads))
