"""What waits for a person: what, why, what exactly, how to go on."""

from __future__ import annotations

from collections.abc import Iterable

from yardarm_reconciler.model.change import REMINDERS, Guard, Report
from yardarm_reconciler.model.origin import Diagnostic
from yardarm_reconciler.report.names import workload_name
from yardarm_reconciler.report.text import Look, width

SHOWN = 10
"""Ids that a screen lists; of more it says how many."""

UNTOUCHED = {
    "prune": "nothing was deleted; everything else was applied",
    "data": "they stay as they are, no longer managed; everything else was applied",
    "runs": "none was started; everything else was applied",
    "upgrade": "they are kept as the former version rendered them; everything else was applied",
    "turn": "they go by themselves, a few at a time, and are kept until then as they were",
    "inventory": "nothing was deleted and no run was started; everything else was applied",
    "stray": "they stay as they are, in no inventory; everything else was applied",
    "lost": "their workloads wait, and nothing of them was made anew; everything else was applied",
    "restored": "nothing was deleted and no run was started; everything else was applied",
    "adoption": "none of them was touched; everything else was applied",
}
"""What a guard of that name left alone."""

OF_WORKLOADS = frozenset({"prune", "upgrade", "turn"})
"""Guards whose ids are those of workloads; the others hold objects or runs."""


def workloads(guards: Iterable[Guard]) -> frozenset[str]:
    """Ids of the workloads that guards hold: what a guard lists needs no line of its own."""
    # Behind the id of one that moves stands where from.
    return frozenset(
        id_.partition(" ")[0] for each in guards if each.name in OF_WORKLOADS for id_ in each.ids
    )


def beside(report: Report) -> tuple[Diagnostic, ...]:
    """The report's diagnostics, but for those that a guard's own lines say already."""
    said = {f"{each.name}/held" for each in report.guards}
    return tuple(each for each in report.diagnostics if each.code.name not in said)


def lines(guard: Guard, environment: str, look: Look, *, wrote: bool) -> list[str]:
    """The whole screen of one guard; ``wrote`` is False where the pass only looked."""
    colour, sign = ("yellow", "!") if guard.name in REMINDERS else ("red", "✗")
    mark = look.paint(colour, look.say(sign))
    head = look.say(f"{guard.name} held: {guard.reason}")
    digest = guard.digest[:12]
    untouched = UNTOUCHED.get(guard.name, "everything else was applied")
    return [
        *look.indented(head, width(mark) + 1, f"{mark} "),
        *look.indented(look.say(listed(guard)), 4),
        *(look.indented(look.say(untouched), 2) if wrote else []),
        *look.indented(
            look.say(f"to go on: sync: {{confirm: [{digest}]}} in the spec of Environment {environment},"), 2
        ),
        *look.indented(look.say(f"or: yardarm confirm {digest} -e {environment}"), 2),
    ]


def hint(report: Report, look: Look) -> list[str]:
    """How to go on at once, where a newer revision waits only for its time."""
    if report.advance is None:
        return []
    digest = report.advance.digest[:12]
    return look.indented(look.say(f"to follow it now: yardarm confirm {digest} -e {report.environment}"), 2)


def listed(guard: Guard) -> str:
    """The first of them by the names that people use."""
    names = sorted(workload_name(each) if guard.name in OF_WORKLOADS else each for each in guard.ids)
    more = len(names) - SHOWN
    return ", ".join([*names[:SHOWN], *([f"… and {more} more"] if more > 0 else [])])
