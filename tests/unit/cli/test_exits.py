"""Exit codes: what a script can rely on."""

import pytest

from yardarm_reconciler.cli import exits
from yardarm_reconciler.model.change import Action, Change, Guard, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError

KEY = Key("", "ConfigMap", "nlp-dev", "a")


def report(*actions: Action, guards: tuple[Guard, ...] = (), error: str = "") -> Report:
    """A pass in which these things happened to one workload."""
    changes = tuple(Change(KEY, action) for action in actions)
    workload = WorkloadReport("Service/nlp/a", Sync.SYNCED, Health(State.UNKNOWN), changes=changes)
    return Report("dev", "u-1", "r", (workload,), guards=guards, error=error)


@pytest.mark.parametrize(
    ("codes", "worst"),
    [((), 0), ((1, 3), 3), ((3, 4), 4), ((4, 2), 2), ((2, 5), 5), ((5, 70), 70), ((0, 1), 1)],
)
def test_of_several_codes_the_worst_counts(codes, worst):
    """70 > 5 > 2 > 4 > 3 > 1 > 0."""
    assert exits.worst(codes) == worst


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (report(Action.CREATED, Action.UNCHANGED), 0),
        (report(Action.FAILED), 4),
        (report(Action.CONFLICT), 4),
        (report(Action.UNCHANGED, guards=(Guard("prune", "", (), ""),)), 3),
        (report(Action.UNCHANGED, guards=(Guard("data", "", (), ""),)), 0),
        (report(Action.UNCHANGED, guards=(Guard("stray", "", (), ""),)), 0),
        (report(Action.UNCHANGED, guards=(Guard("turn", "", (), ""),)), 0),
        (report(Action.UNCHANGED, error="no answer"), 5),
    ],
)
def test_a_pass_has_the_code_of_what_happened(told, code):
    """Failures, guards and silence are told apart."""
    assert exits.of_report(told) == code


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (UserError("no"), 1),
        (UserError("no", exit_code=2), 2),
        (TransientError("no"), 5),
        (FencedError("no"), 5),
        (KeyboardInterrupt(), 130),
        (ZeroDivisionError(), 70),
    ],
)
def test_whatever_is_raised_becomes_a_code(raised, code, capsys):
    """A bug is 70 and never 1, which would mean that differences were found."""

    def fail() -> int:
        raise raised

    assert exits.guarded(fail) == code
    assert ("Traceback" in capsys.readouterr().err) is (code == exits.BUG)
