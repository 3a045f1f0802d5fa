"""Results as JSON for other programs: versioned, deterministic, described by ``schema/json/output``.

Texts are exact, not sanitised; every character beyond printable ASCII is escaped, so that the bytes are safe anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from yardarm_reconciler.model.budget import TOTAL, Limit, Peak, Usage, add
from yardarm_reconciler.model.change import Action, Change, FieldChange, Guard, Report, Sync, WorkloadReport
from yardarm_reconciler.model.origin import Diagnostic, Place, in_order
from yardarm_reconciler.report.history import Step
from yardarm_reconciler.report.text import OLD_COMMAND
from yardarm_reconciler.report.trace import Traced
from yardarm_reconciler.report.validation import Validation

API_VERSION = "output.yardarm.dev/v1"
"""Fields are only ever added to it."""

Json = dict[str, Any]


def validation(result: Validation, version: str, exit_code: int) -> str:
    """What ``validate`` found."""
    environments = [
        {"name": name, "summary": {"objects": objects}, "workloads": []}
        for name, objects in sorted(result.objects.items())
    ]
    return document("Validation", version, result.revision, environments, result.diagnostics, exit_code)


def validation_lines(result: Validation, version: str, exit_code: int) -> str:
    """The same as a line a problem; the last line is the sum, and says that none is missing."""
    problems = in_order(result.diagnostics)
    lines = [{"apiVersion": API_VERSION, "kind": "Diagnostic", **diagnostic(each)} for each in problems]
    summary = {
        "apiVersion": API_VERSION,
        "kind": "ValidationSummary",
        "version": version,
        "revision": result.revision,
        "specs": result.specs,
        "errors": sum(each.is_error for each in problems),
        "warnings": sum(not each.is_error for each in problems),
        "exit": exit_code,
    }
    return "".join(dumps(line, indent=None) for line in (*lines, summary))


def diff(reports: Sequence[Report], version: str, exit_code: int) -> str:
    """What would change."""
    return _pass("Diff", reports, version, exit_code)


def sync(reports: Sequence[Report], version: str, exit_code: int) -> str:
    """What changed."""
    return _pass("Sync", reports, version, exit_code)


def status(reports: Sequence[Report], version: str, exit_code: int) -> str:
    """What runs, since when, and what is wrong with it: the only output with times."""
    return _pass("Status", reports, version, exit_code)


def budget(
    usages: Sequence[Usage], found: Sequence[Diagnostic], version: str, revision: str, exit_code: int
) -> str:
    """Devices and money at the peak against every limit, by environment, team and workload."""
    environments = [_usage(each) for each in sorted(usages, key=lambda each: each.environment)]
    return document("Budget", version, revision, environments, found, exit_code)


def history(environment: str, steps: Sequence[Step], version: str) -> str:
    """The revisions that an environment followed, the latest first."""
    listed = [
        {
            "revision": step.revision,
            "at": step.at,
            "by": step.by,
            "subject": step.subject,
            "rejected": step.rejected,
        }
        for step in steps
    ]
    found = {
        "name": environment,
        "summary": {"revisions": len(steps)},
        "workloads": [],
        "history": listed,
    }
    return document("History", version, steps[0].revision if steps else "", [found], (), 0)


def trace(traced: Sequence[Traced], version: str) -> str:
    """Objects, and the workloads that wrote them, by environment."""
    environments = [
        {
            "name": each.environment,
            "summary": {"objects": len(each.chain)},
            "workloads": [],
            "trace": {
                "objects": [str(key) for key in each.chain],
                "workload": each.workload,
                "path": each.place.path,
                "line": each.place.line,
                "revision": each.revision,
                "changed": each.changed[0] if each.changed else "",
                "author": each.changed[1].author if each.changed else "",
                "subject": each.changed[1].subject if each.changed else "",
                "state": each.state,
                "foreign": list(each.foreign),
                "writer": each.writer,
            },
        }
        for each in traced
    ]
    return document("Trace", version, "", environments, (), 0)


def _usage(usage: Usage) -> Json:
    limits = usage.limits
    owners = [_owner("environment", usage.environment, "", usage.sum, limits.environment)]
    for team, peaks in usage.by_team.items():
        limit = limits.teams.get(team, Limit(team))
        owners.append(_owner("team", team, team, add(peaks.values()), limit))
        owners += [_owner("workload", id_, team, peak, limits.per_workload) for id_, peak in peaks.items()]
    return {
        "name": usage.environment,
        "summary": {"workloads": len(usage.peaks), "workloadsNotCounted": len(usage.uncounted)},
        "workloads": [],
        "owners": owners,
        "notCounted": list(usage.uncounted),
        "prices": {name: float(price) for name, price in sorted(usage.prices.items())},
    }


def _owner(kind: str, name: str, team: str, peak: Peak, limit: Limit) -> Json:
    """What somebody holds; ``total`` counts all classes. A limit that there is not is null."""
    names = sorted({*peak.devices, *limit.devices} - {TOTAL})
    return {
        "owner": kind,
        "name": name,
        "team": team,
        "devices": {each: _used(peak, limit, each) for each in (*names, TOTAL)},
        "costPerHour": {
            "used": float(peak.cost_per_hour),
            "limit": None if limit.cost_per_hour is None else float(limit.cost_per_hour),
        },
        "arithmetic": peak.arithmetic,
        "origin": place(peak.origin),
    }


def _used(peak: Peak, limit: Limit, name: str) -> Json:
    return {"used": peak.amount(name), "limit": limit.devices[name][0] if name in limit.devices else None}


def _pass(kind: str, reports: Sequence[Report], version: str, exit_code: int) -> str:
    times = kind == "Status"
    ordered = sorted(reports, key=lambda report: report.environment)
    environments = [_environment(report, times=times) for report in ordered]
    found = [each for report in ordered for each in report.diagnostics]
    revisions = {report.revision for report in ordered}
    revision = revisions.pop() if len(revisions) == 1 else ""
    return document(kind, version, revision, environments, found, exit_code)


def document(
    kind: str,
    version: str,
    revision: str,
    environments: Sequence[Json],
    found: Sequence[Diagnostic],
    exit_code: int,
    more: Mapping[str, Any] | None = None,
) -> str:
    """The envelope that every output has, with ``more`` that only this one has."""
    fields = {
        "apiVersion": API_VERSION,
        "kind": kind,
        "version": version,
        "revision": revision,
        **(more or {}),
        "environments": environments,
        "diagnostics": [diagnostic(each) for each in in_order(found)],
        "exit": exit_code,
    }
    return dumps(fields)


def dumps(value: object, indent: int | None = 2) -> str:
    """JSON that is safe to print anywhere, ended by a newline.

    In ASCII, and without what a runner of GitHub takes for a command in the middle of a line.
    """
    return json.dumps(value, indent=indent, ensure_ascii=True).replace(OLD_COMMAND, "##\\u005b") + "\n"


def _environment(report: Report, *, times: bool) -> Json:
    summary = {str(action): report.count(action) for action in Action}
    summary |= {"workloads": len(report.workloads)}
    summary |= {"workloadsHeld": sum(each.sync is Sync.HELD for each in report.workloads)}
    ordered = sorted(report.workloads, key=lambda each: each.id)
    return {
        "name": report.environment,
        "revision": report.revision,
        "summary": summary,
        "workloads": [_workload(each, times=times) for each in ordered],
        "guards": [guard(each) for each in report.guards],
        "notes": dict(sorted(report.notes.items())),
        "advance": guard(report.advance) if report.advance else None,
        "error": report.error,
    }


def _workload(each: WorkloadReport, *, times: bool) -> Json:
    since = {"since": each.since.astimezone(UTC).isoformat() if each.since else None} if times else {}
    return {
        "id": each.id,
        "sync": str(each.sync),
        "health": str(each.health.state),
        **since,
        "reason": each.reason,
        "healthReason": each.health.reason,
        "revision": each.revision,
        "origin": place(each.origin),
        "devices": dict(sorted(each.peak.devices.items())),
        "actions": [action(change) for change in each.changes],
    }


def action(change: Change) -> Json:
    """What happened, or would happen, to one object."""
    key = change.key
    return {
        "object": {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name},
        "action": str(change.action),
        "cause": str(change.cause) if change.cause else None,
        "reason": change.reason,
        "origin": place(change.origin),
        "rejected": place(change.rejected),
        "fields": fields(change.fields),
    }


def fields(differing: Iterable[FieldChange]) -> list[Json]:
    """Fields that differ."""
    return [{"path": each.path, "before": each.before, "after": each.after} for each in differing]


def guard(each: Guard) -> Json:
    """What waits for a person."""
    return {"name": each.name, "reason": each.reason, "ids": list(each.ids), "digest": each.digest}


def place(where: Place) -> Json | None:
    """Where it is written; null where nowhere."""
    return {"path": where.path, "line": where.line, "column": where.column} if where.path else None


def diagnostic(each: Diagnostic) -> Json:
    """A problem."""
    where = each.place
    return {
        "code": each.code.name,
        "severity": str(each.severity),
        "message": each.message,
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "endLine": where.end_line,
        "endColumn": where.end_column,
        "field": each.field,
        "fix": each.fix,
        "note": each.note,
        "fixable": each.repair is not None,
    }
