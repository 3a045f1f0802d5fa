"""Who is heard, and who is not: no socket, and time that is set."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yardarm_reconciler.server.listener import Request
from yardarm_reconciler.server.webhook import BURST, REMEMBERED, Provider, Webhook

SECRET = b"a-secret-of-some-length"
BODY = b'{"ref": "refs/heads/main"}'


class Clock:
    """Time that is set."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        """Some time."""
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        """As it was set."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.time += seconds


class Site:
    """A webhook with secrets for all, and what it woke."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.woken: list[str | None] = []
        self.file = folder / "secret"
        self.file.write_bytes(SECRET + b"\n")
        self.hook = Webhook(dict.fromkeys(Provider, self.file), self.wake, self.clock)

    def wake(self, source: str | None) -> bool:
        """There is one source."""
        self.woken.append(source)
        return source in {None, "models"}

    def status(
        self, path: str, headers: dict[str, str], body: bytes = BODY, method: str = "POST"
    ) -> HTTPStatus:
        """What is answered to a call."""
        return self.hook(Request(method, path, headers, body)).status


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """As above."""
    return Site(tmp_path)


def signed(body: bytes = BODY, secret: bytes = SECRET) -> str:
    """The signature of a body."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


RIGHT = {
    Provider.GITHUB: {"x-hub-signature-256": signed(), "x-github-event": "push"},
    Provider.GITLAB: {"x-gitlab-token": SECRET.decode(), "x-gitlab-event-uuid": "1"},
    Provider.GENERIC: {"x-signature": signed()},
}
FORGED = [
    {},
    {"x-hub-signature-256": ""},
    {"x-hub-signature-256": "sha256="},
    {"x-hub-signature-256": signed(secret=b"another-secret-0")},
    {"x-hub-signature-256": signed(body=b"{}")},
    {"x-hub-signature-256": signed().removeprefix("sha256=")},
    {"x-hub-signature": signed()},
    {"x-signature": signed(secret=b"")},
    {"x-gitlab-token": ""},
    {"x-gitlab-token": SECRET.decode()[:-1]},
    {"x-gitlab-token": "\ud800"},
    {"x-gitlab-token": signed()},
]


@pytest.mark.parametrize("provider", Provider)
def test_who_proves_it_is_heard(site: Site, provider: Provider):
    """All sources are looked at, or the one that the path names."""
    assert site.status(f"/webhook/{provider}", RIGHT[provider]) is HTTPStatus.ACCEPTED
    other = {Provider.GITLAB: {"x-gitlab-token": SECRET.decode()}}.get(
        provider, {**RIGHT[provider], "x-signature": signed(b"{}"), "x-hub-signature-256": signed(b"{}")}
    )
    assert site.status(f"/webhook/{provider}/models", other, b"{}") is HTTPStatus.ACCEPTED
    assert site.woken == [None, "models"]


@pytest.mark.parametrize("provider", Provider)
@pytest.mark.parametrize("headers", FORGED)
def test_a_forged_call_is_not_heard(site: Site, provider: Provider, headers: dict[str, str]):
    """Without the secret, with another one, of another body, or in another's form."""
    assert site.status(f"/webhook/{provider}", headers) is HTTPStatus.UNAUTHORIZED
    assert site.woken == []


@pytest.mark.parametrize("provider", Provider)
def test_a_call_that_came_before_is_not_heard_again(site: Site, provider: Provider):
    """Whoever has listened in learns nothing that is worth sending."""
    assert site.status(f"/webhook/{provider}", RIGHT[provider]) is HTTPStatus.ACCEPTED
    assert site.status(f"/webhook/{provider}", RIGHT[provider]) is HTTPStatus.CONFLICT
    assert len(site.woken) == 1


def test_too_many_calls_are_not_heard(site: Site):
    """A git server that has gone mad costs a look a second; what was refused so may come again."""
    bodies = [b'{"n": %d}' % number for number in range(BURST + 2)]
    said = [site.status("/webhook/generic", {"x-signature": signed(body)}, body) for body in bodies]
    assert said == [HTTPStatus.ACCEPTED] * BURST + [HTTPStatus.TOO_MANY_REQUESTS] * 2
    site.clock.sleep(1.5)
    late = bodies[-1]
    assert site.status("/webhook/generic", {"x-signature": signed(late)}, late) is HTTPStatus.ACCEPTED


def test_what_is_remembered_is_bounded(site: Site):
    """Memory does not grow with the calls."""
    for number in range(REMEMBERED + 10):
        site.clock.sleep(1)
        body = b'{"n": %d}' % number
        site.status("/webhook/generic", {"x-signature": signed(body)}, body)
    assert len(site.hook._known) == REMEMBERED


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"{", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_malformed_body_is_refused_though_it_is_signed(site: Site, body: bytes):
    """Nothing of it would be used; but it shows that something else is wrong."""
    assert site.status("/webhook/generic", {"x-signature": signed(body)}, body) is HTTPStatus.BAD_REQUEST
    assert site.woken == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/webhook/github", HTTPStatus.METHOD_NOT_ALLOWED),
        ("POST", "/webhook/bitbucket", HTTPStatus.NOT_FOUND),
        ("POST", "/webhook/github/", HTTPStatus.NOT_FOUND),
        ("POST", "/webhook/github/../models", HTTPStatus.NOT_FOUND),
        ("POST", "/", HTTPStatus.NOT_FOUND),
        ("POST", "/webhook/github/unknown", HTTPStatus.NOT_FOUND),
    ],
)
def test_other_paths_and_methods_are_refused(site: Site, method: str, path: str, status: HTTPStatus):
    """There is nothing else here."""
    assert site.status(path, RIGHT[Provider.GITHUB], method=method) is status


def test_a_ping_is_answered_and_wakes_nobody(site: Site):
    """GitHub asks whether we are there."""
    headers = RIGHT[Provider.GITHUB] | {"x-github-event": "ping"}
    assert site.status("/webhook/github", headers) is HTTPStatus.OK
    assert site.woken == []


@pytest.mark.parametrize("content", [None, b"", b"short", b" " * 40, b"x" * 5000])
def test_without_a_secret_nobody_is_heard(site: Site, content: bytes | None):
    """Not even who proves it by an empty one."""
    if content is None:
        site.file.unlink()
    else:
        site.file.write_bytes(content)
    for secret in (SECRET, b"", content or b""):
        headers = {"x-signature": signed(secret=secret)}
        assert site.status("/webhook/generic", headers) is HTTPStatus.SERVICE_UNAVAILABLE


def test_a_secret_that_rotates_counts_at_once(site: Site):
    """It is read at every call."""
    site.file.write_bytes(b"the-next-secret-there-is")
    assert site.status("/webhook/generic", RIGHT[Provider.GENERIC]) is HTTPStatus.UNAUTHORIZED
    headers = {"x-signature": signed(secret=b"the-next-secret-there-is")}
    assert site.status("/webhook/generic", headers) is HTTPStatus.ACCEPTED


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.one_of(st.text(), st.sampled_from([f"/webhook/{each}" for each in Provider])),
    headers=st.dictionaries(
        st.sampled_from(["x-hub-signature-256", "x-gitlab-token", "x-signature", "x-github-event"]), st.text()
    ),
    body=st.binary(max_size=64),
)
def test_nothing_that_is_sent_breaks_it(site: Site, path: str, headers: dict[str, str], body: bytes):
    """Any text, any bytes: an answer, and nobody is woken."""
    assert site.status(path, headers, body) in {HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED}
    assert site.woken == []
