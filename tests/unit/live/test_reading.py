"""What is read of a cluster before anybody looks, and what of it is whose."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.unit.given import Given, made, record
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.live import Live
from yardarm_reconciler.live.polled import Polled
from yardarm_reconciler.model.manifest import GroupKind
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.model.unit import Unit

MAP, SERVICE = made("ConfigMap", "a"), made("Service", "b")
KINDS = {GroupKind("", "ConfigMap"), GroupKind("", "Service")}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for questions."""
    with ThreadPoolExecutor(2) as made_here:
        yield made_here


def live_of(given: Given, pool: ThreadPoolExecutor) -> Live:
    """What a new process knows: nothing yet."""
    return Live(given, Polled(given, pool), pool, Unit("u", "dev"))  # type: ignore[arg-type] # what is asked of a cluster here


def kinds(given: Given) -> list[str]:
    """The kinds that were listed, sorted."""
    return sorted(each.kind.kind for each in given.listed)


def test_what_is_recorded_is_read_once_though_it_was_begun_before_the_look(pool):
    """The look takes the read that was begun, and asks for what it needs besides; the next look reads all again."""
    given = Given([MAP, SERVICE])
    live = live_of(given, pool)
    live.expect(Inventory(None, {"a": record(MAP)}))

    assert {key.name for key in live.look(KINDS).live} == {"a", "b"}
    assert kinds(given) == ["ConfigMap", "Service"]
    live.expect(Inventory(None, {"a": record(MAP)}))
    live.look(KINDS)
    assert kinds(given) == ["ConfigMap", "ConfigMap", "Service", "Service"]


def test_what_cannot_be_read_matters_where_it_is_needed(pool):
    """A kind that nobody wants any more stands in nobody's way."""
    given = Given([MAP, SERVICE], forbidden=frozenset({"Service"}))
    live = live_of(given, pool)
    live.expect(Inventory(None, {"b": record(SERVICE)}))
    assert len(live.look({GroupKind("", "ConfigMap")}).live) == 1

    live = live_of(given, pool)
    live.expect(Inventory(None, {"b": record(SERVICE)}))
    with pytest.raises(TransientError):
        live.look(KINDS)


def pod(name: str, workload: str) -> dict:
    """A pod that a controller has made for a workload."""
    labels = {f"yardarm.dev/{part}": value for part, value in zip(LABELS, workload.split("/"), strict=True)}
    body = made("Pod", name)
    return {**body, "metadata": {**body["metadata"], "labels": labels}}


LABELS = ("workload-kind", "team", "workload")


def test_pods_of_a_workload_are_its_own_and_those_of_its_parts(pool):
    """Parts have its name before a hyphen; what only begins alike is another's."""
    others = ["Service/nlp/ap", "Service/nlp/api2", "Service/nlp/api.x", "Service/nlp/apj", "Job/nlp/api"]
    own = ["Service/nlp/api", "Service/nlp/api-canary", "Service/nlp/api-x"]
    pods = [pod(f"p{number}", each) for number, each in enumerate((*others, *own, own[0]))]
    live = live_of(Given(pods), pool)
    live.around()
    found, replica_sets = live.beside("Service/nlp/api")

    assert sorted(each["metadata"]["name"] for each in found) == ["p5", "p6", "p7", "p8"]
    assert replica_sets == []
