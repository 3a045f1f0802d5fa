"""Watches on a real API server, and all the ways in which they lie, lose their place, or die."""

import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.kubernetes import JITTER, ImpatientClock, RealClock, config_maps, transport
from tests.controlplane.faults import Match, Mute, Refuse
from tests.controlplane.waiting import wait_until
from yardarm_reconciler.inventory.records import PART_OF, part_of
from yardarm_reconciler.kube import watching
from yardarm_reconciler.kube.cluster import KubernetesCluster
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.manifest import GroupKind, Key
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.unit import Unit

CONFIG_MAP = GroupKind("", "ConfigMap")
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LISTS = Match(method="GET", path=".*/configmaps", query="(?!.*watch=1).*limit.*")
WATCHES = Match(method="GET", path=".*/configmaps", query=".*watch=1.*")


@dataclass
class Watched:
    """A unit's knowledge of a cluster behind a network that the test may break, and how often it was woken."""

    live: Live
    stirred: threading.Event
    api: Any
    namespace: str
    unit: Unit

    def names(self, *more: GroupKind) -> set[str]:
        """Names of all that is known."""
        return {key.name for key in self.live.look({CONFIG_MAP, *more}).live}

    def make(self, name: str) -> None:
        """Make a ConfigMap with the unit's label."""
        metadata = {"name": name, "labels": {PART_OF: part_of(self.unit.id)}}
        self.api.post(config_maps(self.namespace), {"metadata": metadata})


@pytest.fixture
def watched(proxy, dev, api, namespace, pool, tmp_path) -> Iterator[Watched]:
    """What is known, from now on."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=dev.admin_token)
    unit, stirred = Unit(f"u-{secrets.token_hex(4)}", "dev"), threading.Event()
    with transport(config, RealClock()) as made:
        cluster = KubernetesCluster(made)
        live = Live(cluster, cluster.watches(stirred.set, JITTER), pool, unit)
        live.identity()
        yield Watched(live, stirred, api, namespace, unit)
        live.close()


def _is_quiet(watched) -> bool:
    """Whether nothing was told for a while: namespaces of other tests may still be on their way out."""
    before = watched.live.now()
    time.sleep(0.5)
    watched.names()
    return watched.live.now() == before


def test_while_nothing_happens_nothing_is_asked(watched, proxy):
    """After the first look a look is free, however often, and says that it is."""
    watched.make("one")
    assert watched.names() == {"one"}
    wait_until("what earlier tests left is gone", lambda: _is_quiet(watched))
    footing, asked = watched.live.footing(), proxy.faults.count(Match())
    for _ in range(20):
        assert watched.names() == {"one"}
    assert proxy.faults.count(Match()) == asked
    assert watched.live.now() == footing


def test_what_happens_wakes_within_a_second(watched):
    """The unit is told, and then knows."""
    watched.names()
    started = time.monotonic()
    watched.make("one")
    while watched.names() != {"one"}:
        watched.stirred.clear()
        assert watched.stirred.wait(1.0)
    assert time.monotonic() - started < 1.0


def test_a_change_of_what_is_not_ours_is_no_decision(watched):
    """A field of somebody else's changes what is told, but nothing that a write depends on."""
    watched.make("one")
    watched.names()
    before = watched.live.footing()
    watched.api.patch(config_maps(watched.namespace, "one"), {"metadata": {"annotations": {"their": "note"}}})
    wait_until("told", lambda: watched.live.now().told > before.told)
    assert watched.live.now().decisive == before.decisive


def test_a_watch_that_dies_silently_is_found_out(watched, proxy, monkeypatch):
    """Not a byte in the time in which bookmarks come: closed, and listed anew."""
    monkeypatch.setattr(watching, "SILENCE_SECONDS", 2.0)
    silent = threading.Event()
    proxy.faults.add(WATCHES, Mute(silent))
    assert watched.names() == set()
    silent.set()
    watched.make("unheard")
    time.sleep(0.5)
    assert watched.names() == set()
    wait_until("found out", lambda: watched.names() == {"unheard"})
    assert proxy.faults.count(LISTS) > 1


def test_a_place_that_has_expired_is_found_anew(watched, proxy):
    """410 Gone on a watch: what was missed is in the next list."""
    proxy.faults.add(Match(WATCHES.method, WATCHES.path, WATCHES.query, nth=1), Refuse(410))
    watched.names()
    watched.make("one")
    wait_until("seen", lambda: watched.names() == {"one"})
    assert proxy.faults.count(LISTS) == 2


def test_a_cluster_that_does_not_answer_is_no_empty_cluster(watched, proxy, monkeypatch):
    """What cannot be read raises, and what is known comes back with the connection."""
    watched.make("one")
    assert watched.names() == {"one"}
    monkeypatch.setattr(watching, "PATIENCE_SECONDS", 2.0)
    feeds = list(watched.live.feeds._feeds.values())
    wait_until("watching", lambda: all(feed._stream for feed in feeds))
    proxy.faults.add(Match(), Refuse(503))
    for feed in feeds:
        feed.hang_up()
    wait_until("noticed", lambda: raises(watched.names))
    proxy.faults.clear()
    wait_until("back", lambda: not raises(watched.names))
    assert watched.names() == {"one"}


def raises(look) -> bool:
    """Whether it cannot be read."""
    try:
        look()
    except TransientError:
        return True
    return False


def test_a_missing_right_to_watch_is_said(dev, proxy, pool, tmp_path):
    """A list alone is not enough: nothing would be noticed any more."""
    config = proxy.write_kubeconfig(tmp_path / "kubeconfig", token=dev.stranger_token)
    with transport(config, ImpatientClock()) as made:
        cluster = KubernetesCluster(made)
        live = Live(cluster, cluster.watches(lambda: None, JITTER), pool, Unit("u-x", "dev"))
        with pytest.raises(TransientError, match="403"):
            live.look({CONFIG_MAP})
        live.close()


# Kinds that come and go ---------------------------------------------------------------------------


@pytest.fixture
def thing(api) -> Iterator[GroupKind]:
    """A new kind of some other project's."""
    kind = GroupKind(f"g{secrets.token_hex(3)}.example.com", "Thing")
    define(api, kind.group)
    yield kind
    api.delete(f"{DEFINITIONS}/things.{kind.group}")


def define(api, group: str) -> None:
    """Make the kind Thing of a group, and wait until it is served."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    api.post(
        DEFINITIONS,
        {
            "metadata": {"name": f"things.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"plural": "things", "kind": "Thing"},
                "versions": [
                    {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
                ],
            },
        },
    )
    wait_until("served", lambda: api.get(f"/apis/{group}/v1") is not None)


def make_thing(watched, thing, name="one") -> Key:
    """Make one with the unit's label."""
    path = f"/apis/{thing.group}/v1/namespaces/{watched.namespace}/things"
    metadata = {"name": name, "labels": {PART_OF: part_of(watched.unit.id)}}
    watched.api.post(path, {"apiVersion": f"{thing.group}/v1", "kind": "Thing", "metadata": metadata})
    return Key(thing.group, thing.kind, watched.namespace, name)


def test_objects_that_go_with_their_kind_are_not_deleted_ones(watched, thing):
    """Never is one shown as absent while its kind is shown as served."""
    key = make_thing(watched, thing)
    wait_until("seen", lambda: watched.names(thing) == {"one"})
    watched.api.delete(f"{DEFINITIONS}/things.{thing.group}")
    looks = []

    def vanished() -> bool:
        looks.append(watched.live.look({CONFIG_MAP, thing}))
        return thing not in looks[-1].served

    wait_until("the kind gone", vanished)
    assert [each for each in looks if thing in each.served and key not in each.live] == []


def test_a_kind_that_goes_and_comes_back_is_followed(watched, thing):
    """What is not served is asked for until it is."""
    assert watched.live.look({thing}).served == {thing}
    watched.api.delete(f"{DEFINITIONS}/things.{thing.group}")
    wait_until("gone", lambda: watched.live.look({thing}).served == frozenset())
    wait_until("all gone", lambda: watched.api.get(f"{DEFINITIONS}/things.{thing.group}") is None)
    define(watched.api, thing.group)
    make_thing(watched, thing)
    wait_until("back", lambda: watched.names(thing) == {"one"})
