"""Requests to one API server: connections, credentials, deadlines, and our own table of retries.

Why not the package's own: its retries know GET only, it follows redirects, it has no timeout unless given one,
and its exceptions print bodies that may hold secrets.
"""

from __future__ import annotations

import contextlib
import math
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlencode

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from yardarm_reconciler.kube.login import Login, Session
from yardarm_reconciler.kube.pacing import Pace
from yardarm_reconciler.kube.retries import DEADLINE_SECONDS, Jitter, passes_by_itself, wait_seconds
from yardarm_reconciler.model.manifest import Object
from yardarm_reconciler.model.origin import FencedError, TransientError, UserError
from yardarm_reconciler.ports import Clock

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"

Fence = Callable[[], float]
"""Seconds for which what is sent now is ours to send; nothing or less where it is not."""

_CONNECT_SECONDS = 3.0
_SHORTEST_SECONDS = 0.1
_READ_SECONDS = 15.0
_PART_BYTES = 64 * 1024
_TOKEN_SECONDS = 10.0
"""How long a token is used before the package is asked for it again, which costs a tenth of a request's CPU."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer that is worth looking at. ``body`` is empty where it was no JSON object.

    ``attempts`` above 1 means that an earlier one may have been carried out, its answer lost. ``date`` is the server's
    time, as HTTP writes it; empty where it was not told.
    """

    status: int
    body: Mapping[str, Any]
    attempts: int = 1
    date: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the server did what was asked."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask; sent as often as it takes."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Object | Sequence[Object] | None = None
    content_type: str = JSON
    accept: str = JSON

    @property
    def writes(self) -> bool:
        """Whether it changes something in the cluster."""
        return self.method != "GET" and "dryRun" not in self.query

    def __str__(self) -> str:
        """Give what may be told to people: no query and no body."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class _Body:
    """The bytes of a request, which wait for a last word before they leave: headers alone do nothing.

    Between the look at the fence and here a process may have been stopped for minutes.
    """

    data: bytes
    allowed: Callable[[], float]

    def __iter__(self) -> Iterator[bytes]:
        self.allowed()
        yield self.data


class Stream:
    """An answer that goes on: one JSON object a line, until either side ends it."""

    def __init__(self, response: urllib3.BaseHTTPResponse, name: str) -> None:
        self._response = response
        self._name = name
        self._ended = threading.Event()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Each object as it comes; ends where the server ends it, or after :meth:`end`.

        Raises:
            TransientError: the connection broke, fell silent, or brought something else.
        """
        rest = b""
        try:
            for part in self._response.stream(_PART_BYTES):
                *whole, rest = (rest + part).split(b"\n")
                for line in whole:
                    yield orjson.loads(line)
        except (HTTPError, OSError, ValueError) as error:
            if not self._ended.is_set():
                raise TransientError(f"{self._name}: broken off ({type(error).__name__})") from error
        finally:
            self._response.close()

    def end(self) -> None:
        """Wake whoever reads it, from another thread; there is nothing more to come."""
        self._ended.set()
        # Where its reader was faster, it is closed already.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self._response.shutdown()


class Transport:
    """One API server under one set of credentials. Safe to use from many threads.

    Args:
        login: reads the credentials, now and whenever the server stops to take them.
        clock: for deadlines and waiting.
        jitter: ``lambda longest: random.uniform(0, longest)``.
        agent: User-Agent, ``yardarm/<version>``.
        fence: seconds for which writes are allowed to leave, asked before each; none where nobody else may write.

    Raises:
        UserError: there are no such credentials.
    """

    def __init__(
        self, login: Login, clock: Clock, jitter: Jitter, agent: str, fence: Fence | None = None
    ) -> None:
        self._fence = fence
        self._login = login
        self._clock = clock
        self._jitter = jitter
        self._agent = agent
        self._pace = Pace()
        self._credentials = threading.Lock()
        self._session = login()
        self._token: tuple[Session | None, str | None, float] = (None, None, 0.0)

    def ask(self, request: Request, seconds: float = DEADLINE_SECONDS) -> Answer:
        """Ask until there is an answer about the request itself: accepted, or refused for its own sake.

        A write is given up, in whatever attempt, when the fence falls.

        Raises:
            TransientError: there was none within so many seconds; whether it was carried out is not known.
            FencedError: it is not ours to send any more; whether an earlier attempt was carried out is not known.
        """
        body = self._body(request)
        deadline = self._clock.monotonic() + seconds
        attempt = 0
        renewed = False
        while True:
            attempt += 1
            session = self._session
            left = min(deadline - self._clock.monotonic(), self._allowed(request))
            response, trouble = self._send(session, request, body, longest=left)
            retry_after = None
            if response is not None:
                answer, trouble = _read(response, attempt)
                if answer is not None and answer.status == HTTPStatus.UNAUTHORIZED and not renewed:
                    renewed = True
                    self._renew(session)
                    continue
                if answer is not None:
                    return _worth_looking_at(answer, request)
                retry_after = response.headers.get("Retry-After")
            wait = wait_seconds(attempt, retry_after, self._jitter)
            if self._clock.monotonic() + wait >= deadline:
                raise TransientError(f"{request}: {trouble}, after {attempt} attempts")
            self._clock.sleep(wait)

    def stream(self, request: Request, silence: float) -> Stream | Answer:
        """Ask once for an answer that goes on and on; the answer itself where it is a refusal.

        ``silence`` is how many seconds may pass without a byte.

        Raises:
            TransientError: there was no answer.
        """
        session = self._session
        response, trouble = self._send(session, request, None, silence)
        if response is None:
            raise TransientError(f"{request}: {trouble}")
        if response.status == HTTPStatus.OK:
            return Stream(response, str(request))
        answer, trouble = _read(response, 1)
        response.release_conn()
        if answer is None:
            raise TransientError(f"{request}: {trouble}")
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._renew(session)
        return _worth_looking_at(answer, request)

    def close(self) -> None:
        """Close the connections."""
        self._session.pool.clear()

    def _allowed(self, request: Request) -> float:
        """Seconds for which a request may be under way; without end for all that writes nothing."""
        if self._fence is None or not request.writes:
            return math.inf
        left = self._fence()
        if left <= 0:
            raise FencedError(f"{request}: not sent, the lease of the cluster has run out")
        return left

    def _body(self, request: Request) -> _Body | None:
        if request.body is None:
            return None
        return _Body(orjson.dumps(request.body), lambda: self._allowed(request))

    def _send(
        self,
        session: Session,
        request: Request,
        body: _Body | None,
        silence: float | None = None,
        longest: float = _READ_SECONDS,
    ) -> tuple[urllib3.BaseHTTPResponse | None, str]:
        """Send once: a response with its whole body, or what went wrong on the way.

        With ``silence`` the body is left to be read, and each part of it may take so many seconds.
        """
        longest = min(max(longest, _SHORTEST_SECONDS), _READ_SECONDS)
        url = session.url + request.path + ("?" + urlencode(request.query) if request.query else "")
        try:
            # What goes on for minutes, or waits so long for its first byte, takes nobody's turn.
            with self._pace.turn() if silence is None else contextlib.nullcontext():
                response = session.pool.request(
                    request.method,
                    url,
                    body=body,
                    headers=self._headers(session, request, body),
                    retries=False,
                    # Whoever can answer in the server's place must not learn our token.
                    redirect=False,
                    timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, longest), read=silence or longest),
                    preload_content=silence is None,
                )
        except HTTPError as error:
            if _distrusts(error):
                raise TransientError(f"{request}: the API server's certificate is not trusted") from error
            return None, f"no whole answer ({type(error).__name__})"
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._pace.slower()
        elif response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._pace.faster()
        return response, ""

    def _headers(self, session: Session, request: Request, body: _Body | None) -> dict[str, str]:
        headers = {"User-Agent": self._agent, "Accept": request.accept}
        if body is not None:
            headers["Content-Type"] = request.content_type
            headers["Content-Length"] = str(len(body.data))
        bearer = self._bearer(session)
        if bearer:
            headers["Authorization"] = bearer
        return headers

    def _bearer(self, session: Session) -> str | None:
        """The token, asked for again every few seconds: refreshing may read files and run programs."""
        with self._credentials:
            owner, token, until = self._token
            if owner is not session or self._clock.monotonic() >= until:
                token = session.bearer()
                self._token = (session, token, self._clock.monotonic() + _TOKEN_SECONDS)
        return token

    def _renew(self, stale: Session) -> None:
        """Log in again, once for all threads that were refused with the same credentials."""
        with self._credentials:
            if self._session is stale:
                try:
                    self._session = self._login()
                except UserError as error:
                    # They were there when we began: a mounted file is being replaced.
                    raise TransientError(f"credentials cannot be read again: {error}") from error
                stale.pool.clear()


def _read(response: urllib3.BaseHTTPResponse, attempt: int) -> tuple[Answer | None, str]:
    """The answer, or why to ask again."""
    text = response.data
    is_json = response.headers.get("Content-Type", "").startswith(JSON)
    try:
        body = orjson.loads(text) if is_json else {}
    except orjson.JSONDecodeError:
        return None, "the answer was cut off"
    if not isinstance(body, dict):
        body = {}
    if passes_by_itself(response.status, str(body.get("message", ""))):
        return None, f"the API server answered {response.status}"
    if response.status < HTTPStatus.MULTIPLE_CHOICES and not is_json:
        return None, "something answered that is no API server"
    return Answer(response.status, body, attempt, response.headers.get("Date", "")), ""


def _worth_looking_at(answer: Answer, request: Request) -> Answer:
    if answer.status == HTTPStatus.UNAUTHORIZED:
        _fail(request, "the API server does not take our credentials")
    if HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST:
        _fail(request, f"redirected ({answer.status}), which we do not follow")
    return answer


def _fail(request: Request, why: str) -> NoReturn:
    raise TransientError(f"{request}: {why}")


def _distrusts(error: BaseException | None) -> bool:
    """Tell whether TLS failed for the certificate's sake: waiting does not help, asking again even less."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError) or any(
            isinstance(argument, ssl.SSLCertVerificationError) for argument in error.args
        ):
            return True
        error = error.__cause__ or error.__context__
    return False
