"""A directory as a cluster: what lies on disk, and what people may do to it."""

import os

import pytest

from yardarm_reconciler.directory.cluster import DirectoryCluster
from yardarm_reconciler.directory.store import DirectoryStore
from yardarm_reconciler.model.manifest import GroupKind, Key, manifest
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.ports import Gone, Refused, Selection

CONFIG_MAP = GroupKind("", "ConfigMap")
SET_A = Selection(CONFIG_MAP, (("set", "a"),))
FILE = "team-a/ConfigMap/one.yaml"


def config_map(name="one", namespace="team-a", **data):
    """Make a ConfigMap."""
    metadata = {"name": name, "namespace": namespace, "labels": {"set": "a"}}
    return manifest({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


@pytest.fixture
def cluster(tmp_path):
    """A new directory, locked."""
    cluster = DirectoryCluster(tmp_path)
    with cluster.locked():
        yield cluster


def test_an_object_is_a_file_that_its_name_leads_to(cluster, tmp_path):
    """Namespace, kind with group, name; cluster-scoped objects have a folder of their own."""
    cluster.create(config_map())
    cluster.create(manifest({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a"}}))
    cluster.create(
        manifest({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "t"}})
    )
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.yaml"))
    assert found == ["_cluster/Namespace/team-a.yaml", "t/Deployment.apps/x.yaml", FILE]


def test_reading_makes_nothing_on_disk(tmp_path):
    """A plan against a directory that does not exist leaves it so."""
    cluster = DirectoryCluster(tmp_path / "new")
    assert cluster.list(Selection(CONFIG_MAP)).seen == ()
    assert cluster.identity()
    assert DirectoryStore(tmp_path / "new").read() == {}
    assert not (tmp_path / "new").exists()


def test_a_second_writer_is_fenced_and_told_by_what(cluster, tmp_path):
    """The message names the lock and who holds it."""
    assert cluster.served([CONFIG_MAP])
    with (
        pytest.raises(FencedError, match=rf"\.yardarm/lock is held by process {os.getpid()}"),
        DirectoryCluster(tmp_path).locked(),
    ):
        pass


def test_the_lock_is_let_go_at_the_end_of_a_pass(tmp_path):
    """One process after the other may write."""
    for name in ("one", "two"):
        cluster = DirectoryCluster(tmp_path)
        with cluster.locked():
            cluster.create(config_map(name))
    assert len(DirectoryCluster(tmp_path).list(SET_A).seen) == 2


def test_a_write_without_the_lock_is_a_bug(tmp_path):
    """Nothing is written by who does not hold the lock."""
    with pytest.raises(RuntimeError):
        DirectoryCluster(tmp_path).create(config_map())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"\xff\xfe\x00",
        b"",
        b"- a",
        b"a: !!python/name:os.system",
        b"[" * 5000,
        b"a: &a 1\nb: *a\n",
        b"metadata: 3",
    ],
)
def test_a_file_that_cannot_be_read_is_drift_and_is_repaired(cluster, tmp_path, text):
    """Broken by hand, it is still listed, still ours, and put right by an update."""
    first = cluster.create(config_map(a="1")).seen
    (tmp_path / FILE).write_bytes(text)
    (broken,) = cluster.list(SET_A).seen
    assert broken.ours
    assert broken.projection != first.projection
    assert cluster.update(config_map(a="1"), first.uid).seen == first
    assert cluster.get(first.key) == first


def test_comments_and_layout_are_no_drift(cluster, tmp_path):
    """Content decides, not bytes."""
    first = cluster.create(config_map(a="1")).seen
    path = tmp_path / FILE
    path.write_text("# reviewed\n" + path.read_text())
    assert cluster.get(first.key) == first


def test_a_missing_file_is_gone_until_it_is_created_again(cluster, tmp_path):
    """An update does not bring back what somebody removed; a create does, under another uid."""
    first = cluster.create(config_map()).seen
    (tmp_path / FILE).unlink()
    assert cluster.update(config_map(), first.uid) == Gone()
    assert cluster.create(config_map()).seen.uid != first.uid


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("..", "one"),
        ("team-a", "../../one"),
        ("team-a", "."),
        ("team-a", ""),
        ("_cluster", "one"),
        (".yardarm", "one"),
        ("team-a", "a" * 252),
        ("team-a", "a\0b"),
    ],
)
def test_no_name_leads_out_of_the_directory(cluster, tmp_path, namespace, name):
    """Names that mean another place are refused, and nothing by such a name is ever read."""
    before = sorted(tmp_path.rglob("*"))
    assert isinstance(cluster.create(config_map(name, namespace)), Refused)
    assert cluster.get(Key("", "ConfigMap", namespace, name)) is None
    assert sorted(tmp_path.rglob("*")) == before


def test_a_linked_folder_is_not_followed(cluster, tmp_path):
    """A symbolic link inside the directory leads no write out of it."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (tmp_path / "team-a").symlink_to(outside)
    assert isinstance(cluster.create(config_map()), Refused)
    assert not list(outside.iterdir())


def test_a_linked_file_is_drift_and_is_replaced_not_followed(cluster, tmp_path):
    """Repairing writes a file in place of the link."""
    first = cluster.create(config_map(a="1")).seen
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).symlink_to(outside)
    assert cluster.get(first.key).projection != first.projection
    cluster.update(config_map(a="1"), first.uid)
    assert cluster.get(first.key) == first
    assert outside.read_text() == "untouched"


def test_a_secret_value_is_never_written(cluster, tmp_path):
    """A Secret with values is refused, without saying them."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "t"},
        "stringData": {"p": "hunter2"},
    }
    answer = cluster.create(manifest(body))
    assert isinstance(answer, Refused)
    assert "hunter2" not in answer.message
    assert not list(tmp_path.rglob("s.yaml"))


def test_a_crash_before_the_file_appears_leaves_nothing_foreign(cluster, tmp_path, monkeypatch):
    """The uid is recorded before the file, so a file of ours is never taken for somebody else's."""
    monkeypatch.setattr("yardarm_reconciler.directory.files.write", crash)
    with pytest.raises(KeyboardInterrupt):
        cluster.create(config_map())
    monkeypatch.undo()
    assert cluster.get(config_map().key) is None
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / FILE).write_text("metadata: {}")
    assert DirectoryCluster(tmp_path).get(config_map().key).ours


def crash(*_):
    """Die as a process does that is interrupted."""
    raise KeyboardInterrupt


def test_a_torn_last_line_of_the_uids_is_as_if_never_written(tmp_path):
    """A crash while a uid was recorded costs nothing, and the next writer makes the log whole."""
    cluster = DirectoryCluster(tmp_path)
    with cluster.locked():
        first = cluster.create(config_map()).seen
    log = tmp_path / ".yardarm" / "uids.jsonl"
    log.write_bytes(log.read_bytes() + b'{"key":"ConfigMap/team-a/tw')
    again = DirectoryCluster(tmp_path)
    with again.locked():
        again.create(config_map("two"))
    reread = DirectoryCluster(tmp_path)
    assert reread.get(first.key) == first
    assert all(each.ours for each in reread.list(Selection(CONFIG_MAP)).seen)


def test_edited_uids_are_an_error_never_a_guess(tmp_path):
    """A log that somebody else wrote into is refused with the line."""
    cluster = DirectoryCluster(tmp_path)
    with cluster.locked():
        cluster.create(config_map())
    log = tmp_path / ".yardarm" / "uids.jsonl"
    log.write_bytes(b"<<<<<<< HEAD\n" + log.read_bytes())
    with pytest.raises(UserError, match=r"uids\.jsonl:1"):
        DirectoryCluster(tmp_path)


def test_the_log_of_uids_does_not_grow_for_ever(tmp_path):
    """Lines that no longer count are dropped when the next writer comes."""
    cluster = DirectoryCluster(tmp_path)
    with cluster.locked():
        for _ in range(80):
            seen = cluster.create(config_map()).seen
            cluster.delete(seen.key, seen.uid)
    with cluster.locked():
        assert len((tmp_path / ".yardarm" / "uids.jsonl").read_bytes().splitlines()) == 1


def test_a_disk_that_refuses_is_transient_and_leaves_what_was_there(cluster, tmp_path, monkeypatch):
    """A full disk is told in one sentence; the old file stays whole and no draft is left."""
    first = cluster.create(config_map(a="1")).seen

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(TransientError, match="No space left on device"):
        cluster.update(config_map(a="2"), first.uid)
    assert cluster.get(first.key) == first
    assert not list((tmp_path / ".yardarm" / "tmp").iterdir())
