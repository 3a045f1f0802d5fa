"""Exit codes, and the one place where an exception becomes one."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable

import click

from yardarm_reconciler.model.change import REMINDERS, Action, Report
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.model.plan import Plan, Since
from yardarm_reconciler.model.trace import without_values

FINE = 0
FOUND = 1
USAGE = 2
GUARDED = 3
PARTLY = 4
UNREACHABLE = 5
BUG = 70

_WORST_FIRST = (BUG, UNREACHABLE, USAGE, PARTLY, GUARDED, FOUND, FINE)

EPILOG = """\b
Exit codes: 0 fine · 1 errors found, or differences (diff) · 2 usage or configuration
3 held by a guard · 4 partly failed · 5 git or cluster unreachable, or someone else writes
70 a bug in Yardarm · 128+n stopped by signal n"""


def worst(codes: Iterable[int]) -> int:
    """Of several codes that apply, the one that counts."""
    return min([*codes, FINE], key=_WORST_FIRST.index)


def of_report(report: Report) -> int:
    """The exit code of one pass."""
    changes = [change for workload in report.workloads for change in workload.changes]
    bad = {Action.FAILED, Action.CONFLICT, Action.SKIPPED}
    return worst(
        [
            UNREACHABLE if report.error else FINE,
            PARTLY if any(change.action in bad for change in changes) else FINE,
            GUARDED if any(guard.name not in REMINDERS for guard in report.guards) else FINE,
            FOUND if any(diagnostic.is_error for diagnostic in report.diagnostics) else FINE,
        ]
    )


def of_plan(plan: Plan) -> int:
    """The exit code of a plan: what is wrong with the head, or would wait for a person."""
    guards = [guard for environment in plan.environments for guard in environment.guards]
    wrong = (each for each in plan.findings if each.since is not Since.RULES)
    return worst(
        [
            GUARDED if any(guard.name not in REMINDERS for guard in guards) else FINE,
            FOUND if any(each.is_error for each in wrong) else FINE,
        ]
    )


def guarded(run: Callable[[], int]) -> int:
    """Run a command and turn whatever it raises into an exit code, with a word for a person on stderr."""
    try:
        return run()
    except UserError as error:
        _tell(*_lines(error))
        return error.exit_code
    except (TransientError, FencedError) as error:
        _tell(f"yardarm: {_safe(error)}")
        return UNREACHABLE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _tell(f"yardarm: {_safe(where)}{error.strerror or type(error).__name__}")
        return USAGE
    except Exception as error:  # noqa: BLE001 - the boundary: anything else is a bug of ours, and never exit code 1
        _tell(
            without_values(error), "yardarm: this is a bug in Yardarm; please report it with the lines above"
        )
        return BUG


def _lines(error: UserError) -> list[str]:
    said = [f"{_safe(each)}{f' ({_safe(each.fix)})' if each.fix else ''}" for each in error.diagnostics]
    return said or [f"yardarm: {_safe(error)}"]


def _tell(*lines: str) -> None:
    # Where nobody can be told on stderr the exit code still tells.
    with contextlib.suppress(OSError):
        click.echo("\n".join(lines), err=True)


def _safe(value: object) -> str:
    # Imported when needed: only failures pay for it.
    from yardarm_reconciler.report.text import inert, sanitise  # noqa: PLC0415

    return inert(sanitise(str(value)))
