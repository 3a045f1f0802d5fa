"""What would change hands between units, for people."""

from __future__ import annotations

from collections.abc import Collection

from yardarm_reconciler.model.change import Guard
from yardarm_reconciler.report.guard import SHOWN
from yardarm_reconciler.report.names import workload_name
from yardarm_reconciler.report.text import Look, screen


def held(guard: Guard, workloads: Collection[str], again: str, look: Look) -> str:
    """The screen before it is confirmed: what, of which workloads, and the command that does it."""
    names = sorted(map(workload_name, workloads))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return screen(
        [
            *look.indented(look.say(f"{guard.reason}:"), 2),
            *look.indented(look.say(", ".join(names[:SHOWN]) + more), 4),
            look.say(f"  to go on: {again}"),
        ]
    )
