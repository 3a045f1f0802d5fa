"""What a cluster refused, at the line which gave the rejected field.

A place is named only where it is certain: the manifest that was refused is this revision's, it has the field, and what
the field comes from is found as ``explain`` finds it. Otherwise there is the place of the object alone, which is that of its spec.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from yardarm_reconciler.model.change import Change, Report, WorkloadReport
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.manifest import Key, Manifest
from yardarm_reconciler.model.origin import Place
from yardarm_reconciler.model.provenance import Explained, Leaf, Source
from yardarm_reconciler.model.spots import spot
from yardarm_reconciler.provenance.tracing import trace

MOST = 5
"""Workloads that are looked into: each takes up to a second or two."""

Applied: TypeAlias = Mapping[Key, Manifest]


def refused(report: Report) -> list[WorkloadReport]:
    """The workloads of which the cluster has refused a field, as many as are looked into."""
    return [each for each in report.workloads if any(change.blamed for change in each.changes)][:MOST]


def blame(report: Report, wanted: Desired, desired: Desired) -> Report:
    """The report with the places of what was refused.

    Args:
        report: of a pass.
        wanted: what it applied, with the labels of its unit.
        desired: the same without these.
    """
    applied = {made.key: made for each in wanted.workloads for made in each.manifests}
    known = {each.id for each in desired.workloads}
    found = {
        each.id: _placed(each, applied, trace(desired, each.id).objects)
        for each in refused(report)
        if each.id in known
    }
    return replace(report, workloads=tuple(found.get(each.id, each) for each in report.workloads))


def _placed(each: WorkloadReport, applied: Applied, explained: Sequence[Explained]) -> WorkloadReport:
    changes, reason = [], each.reason
    for change in each.changes:
        place = _place(change, applied, explained)
        if place is not None:
            begin = f"{change.key.kind}/{change.key.name}: "
            reason = f"{begin}{place} {change.reason}" if reason == f"{begin}{change.reason}" else reason
            change = replace(change, rejected=place)  # noqa: PLW2901 - the same change, with its place
        changes.append(change)
    return replace(each, changes=tuple(changes), reason=reason)


def _place(change: Change, applied: Applied, explained: Sequence[Explained]) -> Place | None:
    made = applied.get(change.key)
    leaves = next((each.leaves for each in explained if each.key == change.key), ())
    if not change.blamed or made is None or made.digest != change.digest:
        return None
    spots = (spot(made.body, path) for path in change.blamed)
    places = (_given_by([leaf for leaf in leaves if _is_at(leaf.path, at)]) for at in spots if at)
    return next((place for place in places if place is not None), None)


def _given_by(leaves: Sequence[Leaf]) -> Place | None:
    """What gave a field: the value that all of it comes from, or else the entry without which there would be none of it."""
    if not leaves:
        return None
    places = {_first(leaf.sources) for leaf in leaves}
    if len(places) == 1 and (place := places.pop()):
        return place
    return _first(_shared(leaves))


def _first(sources: Iterable[Source]) -> Place | None:
    """The place of the first that has one; those of the workload's own spec before those of the platform's."""
    placed = [each for each in sources if each.place.path]
    own = [each for each in placed if each.name.startswith(("spec.", "metadata."))]
    return next((each.place for each in (*own, *placed)), None)


def _shared(leaves: Iterable[Leaf]) -> list[Source]:
    """Entries without which none of some values would be there, in the order in which the first names them."""
    first, *rest = [leaf.because for leaf in leaves] or [()]
    return [each for each in first if all(each in other for other in rest)]


def _is_at(leaf: str, path: str) -> bool:
    return leaf == path or leaf.startswith((f"{path}.", f"{path}["))
