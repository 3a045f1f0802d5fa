"""The screen of a sync: one line an object that did anything, what is held and why, the sum."""

from __future__ import annotations

from collections.abc import Sequence

from yardarm_reconciler.model.change import Action, Cause, Change, Report, Sync, WorkloadReport
from yardarm_reconciler.report import guard
from yardarm_reconciler.report.names import (
    Commit,
    counted,
    heading,
    in_order,
    line_of,
    object_name,
    workload_name,
)
from yardarm_reconciler.report.text import Look, count, screen, width

COLOURS = {
    Action.CREATED: "green",
    Action.CONFIGURED: "yellow",
    Action.REPLACED: "yellow",
    Action.ADOPTED: "yellow",
    Action.DELETED: "red",
    Action.HELD: "yellow",
    Action.SKIPPED: "yellow",
    Action.CONFLICT: "red",
    Action.FAILED: "red",
}

BAD = frozenset({Action.FAILED, Action.CONFLICT})

ACTION_COLUMNS = max(map(len, Action)) + 2
CAUSE_COLUMNS = 10
"""What ``(git)`` and its like are padded to, so that the places behind them line up."""


def human(report: Report, commit: Commit | None, look: Look) -> str:
    """Everything that happened, in the order of teams and workloads."""
    listed = guard.workloads(report.guards)
    told = [each for each in in_order(report) if _is_told(each) and (_changes(each) or each.id not in listed)]
    names = [look.say(f"  {workload_name(each.id)}") for each in told if not _changes(each)]
    objects = [look.say(f"    {object_name(change.key)}") for each in told for change in _changes(each)]
    column = max(map(width, [*names, *objects]), default=0) + 2
    body = [line for each in told for line in _workload(each, column, look)]
    guards = [
        line for each in report.guards for line in guard.lines(each, report.environment, look, wrote=True)
    ]
    head = look.fold(look.say(heading(report, commit)), look.columns)
    notes = [line for name in sorted(report.notes) for line in look.indented(look.say(report.notes[name]), 2)]
    return screen([*head, *body, *guards, *notes, *guard.hint(report, look), *_sum(report, look)])


def concise(report: Report, look: Look) -> str:
    """One line an object that did anything: environment, workload, object, action, cause, place; then what is held."""
    lines = []
    for each in in_order(report):
        name = f"{report.environment} {each.id}"
        lines += [look.say(" ".join(filter(None, [name, *_facts(change)]))) for change in _changes(each)]
        if _is_told(each) and not _changes(each):
            lines.append(look.say(f"{name} {each.sync} {each.reason}"))
    lines += [
        look.say(f"{report.environment} {each.name} held {each.digest} {each.reason}")
        for each in report.guards
    ]
    return screen(
        [*lines, *([look.say(f"{report.environment} error {report.error}")] if report.error else [])]
    )


def unwell(workloads: Sequence[WorkloadReport], look: Look) -> str:
    """What waiting did not help: each with its health and the reason."""
    lines = []
    for each in workloads:
        why = f": {each.health.reason}" if each.health.reason else ""
        mark = f"{look.paint('red', look.say('✗'))} "
        lines += look.indented(
            look.say(f"{workload_name(each.id)} is {each.health.state}{why}"), width(mark), mark
        )
    return screen(lines)


def _facts(change: Change) -> list[str]:
    place = change.rejected if change.rejected.path else change.origin
    return [str(change.key), str(change.action), str(change.cause or ""), str(place), change.reason]


def _is_told(each: WorkloadReport) -> bool:
    return bool(_changes(each)) or each.sync in {Sync.HELD, Sync.UNKNOWN} or bool(each.reason)


def _changes(each: WorkloadReport) -> Sequence[Change]:
    return [change for change in each.changes if change.action is not Action.UNCHANGED]


def _workload(each: WorkloadReport, column: int, look: Look) -> list[str]:
    """A line for each object under the workload's name; one line where there is one thing to say of all of it."""
    changes = _changes(each)
    name = look.say(f"  {workload_name(each.id)}")
    skipped = {change.reason for change in changes if change.action is Action.SKIPPED}
    if len(skipped) == 1 and all(change.action is Action.SKIPPED for change in changes):
        return _line(name, Action.SKIPPED, skipped.pop(), column, look)
    lines = [line for change in changes for line in _change(change, each, column, look)]
    if changes and each.sync is not Sync.HELD:
        place = look.say(line_of(each.origin))
        return [f"{look.pad(name, column)}{place}".rstrip() if place else name, *lines]
    return [*_line(name, each.sync, each.reason, column, look), *lines]


def _line(name: str, word: Action | Sync, reason: str, column: int, look: Look) -> list[str]:
    first = look.pad(name, column) + look.pad(look.paint("yellow", look.say(word)), ACTION_COLUMNS)
    return look.indented(look.say(reason), column + ACTION_COLUMNS, first)


def _change(change: Change, owner: WorkloadReport, column: int, look: Look) -> list[str]:
    action = look.paint(COLOURS.get(change.action, ""), look.say(change.action))
    name = look.say(f"    {object_name(change.key)}")
    first = look.pad(name, column) + look.pad(action, ACTION_COLUMNS)
    told = change.action is not Action.CREATED and change.cause in {None, Cause.GIT}
    elsewhere = change.origin.path != owner.origin.path
    exact = str(change.rejected) if change.rejected.path else ""
    place = look.say(exact or (line_of(change.origin) if told and elsewhere else ""))
    detail = look.say(_why(change))
    if place and width(detail) < CAUSE_COLUMNS:
        detail = look.pad(detail, CAUSE_COLUMNS)
    return look.indented(f"{detail} {place}".rstrip(), column + ACTION_COLUMNS, first)


def _why(change: Change) -> str:
    """``(git)``, ``(drift: schedule was edited by kubectl-edit)``, or the reason of what went wrong."""
    if change.action in BAD or change.cause is None:
        return change.reason
    if change.action in {Action.CREATED, Action.DELETED} and change.cause is Cause.GIT:
        return f"({change.reason})" if change.reason else ""
    return f"({change.cause}: {change.reason})" if change.reason else f"({change.cause})"


def _sum(report: Report, look: Look) -> list[str]:
    """What happened in numbers; ✗ where something failed, ! where something waits for a person."""
    held = sum(each.sync is Sync.HELD for each in report.workloads)
    unknown = sum(each.sync is Sync.UNKNOWN for each in report.workloads)
    parts = counted(report)
    errors = sum(each.is_error for each in guard.beside(report))
    parts += [f"{count(held, 'workload')} held"] if held else []
    parts += [f"{count(unknown, 'workload')} unknown"] if unknown else []
    parts += [count(errors, "error")] if errors else []
    nothing = "nothing else to do" if report.guards else "nothing to do"
    line = f"{', '.join(parts) or nothing} in {report.seconds:.1f} s"
    if report.guards:
        line = f"{line} · {count(len(report.guards), 'confirmation')} needed"
    failed = report.error or unknown or any(report.count(action) for action in BAD)
    mark, colour = (
        ("✗", "red") if failed else ("!", "yellow") if held or errors or report.guards else ("✓", "green")
    )
    said = look.paint(colour, look.say(mark))
    error = look.indented(look.say(report.error), width(said) + 1, f"{said} ") if report.error else []
    return [*error, *look.indented(look.say(line), width(said) + 1, f"{said} ")]
