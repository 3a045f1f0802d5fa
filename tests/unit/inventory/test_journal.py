"""The inventory: written whole, read whole or not at all, by one writer."""

import hashlib
from dataclasses import replace

import pytest

from tests.builders import config_map, entry, record
from tests.stores import MemoryStore
from yardarm_reconciler.inventory import journal as journal_module
from yardarm_reconciler.inventory.codec import CorruptError, Shard, decode_shard, encode_shard
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import EntryState, Parent
from yardarm_reconciler.model.origin import FencedError, UserError

FIRST = record("Service/nlp/a", entry(config_map("a")), last_good=[config_map("a")], devices={"h100": 2})


def opened(store: MemoryStore) -> Journal:
    """A journal that has read its store, as every pass begins."""
    journal = Journal(store, "u-1", "cluster", "0")
    journal.read()
    return journal


def test_what_was_written_is_read_back():
    """Records, entries, runs and last good bytes survive the round trip."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])

    assert opened(store).read().records == {FIRST.id: FIRST}


def test_a_process_that_writes_nothing_changes_nothing():
    """Reading, and putting what is there already, cost no write and raise no epoch."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])
    writes = store.writes

    again = opened(store)
    again.put(FIRST)
    again.flush()
    again.update_parent(lambda parent: parent)

    assert store.writes == writes


def test_the_first_write_of_a_process_raises_the_epoch():
    """Whoever writes next is a newer writer than all before."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])
    first = opened(store).read().parent.epoch

    opened(store).write_ahead([replace(FIRST, revision="other")])

    assert opened(store).read().parent.epoch == first + 1


def test_a_person_who_confirms_fences_nobody_off():
    """An amendment of the parent goes beside the process that leads, which reads it and goes on."""
    store = MemoryStore()
    leading, beside = opened(store), opened(store)
    leading.write_ahead([FIRST])
    beside.read()
    leading.update_parent(lambda parent: replace(parent, revision="later"))
    beside.amend_parent(lambda parent: replace(parent, mode="plan"))

    seen = leading.read().parent
    leading.write_ahead([replace(FIRST, revision="other")])
    assert (seen.revision, seen.mode, opened(store).read().parent.epoch) == ("later", "plan", 1)


def test_an_older_writer_is_fenced_off():
    """Once another process has written, the next write of this one is refused and nothing is overwritten."""
    store = MemoryStore()
    old = opened(store)
    old.write_ahead([FIRST])
    opened(store).write_ahead([replace(FIRST, revision="newer")])

    with pytest.raises(FencedError):
        old.write_ahead([replace(FIRST, revision="older")])

    assert opened(store).read().records[FIRST.id].revision == "newer"


def test_a_confirmation_that_a_person_writes_meanwhile_is_kept():
    """The parent is read again where another tool changed it within the same epoch."""
    store = MemoryStore()
    mine = opened(store)
    mine.write_ahead([FIRST])
    store.edit_parent(lambda parent: replace(parent, held={"x": "y"}))

    mine.update_parent(lambda parent: replace(parent, revision="new"))

    parent = opened(store).read().parent
    assert (parent.held, parent.revision) == ({"x": "y"}, "new")


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda _: b"", lambda data: data[:40] + b"x" + data[41:]]
)
def test_a_damaged_shard_is_no_empty_inventory(damage):
    """Nothing may be created or pruned on half of what is known."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])
    store.damage("1-0", damage)

    with pytest.raises(UserError):
        opened(store)


def test_a_missing_shard_is_no_empty_inventory():
    """A read is complete when every shard of the layout is there."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])
    store.lose("1-0")

    with pytest.raises(UserError):
        opened(store)


def test_the_inventory_of_another_cluster_is_refused():
    """An etcd restored elsewhere, or a kubeconfig that points elsewhere, is noticed before anything is written."""
    store = MemoryStore()
    opened(store).write_ahead([FIRST])

    with pytest.raises(UserError):
        Journal(store, "u-1", "another", "0").read()


def test_records_that_outgrow_their_shard_are_laid_out_anew(monkeypatch):
    """Resharding writes the new shards, then the parent that names them, then drops the old."""
    monkeypatch.setattr(journal_module, "SHARD_BYTES", 900)
    monkeypatch.setattr(journal_module, "SHARD_AIM", 500)
    store = MemoryStore()
    journal = opened(store)
    journal.write_ahead([FIRST])
    many = [
        replace(FIRST, id=f"Service/nlp/w{n}", revision=hashlib.sha256(bytes([n])).hexdigest())
        for n in range(40)
    ]

    journal.write_ahead(many)

    read = opened(store).read()
    assert read.parent.layout > 1
    assert set(read.records) == {FIRST.id, *(each.id for each in many)}
    assert all(name == "parent" or name.startswith(f"{read.parent.layout}-") for name in store.names())


def test_a_crash_at_any_write_of_a_resharding_loses_nothing(monkeypatch):
    """Until the new parent is there the old layout counts, whole; what is left over goes with the next writer."""
    monkeypatch.setattr(journal_module, "SHARD_BYTES", 900)
    monkeypatch.setattr(journal_module, "SHARD_AIM", 500)
    many = [
        replace(FIRST, id=f"Service/nlp/w{n}", revision=hashlib.sha256(bytes([n])).hexdigest())
        for n in range(40)
    ]
    for crash in range(1, 30):
        store = MemoryStore()
        journal = opened(store)
        journal.write_ahead([FIRST])
        store.crash_after(crash)
        try:
            journal.write_ahead(many)
        except MemoryStore.Crash:
            store.crash_after(None)
            after = opened(store)
            assert FIRST.id in after.read().records
            after.update_parent(lambda parent: replace(parent, revision="later"))
            layout = opened(store).read().parent.layout
            assert {name.partition("-")[0] for name in store.names()} == {"parent", str(layout)}
        else:
            return
    pytest.fail("the resharding never finished")


def test_equal_shards_are_equal_bytes():
    """No time, no order of insertion gets into the bytes."""
    one = Shard("u-1", 1, 0, 3, {FIRST.id: FIRST, "Z/z/z": replace(FIRST, id="Z/z/z")})
    other = Shard("u-1", 1, 0, 3, {"Z/z/z": replace(FIRST, id="Z/z/z"), FIRST.id: FIRST})

    assert encode_shard(one) == encode_shard(other)


def test_bytes_that_are_no_shard_are_corrupt():
    """Whatever it is, it is said, and never half read."""
    with pytest.raises(CorruptError):
        decode_shard(b"not gzip")


def test_a_pending_entry_survives():
    """Write-ahead is worth nothing if it is not read back as pending."""
    store = MemoryStore()
    pending = replace(entry(config_map("a")), state=EntryState.PENDING, uid="")
    opened(store).write_ahead([replace(FIRST, entries={pending.key: pending})])

    assert opened(store).read().records[FIRST.id].entries[pending.key] == pending


def test_a_new_parent_is_of_its_unit():
    """The unit's id is in it, so that two units can never share one."""
    store = MemoryStore()
    opened(store).update_parent(lambda parent: replace(parent, revision="r"))

    assert opened(store).read().parent == Parent("u-1", "cluster", 1, renderer="0", revision="r")
