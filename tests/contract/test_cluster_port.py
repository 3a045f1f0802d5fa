"""What every cluster keeps to, a directory as well as an API server."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.ports import Exists, Gone, OtherIncarnation, Selection, Written

CONFIG_MAP = GroupKind("", "ConfigMap")
SOMEBODY = "3d1b1f4e-0000-4000-8000-000000000000"


def test_what_was_created_is_seen_as_ours(site):
    """A created object is read back as the create answered it."""
    made = site.config_map()
    written = site.cluster.create(made)
    assert isinstance(written, Written)
    assert site.cluster.get(made.key) == written.seen
    assert written.seen.ours
    assert written.seen.uid


def test_what_does_not_exist_is_none(site):
    """Reading what is not there gives None."""
    assert site.cluster.get(site.config_map().key) is None


def test_a_create_never_changes_what_exists(site):
    """A second create answers Exists and writes nothing."""
    first = site.cluster.create(site.config_map(a="1"))
    assert site.cluster.create(site.config_map(a="2")) == Exists()
    assert site.cluster.get(first.seen.key) == first.seen


def test_of_many_creates_at_once_one_wins(site):
    """Threads that create the same object get one Written among them."""
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: site.cluster.create(site.config_map(a=str(n))), range(8)))
    assert sorted(type(each).__name__ for each in answers) == ["Exists"] * 7 + ["Written"]


def test_an_update_changes_the_object_with_that_uid(site):
    """An update is seen under the same uid with another version."""
    first = site.cluster.create(site.config_map(a="1")).seen
    second = site.cluster.update(site.config_map(a="2"), first.uid).seen
    assert second.uid == first.uid
    assert second.resource_version != first.resource_version
    assert b'"a":"2"' in site.cluster.get(first.key).body


def test_an_update_that_omits_a_field_removes_it(site):
    """What we applied once and no longer want goes."""
    first = site.cluster.create(site.config_map(a="1", b="2")).seen
    assert b'"b"' not in site.cluster.update(site.config_map(a="1"), first.uid).seen.body


def test_an_update_of_nothing_new_keeps_the_version(site):
    """Applying the same again writes nothing."""
    first = site.cluster.create(site.config_map()).seen
    assert site.cluster.update(site.config_map(), first.uid) == Written(first)


def test_an_update_never_creates(site):
    """An update of an absent object answers Gone and leaves it absent."""
    made = site.config_map()
    assert site.cluster.update(made, SOMEBODY) == Gone()
    assert site.cluster.get(made.key) is None


def test_an_update_never_touches_another_incarnation(site):
    """An update with another uid writes nothing."""
    first = site.cluster.create(site.config_map(a="1")).seen
    assert site.cluster.update(site.config_map(a="2"), SOMEBODY) == OtherIncarnation()
    assert site.cluster.get(first.key) == first


def test_a_deletion_removes_the_object_with_that_uid(site):
    """A deleted object is gone, and deleting it again says so."""
    first = site.cluster.create(site.config_map()).seen
    assert site.cluster.delete(first.key, first.uid).seen.deleting
    assert site.cluster.get(first.key) is None
    assert site.cluster.delete(first.key, first.uid) == Gone()


def test_a_deletion_never_touches_another_incarnation(site):
    """A deletion with another uid deletes nothing."""
    first = site.cluster.create(site.config_map()).seen
    assert site.cluster.delete(first.key, SOMEBODY) == OtherIncarnation()
    assert site.cluster.get(first.key) == first


def test_an_object_made_again_has_another_uid(site):
    """Two incarnations of one name can be told apart."""
    first = site.cluster.create(site.config_map()).seen
    site.cluster.delete(first.key, first.uid)
    assert site.cluster.create(site.config_map()).seen.uid != first.uid


def test_dry_runs_write_nothing(site):
    """A dry-run answers as the write would, and leaves everything as it was."""
    made = site.config_map(a="1")
    assert site.cluster.create(made, dry_run=True).seen.ours
    assert site.cluster.get(made.key) is None
    first = site.cluster.create(made).seen
    tried = site.cluster.update(site.config_map(a="2"), first.uid, dry_run=True).seen
    assert b'"a":"2"' in tried.body
    assert tried.projection != first.projection
    assert site.cluster.get(made.key) == first


def test_a_dry_run_that_finds_nothing_to_do_answers_the_object_as_it_is(site):
    """An unchanged object's dry-run has the version and projection that it has."""
    first = site.cluster.create(site.config_map()).seen
    assert site.cluster.update(site.config_map(), first.uid, dry_run=True) == Written(first)


def test_a_foreign_object_is_never_changed(site):
    """What somebody else made is not ours, is not overwritten by a create, and keeps its version."""
    made = site.config_map(a="theirs")
    site.put(made)
    before = site.cluster.get(made.key)
    assert not before.ours
    assert site.cluster.create(site.config_map(a="ours")) == Exists()
    assert site.cluster.update(site.config_map(a="ours"), SOMEBODY) == OtherIncarnation()
    assert site.cluster.get(made.key) == before


def test_a_foreign_object_becomes_ours_by_its_uid(site):
    """Adoption is an update that names the uid of what was seen."""
    made = site.config_map(a="1")
    site.put(made)
    adopted = site.cluster.update(made, site.cluster.get(made.key).uid).seen
    assert adopted.ours
    assert site.cluster.get(made.key) == adopted


def test_drift_changes_the_projection_and_repair_restores_it(site):
    """A field edited by hand shows in the projection; our update brings back the one we had."""
    first = site.cluster.create(site.config_map(a="1")).seen
    site.edit(first.key, {"a": "edited"})
    drifted = site.cluster.get(first.key)
    assert drifted.projection != first.projection
    repaired = site.cluster.update(site.config_map(a="1"), first.uid).seen
    assert repaired.projection == first.projection
    assert site.cluster.get(first.key).projection == first.projection


def test_a_list_sees_only_what_has_the_labels(site):
    """Other labels, other namespaces and other kinds are not listed."""
    site.cluster.create(site.config_map("one", labels={"set": "a", "x": "1"}))
    site.cluster.create(site.config_map("two", labels={"set": "b"}))
    set_a = Selection(CONFIG_MAP, (("set", "a"),), site.namespace)
    assert [each.key.name for each in site.cluster.list(set_a).seen] == ["one"]
    assert site.cluster.list(replace(set_a, namespace="elsewhere")).seen == ()
    assert site.cluster.list(replace(set_a, kind=GroupKind("", "Service"))).seen == ()


def test_a_list_shows_an_object_as_a_get_does(site):
    """List and get give equal values."""
    site.cluster.create(site.config_map("one", labels={"set": "only-here"}))
    listed = site.cluster.list(Selection(CONFIG_MAP, (("set", "only-here"),))).seen
    assert listed == (site.cluster.get(site.config_map("one").key),)


def test_a_restart_sees_the_same(site):
    """Another process finds the same cluster, and the same object in it."""
    first = site.cluster.create(site.config_map()).seen
    cluster, _ = site.restarted()
    assert cluster.identity() == site.cluster.identity()
    assert cluster.get(first.key) == first


def test_kinds_that_we_ask_for_are_served(site):
    """The kinds that every cluster has are among those it serves."""
    asked = {CONFIG_MAP, GroupKind("apps", "Deployment"), GroupKind("batch", "Job")}
    assert site.cluster.served(asked) == asked


def test_what_is_taken_over_stays_as_it_is(site):
    """It changes hands, not content; another incarnation and what is gone are left alone."""
    made = site.cluster.create(site.config_map()).seen
    taken = site.cluster.take_over(made.key, made.uid)
    assert isinstance(taken, Written)
    assert (taken.seen.uid, taken.seen.projection) == (made.uid, made.projection)
    assert site.cluster.take_over(made.key, SOMEBODY) == OtherIncarnation()
    site.cluster.delete(made.key, made.uid)
    assert site.cluster.take_over(made.key, made.uid) == Gone()
