"""Events into what is known: what is older is ignored, what left is doubtful, what is status is no decision."""

from dataclasses import replace

import pytest

from yardarm_reconciler.live.view import View, absorb, answered, forget, only, wrote
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.versions import older
from yardarm_reconciler.ports import Changed, Listed, Removed, Restored, Seen, Selection, Unserved

THINGS = Selection(GroupKind("", "ConfigMap"), (("ours", "yes"),))
PODS = Selection(GroupKind("", "Pod"))


def thing(name="a", version=10, uid="u1", projection="p", body=b"{}", **changed):
    """An object of ours as it was at a version."""
    key = Key("", "ConfigMap", "team", name)
    made = Seen(key, uid, str(version), ours=True, projection=projection, deleting=False, body=body)
    return replace(made, **changed)


def view(*events, before=None):
    """What is known after some events."""
    return absorb(before or View(), events, lambda selection: selection == THINGS)


def known(made):
    """Everything that is known of our objects."""
    return made.objects(lambda selection: selection == THINGS)


def listed(*seen, version="20", **more):
    """A complete read."""
    return Listed(THINGS, seen, version, **more)


def removed(seen, version, *, deleting=False):
    """An object has left."""
    return Removed(THINGS, seen.key, seen.uid, str(version), deleting=deleting)


def wrote_to(before, *seen):
    """What our own writes returned."""
    return wrote(before, seen, {THINGS.kind: THINGS})


def test_news_that_is_older_than_what_is_known_is_ignored():
    """Of one incarnation the higher version counts, whatever comes last."""
    made = wrote_to(view(listed(thing())), thing(version=30, projection="mine"))
    late = view(Changed(THINGS, thing(version=25, projection="theirs")), before=made)
    assert known(late)[thing().key].projection == "mine"
    assert late.footing == made.footing


def test_a_list_from_before_a_write_takes_nothing_back():
    """Neither what we changed since nor what we made since."""
    made = wrote_to(
        view(listed(thing())), thing(version=30, projection="mine"), thing("b", version=31, uid="u2")
    )
    after = known(view(listed(thing(), version="29", again=True), before=made))
    assert {key.name: seen.resource_version for key, seen in after.items()} == {"a": "30", "b": "31"}


def test_what_we_deleted_does_not_come_back_by_old_news():
    """Until the news of its deletion has come, anything that is heard of that incarnation is old."""
    made = wrote_to(view(listed(thing())), thing(body=b""))
    late = view(Changed(THINGS, thing(version=15)), listed(thing(), version="16"), before=made)
    assert known(late) == {}
    gone = view(removed(thing(), 40), before=late)
    assert gone.ended == {}
    again = view(Changed(THINGS, thing(version=50, uid="u9")), before=gone)
    assert known(again)[thing().key].uid == "u9"


def test_what_leaves_without_being_deleted_is_doubtful():
    """Its label may be gone; what was being deleted, and what we relabelled since, is not in doubt."""
    before = view(listed(thing()))
    assert view(removed(thing(), 30), before=before).doubtful == {thing().key}
    assert view(removed(thing(), 30, deleting=True), before=before).doubtful == frozenset()
    relabelled = wrote_to(before, thing(version=35))
    after = view(removed(thing(), 30), before=relabelled)
    assert (after.doubtful, len(known(after))) == (frozenset(), 1)


def test_what_is_missing_in_a_later_list_is_doubtful():
    """While nobody watched it may have lost its label, or have gone."""
    after = view(listed(version="40", again=True), before=view(listed(thing())))
    assert (known(after), after.doubtful) == ({}, {thing().key})


def test_an_answer_ends_a_doubt():
    """There under its name, or not there."""
    doubt = view(removed(thing(), 30), before=view(listed(thing())))
    there = answered(doubt, {thing().key: thing(version=30, projection="bare")})
    gone = answered(doubt, {thing().key: None})
    assert (known(there)[thing().key].projection, known(gone)) == ("bare", {})
    assert (there.doubtful, gone.doubtful) == (frozenset(), frozenset())


def test_what_gets_its_label_back_is_listed_again():
    """It is not known twice."""
    doubt = answered(
        view(removed(thing(), 30), before=view(listed(thing()))), {thing().key: thing(version=30)}
    )
    back = view(Changed(THINGS, thing(version=41)), before=doubt)
    assert (known(back)[thing().key].resource_version, back.unlisted) == ("41", {})


@pytest.mark.parametrize(
    ("change", "decisive"),
    [
        ({"body": b'{"status":{}}'}, False),
        ({"projection": "drifted"}, True),
        ({"deleting": True}, True),
        ({"ours": False}, True),
        ({"uid": "u2"}, True),
    ],
)
def test_only_what_a_write_may_depend_on_is_decisive(change, decisive):
    """A change of status is told, and no more."""
    before = view(listed(thing()))
    after = view(Changed(THINGS, thing(version=30, **change)), before=before)
    assert after.footing.told == before.footing.told + 1
    assert (after.footing.decisive > before.footing.decisive) is decisive


def test_what_is_read_for_health_decides_nothing():
    """A pod that comes and goes is no drift and no doubt."""
    pod = replace(thing(), key=Key("", "Pod", "team", "a"))
    before = view(listed())
    after = view(Changed(PODS, pod), Removed(PODS, pod.key, pod.uid, "30", deleting=False), before=before)
    assert after.footing.told == before.footing.told + 2
    assert (after.footing.decisive, after.doubtful) == (before.footing.decisive, frozenset())


def test_the_same_again_is_no_news():
    """Neither an event nor a list of what is known moves anything."""
    before = view(listed(thing()))
    after = view(Changed(THINGS, thing()), listed(thing(), version="60", again=True), before=before)
    assert after.footing == before.footing


def test_a_restored_cluster_is_known_anew():
    """Nothing that was known counts, newer as it may be; and that is decisive."""
    before = wrote_to(view(listed(thing(version=900), version="900")), thing("b", version=950, uid="u2"))
    after = view(Restored(), listed(thing(version=5), version="7", again=True), before=before)
    assert {key.name: seen.resource_version for key, seen in known(after).items()} == {"a": "5"}
    assert after.doubtful == frozenset()
    assert after.footing.decisive > before.footing.decisive


def test_objects_of_a_kind_that_is_not_served_are_neither_there_nor_in_doubt():
    """Nobody deleted them."""
    before = view(removed(thing(), 30), before=view(listed(thing(), thing("b", uid="u2"))))
    for after in (view(Unserved(THINGS), before=before), forget(before, {THINGS.kind})):
        assert (known(after), THINGS in after.listed) == ({}, False)
    assert forget(before, {THINGS.kind}).doubtful == frozenset()


def test_what_is_not_followed_is_forgotten():
    """It would grow old unnoticed."""
    assert only(view(listed(thing())), ()).listed == {}


def test_versions_are_numbers_or_not_compared():
    """A directory's are digests."""
    assert older("9", "10")
    assert not older("10", "10")
    assert not older("3f", "a0")
    assert not older("", "10")
