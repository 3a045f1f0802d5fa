"""The lease's arithmetic: several processes over one object in memory, and a clock that is moved by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from yardarm_reconciler.kube.lease import NAME, UNITS, Lease, Terms, looked_at
from yardarm_reconciler.kube.process import alive, identity
from yardarm_reconciler.kube.transport import Answer, Request
from yardarm_reconciler.model.origin import HeldElsewhereError, TransientError, UserError

TERMS = Terms(lasts=15, renewed_every=5, margin=1, looks_every=1)


class Clock:
    """Time that passes when somebody says so."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.tick: Any = None

    def now(self) -> datetime:
        """Wall time, which nothing may depend on: it stands still."""
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        """As it was set."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass; somebody else may act meanwhile."""
        self.time += seconds
        if self.tick:
            self.tick()


class Server:
    """One Lease behind optimistic locking; ``trouble`` befalls the next requests."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.version = 0
        self.trouble: list[object] = []
        self.namespaces: list[str] = []
        self.missing = False

    def ask(self, request: Request, seconds: float = 0.0) -> Answer:
        """As the API server answers."""
        del seconds
        trouble = self.trouble.pop(0) if self.trouble else None
        if isinstance(trouble, Answer):
            return trouble
        if trouble == "silence":
            raise TransientError("silence")
        answer = self._answer(request)
        if trouble == "lost answer":
            raise TransientError("lost")
        return answer

    def _answer(self, request: Request) -> Answer:
        if request.path == "/api/v1/namespaces":
            self.missing = False
            self.namespaces.append(str((request.body or {})["metadata"]["name"]))
            return Answer(201, {})
        if request.method == "GET":
            return Answer(200, self.lease) if self.lease else Answer(404, {})
        if self.missing:
            return Answer(404, {})
        body = orjson.loads(orjson.dumps(request.body))
        now = self.lease["metadata"]["resourceVersion"] if self.lease else None
        if body["metadata"].get("resourceVersion") != now:
            return Answer(409, {})
        self.version += 1
        body["metadata"]["resourceVersion"] = str(self.version)
        # Renewal times differ in real life; here the version stands in for them.
        body["spec"]["renewTime"] = str(self.version)
        self.lease = body
        return Answer(200, body)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def clock() -> Clock:
    """Time for everybody."""
    return Clock()


@pytest.fixture
def server() -> Server:
    """One cluster."""
    return Server()


def lease(server: Server, clock: Clock, host: str) -> Lease:
    """What a process on another machine wants of it."""
    made = Lease(server, "own", clock, lambda: None, TERMS)  # type: ignore[arg-type] # as much of a transport as is asked
    made.me = f"{host}/1/1/elsewhere/{host}"
    return made


def test_the_first_to_ask_holds_it_and_the_second_waits(server: Server, clock: Clock):
    """Whatever wall clocks say; the second is told by whom."""
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    assert (one._attempt(), two._attempt()) == (True, False)
    assert (one.term(), one.left()) == (1, 14)
    with pytest.raises(HeldElsewhereError, match="process 1 on one"):
        two.term()


def test_a_lease_that_is_renewed_is_never_taken(server: Server, clock: Clock):
    """However long that goes on."""
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    one._attempt()
    for _ in range(40):
        assert not two._attempt()
        clock.time += 5
        assert one._attempt()
    assert one.term() == 1


def test_a_lease_that_is_not_renewed_is_taken_after_its_holder_has_stopped(server: Server, clock: Clock):
    """At no moment are both sure: the old one counts from before its renewal, the new one from after it saw that."""
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    one._attempt()
    two._attempt()
    both = []
    while two.left() <= 0:
        clock.time += 0.5
        two._attempt()
        both.append(one.left() > 0 and two.left() > 0)
    assert not any(both)
    assert 15 < clock.time - 1000 <= 17
    assert not one._attempt()
    with pytest.raises(HeldElsewhereError, match="process 1 on two"):
        one.term()


def test_time_counts_from_before_the_request(server: Server, clock: Clock):
    """A renewal whose answer took ten seconds leaves five less the margin."""
    one = lease(server, clock, "one")
    asked = server.ask

    def slow(request: Request, seconds: float = 0.0) -> Answer:
        clock.time += 5 if request.method == "POST" else 0
        return asked(request, seconds)

    server.ask = slow  # type: ignore[method-assign] # a slow server
    assert one._attempt()
    assert one.left() == 9


def test_an_answer_that_was_lost_is_no_lease(server: Server, clock: Clock):
    """It was written, but nobody may rely on that; the next look finds it and goes on."""
    one = lease(server, clock, "one")
    server.trouble = [None, "lost answer"]
    with pytest.raises(TransientError):
        one._attempt()
    assert one.left() <= 0
    assert one._attempt()
    assert one.left() == 14


def test_a_lease_that_was_lost_and_won_again_is_another_term(server: Server, clock: Clock):
    """What was known in the first may not be true any more."""
    one = lease(server, clock, "one")
    one._attempt()
    clock.time += 60
    with pytest.raises(HeldElsewhereError):
        one.term()
    one._attempt()
    assert one.term() == 2


def test_a_lease_that_was_let_go_is_free_at_once(server: Server, clock: Clock):
    """And one that somebody else has taken meanwhile is not touched."""
    one, two, three = (lease(server, clock, name) for name in ("one", "two", "three"))
    one._attempt()
    one.close()
    assert two._attempt()
    assert one.left() <= 0
    clock.time += 100
    three._attempt()
    clock.time += 100
    assert three._attempt()
    two.close()
    assert server.lease is not None
    assert server.lease["spec"]["holderIdentity"] == three.me


def test_taking_waits_only_until_the_holder_is_seen_to_live(server: Server, clock: Clock):
    """A person at a terminal is told within a renewal by whom it is held."""
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    one._attempt()
    started = clock.time

    def renew() -> None:
        if (clock.time - started) % 5 == 0:
            one._attempt()

    clock.tick = renew
    with pytest.raises(HeldElsewhereError) as error:
        two.take()
    assert error.value.holder == "process 1 on one"
    assert clock.time - started <= 6


def test_taking_outlives_a_holder_that_is_dead(server: Server, clock: Clock):
    """On another machine nobody can tell but by waiting."""
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    one._attempt()
    two.take()
    try:
        assert two.left() > 0
    finally:
        two.close()


def test_a_dead_process_of_this_machine_is_not_waited_for(server: Server, clock: Clock):
    """A container that crashed and starts again goes on at once."""
    code = "from yardarm_reconciler.kube.process import identity; print(identity())"
    dead = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    one, two = lease(server, clock, "one"), lease(server, clock, "two")
    one.me = dead.stdout.strip()
    one._attempt()
    assert two._attempt()


def test_a_bug_on_one_answer_does_not_end_the_keeping(
    server: Server, clock: Clock, caplog: pytest.LogCaptureFixture
):
    """What nobody thought of is logged without its values, and the lease is asked for again."""
    won = threading.Event()
    one = Lease(server, "own", clock, won.set, Terms(looks_every=0.01))  # type: ignore[arg-type] # as above
    server.trouble = [Answer(200, {"metadata": {}, "spec": {}})]
    one.keep()
    try:
        assert won.wait(10)
        assert "KeyError" in caplog.text
    finally:
        one.close()


def test_the_namespace_is_made_where_it_is_missing(server: Server, clock: Clock):
    """The lease is the first of our objects in a new cluster."""
    server.missing = True
    one = lease(server, clock, "one")
    assert one._attempt()
    assert server.namespaces == ["own"]


def test_a_missing_right_is_said(server: Server, clock: Clock):
    """It is for a person to mend."""
    server.trouble = [Answer(403, {})]
    with pytest.raises(UserError, match=r"leases of coordination\.k8s\.io in own"):
        lease(server, clock, "one")._attempt()


def test_what_was_looked_at_rides_on_the_renewal(server: Server, clock: Clock):
    """No request of its own; damaged annotations are nothing."""
    one = lease(server, clock, "one")
    one.note("production", "e4f5a6b", clock.now())
    one._attempt()
    seen = looked_at(server, "own")  # type: ignore[arg-type] # as above
    assert seen == {"production": {"revision": "e4f5a6b", "checked": "2026-01-01T00:00:00+00:00"}}
    assert server.lease is not None
    assert server.lease["metadata"]["name"] == NAME
    server.lease["metadata"]["annotations"][UNITS] = "{"
    assert looked_at(server, "own") == {}  # type: ignore[arg-type] # as above


def test_a_process_knows_itself_and_its_like():
    """Alive: ourselves, whoever is elsewhere, and whoever is not understood; dead: another life of our process id."""
    me = identity()
    host, pid, start, where, _ = me.split("/")
    assert pid == str(os.getpid())
    assert alive(me)
    assert not alive("/".join((host, pid, f"{start}0", where, "x")))
    for other in (
        f"{host}/{pid}/1/elsewhere/x",
        f"other/{pid}/1/{where}/x",
        "kubectl",
        f"{host}/x/1/{where}/x",
    ):
        assert alive(other)
