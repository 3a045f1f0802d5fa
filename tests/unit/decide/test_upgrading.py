"""Whose turn it is to be restarted by another version of this program."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest

from yardarm_reconciler.decide.upgrading import Engine, turn
from yardarm_reconciler.inventory.records import Turn
from yardarm_schema.sync import Sync

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
PRESENT = frozenset("abcde")


def rules(mode="apply", windows=()):
    """Two at a time, every ten minutes."""
    upgrade = {"mode": mode, "workloads": 2, "every": "10m"}
    return Sync.model_validate_json(orjson.dumps({"upgrade": upgrade, "windows": windows}))


def engine(unwell=""):
    """Version 2, where all but these are well."""
    return Engine("2", NOW, lambda id_: id_ not in unwell)


def ago(minutes, *ids, renderer="2"):
    """A turn of some workloads so many minutes ago."""
    return Turn(renderer, NOW - timedelta(minutes=minutes), frozenset(ids))


@pytest.mark.parametrize(
    ("restarts", "before", "unwell", "chosen"),
    [
        ("", None, "", None),
        ("cba", None, "", ago(0, "a", "b")),
        ("cd", ago(9, "a", "b"), "", ago(9, "a", "b")),
        ("cde", ago(10, "a", "b"), "", ago(0, "c", "d")),
        ("bc", ago(60, "a", "b"), "", ago(60, "a", "b")),
        ("cd", ago(60, "a", "b"), "b", ago(60, "a", "b")),
        ("cd", ago(60, "a", "gone"), "gone", ago(0, "c", "d")),
        ("c", ago(1, "a", "b", renderer="1"), "", ago(0, "c")),
        ("", ago(1, "a", "b"), "", ago(1, "a", "b")),
    ],
    ids=[
        "nothing to restart",
        "the first",
        "too soon",
        "the next",
        "one of those before is not done",
        "one of those before is not well",
        "one of those before is no longer there",
        "a turn of another version",
        "all done",
    ],
)
def test_the_next_follow_when_those_before_are_done_and_well_and_time_has_passed(
    restarts, before, unwell, chosen
):
    """A few at a time, in the order of their ids."""
    assert turn(restarts, PRESENT, rules(), before, engine(unwell)) == chosen


def test_where_a_person_is_asked_it_is_nobodys_turn():
    """Nor is a turn remembered from when nobody was asked."""
    assert turn("a", PRESENT, rules("confirm"), ago(1, "a"), engine()) is None


def test_what_cannot_be_read_ends_no_turn():
    """While the Environment is invalid the last turn counts."""
    assert turn("", PRESENT, None, ago(1, "a"), engine()) == ago(1, "a")


def test_nothing_is_restarted_while_windows_are_shut():
    """What may not come by a commit now may not come by another version either."""
    shut = rules(windows=[{"deny": "0 11 * * *", "for": "2h"}])

    assert turn("ab", PRESENT, shut, None, engine()) is None
    assert turn("cd", PRESENT, shut, ago(60, "a", "b"), engine()) == ago(60, "a", "b")
