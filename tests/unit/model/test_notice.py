"""What is told of an environment: the worst of it, in one line."""

from __future__ import annotations

import pytest

from yardarm_reconciler.model.change import Guard, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.notice import LONGEST, Notice, Outcome, notice
from yardarm_reconciler.model.origin import NOWHERE, Code, Severity


def workload(name: str, sync: Sync = Sync.SYNCED, state: State = State.HEALTHY, reason: str = ""):
    """One of team nlp."""
    return WorkloadReport(f"Service/nlp/{name}", sync, Health(state, reason))


def report(*workloads: WorkloadReport, **more: object) -> Report:
    """One of dev."""
    return Report("dev", "u-dev", "a1b2c3d", workloads, **more)


WELL = workload("a")
MOVING = workload("b", state=State.PROGRESSING)
BROKEN = workload("c", state=State.DEGRADED, reason="CrashLoopBackOff")
HELD = workload("b", Sync.HELD, reason="budget/team-exceeded")
GUARD = Guard("prune", "12 of 12 workloads would go", (), "0" * 64)

ERROR = Code("environment/cluster-mismatch", "t", "w").at(NOWHERE, "it names another cluster")
WARNING = Code("policy/digest", "t", "w", severity=Severity.WARNING).at(NOWHERE, "no digest")


@pytest.mark.parametrize(
    ("seen", "outcome", "text"),
    [
        (report(WELL), Outcome.WELL, "1 synced"),
        (report(WELL, MOVING), Outcome.UNDERWAY, "1 of 2 under way"),
        (
            report(WELL, MOVING, guards=(GUARD,)),
            Outcome.WAITING,
            "waits for a person: prune: 12 of 12 workloads would go",
        ),
        (
            report(WELL, BROKEN, HELD, guards=(GUARD,)),
            Outcome.UNWELL,
            "2 of 3 not well: Service/nlp/b: budget/team-exceeded",
        ),
        (report(BROKEN), Outcome.UNWELL, "1 of 1 not well: Service/nlp/c: CrashLoopBackOff"),
        (
            report(diagnostics=(WARNING, ERROR)),
            Outcome.UNWELL,
            "errors in the specs: 1: it names another cluster (environment/cluster-mismatch)",
        ),
        (report(WELL, diagnostics=(WARNING,)), Outcome.WELL, "1 synced"),
        (report(BROKEN, error="git does not answer"), Outcome.UNWELL, "git does not answer"),
    ],
)
def test_the_worst_is_told(seen: Report, outcome: Outcome, text: str):
    """An error before workloads, these before what waits, and that before what is under way."""
    assert notice(seen) == Notice("dev", "a1b2c3d", outcome, text)


def test_a_standby_tells_nothing():
    """The process that leads does."""
    assert notice(report(notes={"standby": "standby: held by process 1"})) is None


def test_a_notice_is_one_line():
    """Whatever a cluster answers: no control characters, and not without end."""
    told = notice(report(error="a\n\x1b[31mb\u202e" + "c" * 1000))

    assert told is not None
    assert told.text.startswith("a [31mb ccc")
    assert len(told.text) == LONGEST
