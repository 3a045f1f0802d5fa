"""Probes: alive is who is where it said it would be; ready is who has looked at everything once."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from yardarm_reconciler.loop import Bell
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.server.board import GRACE, Board
from yardarm_reconciler.server.listener import Request, Response
from yardarm_reconciler.server.site import Site

ASKED = Request("GET", "/livez", {}, b"")


def report(environment: str, error: str = "") -> Report:
    """Of one pass."""
    return Report(environment, f"u-{environment}", "", (), error=error)


def test_ready_is_who_has_looked_at_every_environment():
    """One that fails is looked at, too: it must not keep others' status from being seen."""
    board = Board(["dev", "production"], dict)
    first = board.ready(ASKED)
    board(report("dev"))
    second = board.ready(ASKED)
    board(report("production", "the cluster does not answer"))

    assert (first.status, first.text) == (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "not looked at yet: dev, production",
    )
    assert (second.status, second.text) == (HTTPStatus.SERVICE_UNAVAILABLE, "not looked at yet: production")
    assert board.ready(ASKED).status is HTTPStatus.OK


@pytest.mark.parametrize(("late", "alive"), [(-300.0, True), (GRACE, True), (GRACE + 1, False)])
def test_alive_is_who_is_back_in_time(late: float, *, alive: bool):
    """A unit may be late by a minute; one that is stuck is named."""
    said = Board(["dev"], lambda: {"dev": late, "other": -1.0}).live(ASKED)

    assert (said.status is HTTPStatus.OK, said.text) == (alive, "ok" if alive else "stuck: dev")


def test_a_unit_says_when_it_is_back():
    """Before it has begun nobody waits for it."""
    bell = Bell()
    before = bell.late(10.0**9)
    bell.expect(100.0)

    assert before < 0
    assert (bell.late(70.0), bell.late(130.0)) == (-30.0, 30.0)


def test_pages_are_read_only_and_load_nothing():
    """The rest is for the webhooks."""
    site = Site(
        {"/page": lambda _: Response(HTTPStatus.OK, "hello")}, lambda _: Response(HTTPStatus.NOT_FOUND)
    )

    read = site(Request("GET", "/page", {}, b""))
    assert (read.status, read.text) == (HTTPStatus.OK, "hello")
    assert read.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert site(Request("POST", "/page", {}, b"")).status is HTTPStatus.METHOD_NOT_ALLOWED
    assert site(Request("GET", "/other", {}, b"")).status is HTTPStatus.NOT_FOUND
