"""The screen of a history: which revision was followed from when on, and by whose order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from yardarm_reconciler.report.names import short
from yardarm_reconciler.report.text import Look, screen, width


@dataclass(frozen=True, slots=True)
class Step:
    """A revision that was followed from a time on (ISO); ``by`` and ``rejected`` name persons where there were any."""

    revision: str
    at: str
    by: str = ""
    subject: str = ""
    rejected: str = ""


def human(environment: str, steps: Sequence[Step], look: Look) -> str:
    """The latest first; what a person ordered stands below."""
    if not steps:
        return screen([look.say(f"{environment} has followed no revision yet")])
    lines = [look.say(environment)]
    for step in steps:
        first = look.keep_indent(f"  {_time(step)}  {short(step.revision)}") + "  "
        lines += look.indented(look.say(f'"{step.subject}"' if step.subject else ""), width(first), first)
        orders = [step.by, f"rejected by {step.rejected}" if step.rejected else ""]
        lines += [line for each in orders if each for line in look.indented(look.say(each), 6)]
    return screen(lines)


def concise(environment: str, steps: Sequence[Step], look: Look) -> str:
    """One line a revision: environment, time, full id, who ordered it."""
    return screen(
        [
            look.say(" ".join(filter(None, [environment, _time(step), step.revision, step.by])))
            for step in steps
        ]
    )


def _time(step: Step) -> str:
    return f"{datetime.fromisoformat(step.at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
