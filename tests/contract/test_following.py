"""What a unit knows of its cluster: the same from a directory, which is read each time, and from watches."""

import secrets
from collections.abc import Iterator

import pytest

from tests.controlplane.waiting import wait_until
from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.unit import Unit

CONFIG_MAP = GroupKind("", "ConfigMap")
KINDS = frozenset({CONFIG_MAP})


@pytest.fixture
def unit():
    """A unit of its own: its label finds nothing of other tests."""
    return Unit(f"u-{secrets.token_hex(4)}", "dev")


@pytest.fixture
def live(site, unit, pool) -> Iterator[Live]:
    """What is known, from now on."""
    made = Live(site.cluster, site.feeds(), pool, unit)
    yield made
    made.close()


@pytest.fixture
def ours(site, unit):
    """Makes ConfigMaps of the unit."""
    return lambda name="one", **data: site.config_map(name, labels={PART_OF: part_of(unit.id)}, **data)


def seen(live):
    """Everything that is known, by name."""
    return {key.name: each for key, each in live.look(KINDS).live.items()}


def test_what_is_there_is_known_from_the_first_look(site, live, ours):
    """Nothing has to happen for it to be seen."""
    made = site.cluster.create(ours()).seen
    assert seen(live) == {"one": made}


def test_what_comes_changes_and_goes_is_known(site, live, ours):
    """Another hand's doings are seen without being asked for."""
    assert seen(live) == {}
    made = site.cluster.create(ours()).seen
    wait_until("created", lambda: seen(live) == {"one": made})
    site.edit(made.key, {"a": "edited"})
    wait_until("edited", lambda: seen(live)["one"].projection != made.projection)
    site.cluster.delete(made.key, made.uid)
    wait_until("gone", lambda: seen(live) == {})


def test_our_own_writes_are_known_at_once(site, live, ours):
    """Nothing older than what a write returned is ever shown again."""
    seen(live)
    made = site.cluster.create(ours(a="0")).seen
    live.learn([made])
    assert seen(live) == {"one": made}
    for number in range(1, 30):
        made = site.cluster.update(ours(a=str(number)), made.uid).seen
        live.learn([made])
        assert seen(live)["one"].resource_version == made.resource_version
    live.learn([site.cluster.delete(made.key, made.uid).seen])
    assert seen(live) == {}
    again = site.cluster.create(ours()).seen
    live.learn([again])
    assert seen(live) == {"one": again}


def test_what_lost_its_label_is_known_by_name(site, live, ours):
    """It is not gone: it has to be repaired, not made again."""
    made = site.cluster.create(ours()).seen
    assert seen(live) == {"one": made}
    stripped = site.cluster.update(site.config_map("one", labels={"other": "x"}), made.uid).seen
    wait_until("changed", lambda: seen(live)["one"].projection != made.projection)
    assert seen(live)["one"].uid == made.uid
    assert not live.look(KINDS).restored
    site.cluster.delete(stripped.key, stripped.uid)
    wait_until("gone", lambda: seen(live) == {})


def test_what_is_expected_is_asked_for_by_name(site, live):
    """An object that no label finds is found where it is expected."""
    made = site.cluster.create(site.config_map("one", labels={"other": "x"})).seen
    assert live.look(KINDS).live == {}
    assert live.look(KINDS, [made.key]).live == {made.key: made}


def test_kinds_that_are_not_wanted_any_more_are_not_shown(site, live, ours):
    """What was followed once is forgotten, and read again when it is wanted again."""
    made = site.cluster.create(ours()).seen
    assert seen(live) == {"one": made}
    assert live.look({GroupKind("", "Service")}).live == {}
    assert seen(live) == {"one": made}
