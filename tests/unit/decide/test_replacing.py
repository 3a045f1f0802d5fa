"""What is made anew where it cannot be changed: by kind, and only for a commit's sake."""

from dataclasses import replace

import pytest

from tests.builders import config_map, entry, seen
from yardarm_reconciler.decide.replacing import not_replaced
from yardarm_reconciler.decide.steps import Step, Verb
from yardarm_reconciler.model.change import Cause
from yardarm_reconciler.model.manifest import manifest


def step(kind="ConfigMap", *, cause=Cause.GIT, desired="other", known=True):
    """A change that the server calls illegal."""
    made = config_map("a") if kind == "ConfigMap" else manifest({**config_map("a").body, "kind": kind})
    had = replace(entry(made), desired=desired or made.digest) if known else None
    return Step(Verb.UPDATE, made.key, made, had, seen(made.key), cause)


def test_what_a_commit_changes_is_made_anew():
    """The object holds nothing that is lost with it."""
    assert not_replaced(step()) == ""


@pytest.mark.parametrize(
    "refused",
    [
        step("PersistentVolumeClaim"),
        step("Namespace"),
        step("Job"),
        step("Unheard"),
        step(cause=Cause.UPGRADE),
        step(cause=Cause.DRIFT, desired=""),
        step(desired=""),
        step(known=False),
    ],
)
def test_everything_else_is_not(refused):
    """Data, what nobody asked for by a commit, what others changed, and what is only being adopted."""
    assert not_replaced(refused)
