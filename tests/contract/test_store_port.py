"""What every store of an inventory keeps to."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from yardarm_reconciler.ports import StoreConflictError

BINARY = bytes(range(256))


def test_a_new_store_is_empty(site):
    """Where nothing was written there is nothing."""
    assert site.store.read() == {}


def test_records_are_read_back_by_name_after_a_restart(site):
    """What was written is there for the next process, byte by byte, at the version that was told."""
    versions = {
        name: site.store.write(name, BINARY + name.encode(), None) for name in ("parent", "1-0", "1-1")
    }
    _, store = site.restarted()
    assert {name: (each.data, each.version) for name, each in store.read().items()} == {
        name: (BINARY + name.encode(), version) for name, version in versions.items()
    }


def test_a_first_write_needs_an_absent_record(site):
    """Two processes cannot both make the first record."""
    version = site.store.write("parent", b"first", None)
    with pytest.raises(StoreConflictError):
        site.store.write("parent", b"second", None)
    assert site.store.read()["parent"].data == b"first"
    assert site.store.read()["parent"].version == version


def test_a_write_at_an_old_version_is_refused(site):
    """Who did not see the newest record does not overwrite it."""
    old = site.store.write("parent", b"1", None)
    new = site.store.write("parent", b"2", old)
    with pytest.raises(StoreConflictError):
        site.store.write("parent", b"3", old)
    assert site.store.write("parent", b"4", new)


def test_a_write_to_a_record_that_is_gone_is_refused(site):
    """A record that somebody deleted is not silently made again."""
    version = site.store.write("1-0", b"1", None)
    site.store.delete("1-0", version)
    with pytest.raises(StoreConflictError):
        site.store.write("1-0", b"2", version)


def test_a_deletion_needs_the_version(site):
    """A record is deleted at the version that was seen, and deleting it again is no error."""
    old = site.store.write("1-0", b"1", None)
    new = site.store.write("1-0", b"2", old)
    with pytest.raises(StoreConflictError):
        site.store.delete("1-0", old)
    site.store.delete("1-0", new)
    site.store.delete("1-0", new)
    assert site.store.read() == {}


def test_records_are_written_from_many_threads(site):
    """Shards are written at the same time."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: site.store.write(f"1-{n}", bytes([n]), None), range(8)))
    assert len(site.store.read()) == 8
