"""What `sync --wait` goes on for."""

import pytest

from yardarm_reconciler.cli.sync import waits
from yardarm_reconciler.model.change import Action, Change, Health, Report, State, Sync, WorkloadReport
from yardarm_reconciler.model.manifest import Key

KEY = Key("apps", "Deployment", "nlp-dev", "a")


@pytest.mark.parametrize(
    ("actions", "state", "goes_on"),
    [
        ((Action.SKIPPED,), State.PROGRESSING, True),
        ((Action.SKIPPED,), State.FAILED, False),
        ((Action.SKIPPED, Action.FAILED), State.PROGRESSING, False),
        ((Action.UNCHANGED,), State.PROGRESSING, False),
    ],
)
def test_what_was_skipped_is_waited_for_as_long_as_there_is_hope(actions, state, goes_on):
    """Neither where a write failed, nor where what it waits for has failed."""
    changes = tuple(Change(KEY, action) for action in actions)
    told = WorkloadReport("ModelService/nlp/a", Sync.OUT_OF_SYNC, Health(state), changes=changes)

    assert waits(Report("dev", "u-1", "r", (told,))) is goes_on
