"""Requests to a forge's API: with a deadline, patience where it asks for it, and a token that goes nowhere else."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3

from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.ports import Clock

DEADLINE_SECONDS = 90.0
"""For everything that one command asks: a job of a pipeline that waits longer is worse than one that fails."""

TIMEOUT_SECONDS = 15.0
WAITS_SECONDS = (1.0, 2.0, 4.0, 8.0)
"""Between attempts where nobody says how long; their number is that of further attempts."""

ALWAYS = {"Content-Type": "application/json", "User-Agent": "yardarm", "Connection": "close"}
"""Of every request; there are a handful, so that none needs the connection of another."""

LARGEST_BYTES = 16 * 1024 * 1024
MOST_PAGES = 100
"""Of a hundred comments each; who talks more than that in one place gets an error, not a second comment."""

_UNCHANGING = frozenset({"GET", "PUT", "PATCH"})
"""What may be asked twice though the first answer was lost."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and where the next page is."""

    body: Any
    next_page: str


@dataclass(slots=True)
class Api:
    """One API with one token.

    Args:
        url: its address.
        headers: what every request carries, the token among it.
        clock: for waits.
    """

    url: str
    headers: Mapping[str, str]
    clock: Clock
    _until: float = field(init=False)
    _pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        self._until = self.clock.monotonic() + DEADLINE_SECONDS
        self._pool = pool(self.url)

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """One answer of the API.

        Raises:
            UserError: it refuses; trying again would not help.
            TransientError: it does not answer in time, or is out of order. Of a POST nobody knows then what became.
        """
        url = path if "://" in path else f"{self.url.rstrip('/')}/{path}"
        if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
            raise UserError(f"{self.url} refers to another host; the token is not sent there", exit_code=2)
        waits = iter(WAITS_SECONDS)
        while True:
            problem, wait = self._try(method, url, body)
            if isinstance(problem, Answer):
                return problem
            pause = wait if wait is not None else next(waits, None)
            if pause is None or self.clock.monotonic() + pause > self._until:
                raise TransientError(f"{method} {url}: {problem}")
            self.clock.sleep(pause)

    def pages(self, path: str) -> Iterator[Any]:
        """Every item of a list that comes in pages."""
        following = path
        for _ in range(MOST_PAGES):
            answer = self.ask("GET", following)
            if not isinstance(answer.body, list):
                raise UserError(f"{self.url} answers with something else than a list", exit_code=2)
            yield from answer.body
            following = answer.next_page
            if not following:
                return
        raise UserError(f"there are more than {MOST_PAGES} pages of comments", exit_code=2)

    def _try(self, method: str, url: str, body: object) -> tuple[Answer | str, float | None]:
        """An answer; or what is wrong and how long to wait, None where that is for us to say."""
        try:
            answer = self._pool.request(
                method,
                url,
                body=orjson.dumps(body) if body is not None else None,
                headers={**ALWAYS, **self.headers},
                redirect=False,
                retries=False,
                timeout=TIMEOUT_SECONDS,
                preload_content=False,
            )
            data = answer.read(LARGEST_BYTES)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            problem = f"no answer ({type(error).__name__})"
            if method not in _UNCHANGING:
                raise TransientError(f"{method} {url}: {problem}") from None
            return problem, None
        status = answer.status
        if status in {200, 201}:
            return Answer(
                _json(data, url), answer.headers.get("Link", "") and _next(answer.headers["Link"])
            ), None
        limited = self._limited(status, answer.headers)
        if limited is not None:
            return f"answers {status}: too many requests", limited
        if status >= 500:  # noqa: PLR2004 - where a server's own errors begin
            if method not in _UNCHANGING:
                raise TransientError(f"{method} {url} answers {status}")
            return f"answers {status}", None
        raise UserError(f"{method} {url} answers {status}: {_said(data)}", exit_code=2)

    def _limited(self, status: int, headers: Mapping[str, str]) -> float | None:
        """How long a limit on requests asks to wait: then nothing was done.

        https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
        https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
        """
        after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
        exhausted = headers.get("X-RateLimit-Remaining") == "0"
        if status != 429 and not (status == 403 and (after or exhausted)):  # noqa: PLR2004 - HTTP's own numbers
            return None
        if after.isdecimal():
            return float(after)
        if reset.isdecimal():
            return max(1.0, int(reset) - self.clock.now().timestamp())
        return WAITS_SECONDS[-1]


def pool(url: str) -> urllib3.PoolManager:
    """Connections by the proxy that the environment names, if it names one."""
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname or ""
    proxy = urllib.request.getproxies().get(scheme)
    if proxy and not urllib.request.proxy_bypass(host):
        return urllib3.ProxyManager(proxy)
    return urllib3.PoolManager()


def _json(data: bytes, url: str) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise UserError(f"{url} answers with something else than JSON", exit_code=2) from None


def _next(link: str) -> str:
    """The address of the next page from a header Link (RFC 8288)."""
    for part in link.split(","):
        address, _, rest = part.partition(";")
        if 'rel="next"' in rest:
            return address.strip().removeprefix("<").removesuffix(">")
    return ""


def _said(data: bytes) -> str:
    """The message of a refusal, at most a line of it."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return "without a reason"
    message = found.get("message") or found.get("error") if isinstance(found, dict) else None
    return str(message or "without a reason")[:200]
