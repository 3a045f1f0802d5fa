"""What would change: objects by workload, fields by name, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from yardarm_reconciler.model.change import Action, Change, Report, Sync, WorkloadReport
from yardarm_reconciler.report import changes, guard
from yardarm_reconciler.report.names import counted, heading, in_order, line_of, workload_name
from yardarm_reconciler.report.text import Look, count, screen, width


def human(report: Report, look: Look) -> str:
    """Everything that differs, semantically; then what is held, and the sum."""
    body = [line for each in _differing(report) for line in _workload(each, report, look)]
    guards = [
        line for each in report.guards for line in guard.lines(each, report.environment, look, wrote=False)
    ]
    return screen([*body, *guards, *_sum(report, look)])


def concise(report: Report, look: Look) -> str:
    """One line a field: environment, workload, object, action, field, before, after."""
    lines = []
    for each in _differing(report):
        for change in _changes(each):
            start = f"{report.environment} {each.id} {change.key} {change.action}"
            told = [f"{start} {field.path} {changes.values(field)}" for field in change.fields]
            lines += [look.say(line) for line in told or [f"{start} {change.reason}{_place(change)}"]]
    return screen(lines)


def _place(change: Change) -> str:
    return f" {change.rejected}" if change.rejected.path else ""


def _differing(report: Report) -> list[WorkloadReport]:
    return [each for each in in_order(report) if _changes(each) or each.sync in {Sync.HELD, Sync.UNKNOWN}]


def _changes(each: WorkloadReport) -> Sequence[Change]:
    return [change for change in each.changes if change.action is not Action.UNCHANGED]


def _workload(each: WorkloadReport, report: Report, look: Look) -> list[str]:
    """The name, with the line of the spec at the right end of the screen; its objects; why it is held."""
    name = look.say(f"{report.environment}  {workload_name(each.id)}")
    place = look.say(line_of(each.origin))
    gap = look.columns - width(name) - width(place)
    head = (
        [f"{look.paint('bold', name)}{' ' * gap}{place}"]
        if gap > 1
        else [look.paint("bold", name), f"  {place}"]
    )
    waits = f"  {each.sync}: "
    told = each.reason if each.sync in {Sync.HELD, Sync.UNKNOWN} else ""
    held = look.indented(look.say(told), width(waits), waits) if told else []
    return [*head, *held, *(line for change in _changes(each) for line in changes.lines(change, look))]


def _sum(report: Report, look: Look) -> list[str]:
    """How many workloads differ and what would happen to how many objects."""
    differing, name, parts = _differing(report), heading(report, None), ", ".join(counted(report))
    if report.error:
        mark, colour, line = "✗", "red", f"{name}: {report.error}"
    elif differing:
        of_all = f"{len(differing)} of {count(len(report.workloads), 'workload')} differ"
        mark, colour, line = "~", "yellow", f"{name}: {of_all}; {parts or 'no objects'} (nothing was written)"
    else:
        mark, colour, line = "✓", "green", f"{name}: nothing changes" + (f", {parts}" if parts else "")
    if report.guards:
        mark, colour = ("!", "yellow") if mark == "✓" else (mark, colour)
        line = f"{line} · {count(len(report.guards), 'confirmation')} needed"
    first = f"{look.paint(colour, look.say(mark))} "
    return look.indented(look.say(line), width(first), first)
