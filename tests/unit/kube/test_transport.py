"""The table of retries, credentials and deadlines: no socket, no sleep."""

import ssl
from datetime import UTC, datetime

import orjson
import pytest
import urllib3
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError

from yardarm_reconciler.kube.login import Session
from yardarm_reconciler.kube.retries import DEADLINE_SECONDS, LONGEST_WAIT_SECONDS, wait_seconds
from yardarm_reconciler.kube.transport import Request, Transport
from yardarm_reconciler.model.origin import FencedError, TransientError

GET = Request("GET", "/api/v1/x", {"limit": "1"})
LOST = ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))


class Pool:
    """Connections that answer from a script; the last answer repeats."""

    def __init__(self, *script):
        self.script = list(script)
        self.sent = []

    def request(self, method, url, **how):
        """Answer, or fail, as the script says."""
        self.sent.append((method, url, how))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step

    def clear(self):
        """Close nothing."""


class Watch:
    """A clock that moves when somebody sleeps."""

    def __init__(self):
        self.slept = []

    def now(self):
        """Some time."""
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self):
        """The time slept so far."""
        return sum(self.slept)

    def sleep(self, seconds):
        """Note it."""
        self.slept.append(seconds)


def response(status=200, body=None, **headers):
    """An answer with JSON."""
    sent = {"Content-Type": "application/json"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    content = body if isinstance(body, bytes) else orjson.dumps(body or {})
    return urllib3.HTTPResponse(content, sent, status)


def transport(*pools, fence=None):
    """A transport that logs in anew to the next pool."""
    numbered = iter(enumerate(pools, 1))
    watch = Watch()

    def login():
        number, pool = next(numbered)
        return Session("https://server", pool, lambda: f"Bearer {number}")

    return Transport(login, watch, lambda longest: longest, "yardarm/0", fence), watch


@pytest.mark.parametrize(
    "step",
    [
        response(429), response(502), response(503), response(504), response(500, {"message": "etcd is sad"}),
        response(200, b'{"cut'), response(200, b"<html>", Content_Type="text/html"),
        LOST, ReadTimeoutError(None, "", "timed out"), SSLError("EOF occurred in violation of protocol"),
    ],
)  # fmt: skip
def test_what_passes_by_itself_is_asked_again(step):
    """Answers about the server's state, and none at all, are not the request's fault."""
    pool = Pool(step, response(200, {"ok": True}))
    asked, watch = transport(pool)
    answer = asked.ask(GET)
    assert (answer.body, answer.attempts, len(watch.slept)) == ({"ok": True}, 2, 1)


@pytest.mark.parametrize(
    "step",
    [
        response(400), response(403), response(404, b"404 page not found", Content_Type="text/plain"),
        response(409), response(410), response(413), response(422),
        response(500, {"message": "failed to create typed patch object (x): .a: field not declared in schema"}),
        response(500, {"message": "failed to convert new object (x) to proper version"}),
    ],
)  # fmt: skip
def test_what_is_the_requests_own_fault_is_asked_once(step):
    """Asking again would give the same answer."""
    pool = Pool(step)
    asked, watch = transport(pool)
    assert asked.ask(GET).status == step.status
    assert (len(pool.sent), watch.slept) == (1, [])


def test_waiting_is_never_shorter_than_the_server_asked_for():
    """Retry-After is honoured, jitter comes on top."""
    asked, watch = transport(Pool(response(429, Retry_After="3"), response(200)))
    asked.ask(GET)
    assert watch.slept[0] >= 3


def test_waiting_grows_and_is_capped():
    """Twice as long each time, up to a limit."""
    waits = [wait_seconds(attempt, None, lambda longest: longest) for attempt in range(1, 9)]
    assert waits[:3] == [0.25, 0.5, 1.0]
    assert max(waits) == LONGEST_WAIT_SECONDS


@pytest.mark.parametrize("step", [response(503, {"message": "hunter2"}), LOST])
def test_there_is_an_end_to_asking(step):
    """At the deadline it fails with one safe sentence, without query or body."""
    asked, watch = transport(Pool(step))
    with pytest.raises(TransientError) as caught:
        asked.ask(GET)
    assert watch.monotonic() <= DEADLINE_SECONDS
    assert str(caught.value).startswith("GET /api/v1/x: ")
    assert "hunter2" not in str(caught.value)
    assert "limit" not in str(caught.value)


def test_a_server_that_asks_for_more_time_than_there_is_fails_at_once():
    """No sleep that would end after the deadline."""
    asked, watch = transport(Pool(response(503, Retry_After="3600")))
    with pytest.raises(TransientError):
        asked.ask(GET)
    assert watch.slept == []


def test_refused_credentials_are_read_anew_once():
    """A token that was rotated costs one more request."""
    old, new = Pool(response(401)), Pool(response(200, {"ok": True}))
    asked, watch = transport(old, new)
    assert asked.ask(GET).body == {"ok": True}
    assert new.sent[0][2]["headers"]["Authorization"] == "Bearer 2"
    assert watch.slept == []


def test_a_token_is_asked_for_now_and_then():
    """Not for every request, but often enough for one that is replaced in a mounted file."""
    tokens = iter(["1", "2"])
    pool, watch = Pool(response(200)), Watch()
    session = Session("https://server", pool, lambda: next(tokens))
    asked = Transport(lambda: session, watch, lambda longest: longest, "yardarm/0")
    for seconds in (0, 5, 6):
        watch.sleep(seconds)
        asked.ask(GET)
    assert [how["headers"]["Authorization"] for _, _, how in pool.sent] == ["1", "1", "2"]


def test_credentials_refused_twice_are_an_error():
    """They are not tried for ever."""
    asked, _ = transport(Pool(response(401)), Pool(response(401)))
    with pytest.raises(TransientError, match="credentials"):
        asked.ask(GET)


def test_a_redirect_is_not_followed():
    """Our token goes to the server that we were told of, and to no other."""
    pool = Pool(response(307, Location="https://elsewhere/"))
    asked, _ = transport(pool)
    with pytest.raises(TransientError, match="redirect"):
        asked.ask(GET)
    assert len(pool.sent) == 1
    assert pool.sent[0][2]["redirect"] is False


def test_a_certificate_that_is_not_trusted_is_told_at_once():
    """Waiting makes no certificate better."""
    pool = Pool(SSLError(ssl.SSLCertVerificationError("self-signed")))
    asked, _ = transport(pool)
    with pytest.raises(TransientError, match="certificate"):
        asked.ask(GET)
    assert len(pool.sent) == 1


def test_every_request_says_who_asks_and_has_limits():
    """User-Agent, token, timeouts, and none of urllib3's own retries."""
    pool = Pool(response(200))
    asked, _ = transport(pool)
    asked.ask(Request("PATCH", "/x", {"a": "b c"}, {"b": 1}, "application/apply-patch+yaml"))
    method, url, how = pool.sent[0]
    assert (method, url, [*how["body"]]) == ("PATCH", "https://server/x?a=b+c", [b'{"b":1}'])
    assert how["headers"]["Content-Length"] == "7"
    assert how["headers"]["User-Agent"] == "yardarm/0"
    assert how["headers"]["Content-Type"] == "application/apply-patch+yaml"
    assert (how["timeout"].connect_timeout, how["timeout"].read_timeout, how["retries"]) == (3, 15, False)


PATCH = Request("PATCH", "/x", {}, {"b": 1})


def test_a_write_is_not_sent_when_the_fence_has_fallen():
    """Reads and dry-runs change nothing and go on."""
    pool = Pool(response(200))
    asked, _ = transport(pool, fence=lambda: -0.5)
    for harmless in (GET, Request("PATCH", "/x", {"dryRun": "All"}, {"b": 1})):
        asked.ask(harmless)
    for write in (
        PATCH,
        Request("DELETE", "/x", {}, {}),
        Request("POST", "/x", {}, {}),
        Request("PUT", "/x", {}, {}),
    ):
        with pytest.raises(FencedError):
            asked.ask(write)
    assert len(pool.sent) == 2


def test_a_write_lies_within_the_lease():
    """What is left of the lease is the longest that it may be under way."""
    pool = Pool(response(200))
    asked, _ = transport(pool, fence=lambda: 4.0)
    asked.ask(PATCH)
    assert pool.sent[0][2]["timeout"].read_timeout == 4


def test_a_write_is_not_tried_again_when_the_fence_has_fallen_meanwhile():
    """The first attempt may have been carried out; a second one would be another's to make."""
    left = iter([3.0, -1.0])
    pool = Pool(LOST)
    asked, _ = transport(pool, fence=lambda: next(left))
    with pytest.raises(FencedError):
        asked.ask(PATCH)
    assert len(pool.sent) == 1


def test_the_fence_has_the_last_word_before_the_body_leaves():
    """A process that was stopped between the look at the fence and the sending sends headers at most."""
    left = iter([3.0, -1.0])
    pool = Pool(response(200))
    asked, _ = transport(pool, fence=lambda: next(left))
    asked.ask(PATCH)
    with pytest.raises(FencedError):
        list(pool.sent[0][2]["body"])
