"""What ``validate`` found, for the summary of a job or a comment: the sum first, then a table, never too long for either."""

from __future__ import annotations

from yardarm_reconciler.model.origin import Diagnostic, in_order
from yardarm_reconciler.report.markdown import cell
from yardarm_reconciler.report.names import line_of, short
from yardarm_reconciler.report.text import count
from yardarm_reconciler.report.validation import Validation, hint

MARKER = "<!-- yardarm validate -->"
"""The first line, by which the comment is found again and written anew."""

ROOM = 60_000
"""Characters until which problems are listed; a comment may have 65,536."""

SIGNS = {True: "❌", False: "⚠️"}


def markdown(result: Validation, version: str, _exit_code: int) -> str:
    """The whole page; errors before warnings."""
    ordered = sorted(in_order(result.diagnostics), key=lambda each: not each.is_error)
    parts = [f"{MARKER}\n### Yardarm validate · {_headline(result)}"]
    if ordered:
        parts.append(_table(ordered))
    more = f" · `{hint(result)}`" if ordered else ""
    parts.append(f"<sub>{short(result.revision)} · yardarm {version}{more}</sub>")
    return "\n\n".join(parts) + "\n"


def _headline(result: Validation) -> str:
    errors = sum(each.is_error for each in result.diagnostics)
    warnings = len(result.diagnostics) - errors
    said = [f"❌ {count(errors, 'error')}"] if errors else [f"✅ {count(result.specs, 'spec')}"]
    return " · ".join([*said, *([f"⚠️ {count(warnings, 'warning')}"] if warnings else [])])


def _table(ordered: list[Diagnostic]) -> str:
    rows = ["| | where | what | to do |", "|---|---|---|---|"]
    room = ROOM
    for number, each in enumerate(ordered):
        row = _row(each)
        room -= len(row) + 1
        if room < 0:
            rows.append(f"| | | … and {len(ordered) - number} more | |")
            break
        rows.append(row)
    return "\n".join(rows)


def _row(problem: Diagnostic) -> str:
    where = cell(line_of(problem.place)) if problem.place.path else ""
    to_do = cell(problem.fix or problem.note)
    return (
        f"| {SIGNS[problem.is_error]} | {where} | **{problem.code.name}** {cell(problem.message)} | {to_do} |"
    )
