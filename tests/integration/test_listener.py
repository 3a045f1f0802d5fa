"""Real connections to the HTTP server: the slow, the huge, the many and the malformed are cut off."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from yardarm_reconciler.server.listener import Limits, Listener, Request, Response

CANARY = "a-value-that-nobody-may-see"
LIMITS = Limits(body_bytes=1000, seconds=1.0, callers=4)


class Heard:
    """A handler that notes what came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Answer."""
        self.requests.append(request)
        if request.path == "/bug":
            raise ZeroDivisionError(CANARY)
        return Response(HTTPStatus.OK, "heard")


@pytest.fixture
def heard() -> Heard:
    """What came."""
    return Heard()


@pytest.fixture
def port(heard: Heard) -> Iterator[int]:
    """Where it listens."""
    with contextlib.closing(Listener("127.0.0.1", 0, heard, LIMITS)) as listener:
        yield listener.port


def answer(port: int, data: bytes) -> bytes:
    """What comes back for some bytes, until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        return everything(connection)


def everything(connection: socket.socket) -> bytes:
    """All that comes until the end; a reset is one."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            found += part
    return found


def test_a_call_is_heard_with_its_headers_and_body(port: int, heard: Heard):
    """Names of headers in lower case; the query is not part of the path."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    with contextlib.closing(connection):
        connection.request("POST", "/a?b=c", b"body", {"X-Signature": "s"})
        said = connection.getresponse()
        assert (said.status, said.read()) == (200, b"heard\n")
        assert said.headers["Server"] == "yardarm"
    (request,) = heard.requests
    assert (request.path, request.body, request.headers["x-signature"]) == ("/a", b"body", "s")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: \xd9\xa1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\n\r\n", 411),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    ],
)
def test_what_is_no_proper_request_is_refused(port: int, heard: Heard, data: bytes, status: int):
    """Huge, contradictory or malformed: nobody hears it."""
    assert answer(port, data)[:12].split()[-1:] == [str(status).encode()]
    assert heard.requests == []


def test_a_body_that_ends_early_is_refused(port: int, heard: Heard):
    """Half a body is another body."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert b" 400 " in everything(connection)
    assert heard.requests == []


@pytest.mark.parametrize("head", [b"", b"POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n"])
def test_who_drips_is_cut_off_as_a_whole(port: int, heard: Heard, head: bytes):
    """A byte every fifty milliseconds never lets a single read time out; the request does."""
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            while time.monotonic() - started < 8:
                connection.sendall(b"x")
                time.sleep(0.05)
    assert time.monotonic() - started < 5
    assert heard.requests == []


def test_callers_beyond_the_limit_are_sent_away_and_others_are_heard_again(port: int):
    """Those who hold a place without asking lose it; nobody waits for them for long."""
    with contextlib.ExitStack() as stack:
        for _ in range(LIMITS.callers):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        time.sleep(0.2)
        assert answer(port, b"") == b""
    deadline = time.monotonic() + 10
    while (said := answer(port, b"GET / HTTP/1.1\r\n\r\n")) == b"" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert b" 200 " in said


def test_a_bug_is_told_to_nobody_but_the_log(port: int, caplog: pytest.LogCaptureFixture):
    """The caller learns that there was one; the next is heard."""
    said = answer(port, b"GET /bug HTTP/1.1\r\n\r\n")
    assert b" 500 " in said
    assert CANARY.encode() not in said
    assert CANARY not in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert b" 200 " in answer(port, b"GET / HTTP/1.1\r\n\r\n")


def test_it_ends_though_somebody_is_still_talking(heard: Heard):
    """The program's end does not wait for a caller."""
    listener = Listener("127.0.0.1", 0, heard, Limits(seconds=30))
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10):
        time.sleep(0.1)
        closing = threading.Thread(target=listener.close)
        closing.start()
        closing.join(5)
        assert not closing.is_alive()
