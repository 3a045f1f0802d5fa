"""Problems as workflow commands, which GitHub shows as annotations beside the lines.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from yardarm_reconciler.model.origin import Diagnostic, Severity, in_order
from yardarm_reconciler.report.text import sanitise
from yardarm_reconciler.report.validation import Validation

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def github(result: Validation, _version: str, _exit_code: int) -> str:
    """One command a problem, errors first: of each kind GitHub shows ten a step."""
    ordered = sorted(in_order(result.diagnostics), key=lambda each: not each.is_error)
    return "".join(f"{_command(each)}\n" for each in ordered)


def _command(problem: Diagnostic) -> str:
    place = problem.place
    found = {"file": place.path, "line": place.line, "endLine": place.end_line}
    if place.end_line in {0, place.line}:  # columns of a range over several lines are refused
        found |= {"col": place.column, "endColumn": place.end_column}
    given = {name: str(value) for name, value in found.items() if value}
    said = ",".join(
        f"{name}={_property(value)}" for name, value in {**given, "title": problem.code.name}.items()
    )
    facts = [str(fact) for fact in (problem.message, problem.fix, problem.note) if fact]
    return f"::{COMMANDS[problem.severity]} {said}::{'%0A'.join(map(_data, facts))}"


def _data(text: str) -> str:
    """Text in which the runner finds neither a command nor the end of this one."""
    return sanitise(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The same in a property, which also ends at a colon or a comma."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
