"""A handover that dies at any write: done again, it ends as if nothing had happened."""

from dataclasses import dataclass, field

import pytest

from tests.builders import config_map, entry, job, record, seen
from tests.stores import MemoryStore
from yardarm_reconciler.apply.handover import hand_over
from yardarm_reconciler.decide.handing import handover, not_ours, obstacles, received
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import PART_OF, Run, RunState, part_of
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Gone, OtherIncarnation, Refused, Written

TO = Unit("u-2", "second")
MADE = [config_map(f"a{number}") for number in range(3)]
RUN = Run("r1-a", job("index")[0].key, RunState.STARTED, "uj")
RECORDS = [
    record(f"Service/nlp/{each.key.name}", entry(each, uid=each.key.name), last_good=[each]) for each in MADE
] + [record("BatchJob/nlp/index", runs=[RUN])]
WANTED = {each.id: {*each.entries, *(run.key for run in each.runs)} for each in RECORDS}


@dataclass
class Labelled:
    """Implements the port; dies before the ``left``-th label."""

    left: int | None = None
    refuse: bool = False
    labels: dict[tuple[Key, str], str] = field(default_factory=dict)

    def relabel(
        self, key: Key, uid: str, label: str, value: str
    ) -> Written | Gone | OtherIncarnation | Refused:
        """As the port says."""
        if self.refuse:
            return Refused("Forbidden", "no right to")
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise MemoryStore.Crash
        assert label == PART_OF
        self.labels[key, uid] = value
        return Written(seen(key, uid=uid))


def journals(giver: MemoryStore, taker: MemoryStore) -> tuple[Journal, Journal]:
    """Those of a new process."""
    return Journal(giver, "u-1", "cluster", "0"), Journal(taker, "u-2", "cluster", "0")


def begun() -> tuple[MemoryStore, MemoryStore]:
    """A unit that has everything, and one that has nothing."""
    giver, taker = MemoryStore(), MemoryStore()
    journal, _ = journals(giver, taker)
    journal.read()
    journal.write_ahead(RECORDS)
    return giver, taker


def attempt(giver: MemoryStore, taker: MemoryStore, cluster: Labelled) -> None:
    """Hand over what is there now."""
    one, other = journals(giver, taker)
    given, taken = one.read(), other.read()
    asked = handover(given, taken, TO, None)
    assert obstacles(asked, given, taken, WANTED) == ()
    hand_over(asked, one, other, cluster)


def hands(giver: MemoryStore, taker: MemoryStore) -> list[set[str]]:
    """What each of them has and may write."""
    found = []
    for journal in journals(giver, taker):
        known = journal.read()
        found.append(known.records.keys() - not_ours(known.parent, known.records).keys())
    return found


def check(giver: MemoryStore, taker: MemoryStore, cluster: Labelled) -> None:
    """All is the other's, and nothing is left to do."""
    one, other = (journal.read() for journal in journals(giver, taker))
    assert one.records == {}
    assert other.records == {each.id: received(each, TO) for each in RECORDS}
    assert other.parent.receiving == {}
    uids = {(each.key, each.key.name) for each in MADE} | {(RUN.key, "uj")}
    assert cluster.labels == dict.fromkeys(uids, part_of("u-2"))
    assert handover(one, other, TO, None).teams == ()


@pytest.mark.parametrize("what", ["giver", "taker", "labels"])
def test_a_death_at_any_write_leaves_nothing_in_two_hands_and_is_finished_later(what):
    """Meanwhile whatever is in both inventories is written by neither."""
    for number in range(40):
        giver, taker = begun()
        cluster = Labelled(left=number if what == "labels" else None)
        if what != "labels":
            {"giver": giver, "taker": taker}[what].crash_after(number)
        try:
            attempt(giver, taker, cluster)
        except MemoryStore.Crash:
            giver.crash_after(None)
            taker.crash_after(None)
            cluster.left = None
            one, other = hands(giver, taker)
            assert not one & other
            assert not other or other == {each.id for each in RECORDS}
            attempt(giver, taker, cluster)
            check(giver, taker, cluster)
        else:
            check(giver, taker, cluster)
            assert number >= len(MADE)
            return
    pytest.fail("the handover never finished")


def test_an_object_that_cannot_be_labelled_stops_it_and_nobody_writes():
    """It is done again when the right is there."""
    giver, taker = begun()
    with pytest.raises(UserError):
        attempt(giver, taker, Labelled(refuse=True))

    assert hands(giver, taker) == [set(), set()]
    cluster = Labelled()
    attempt(giver, taker, cluster)
    check(giver, taker, cluster)
