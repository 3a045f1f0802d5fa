"""A raw client: what tests assert with, and make drift with, without the code under test."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import orjson
import urllib3

TIMEOUT_SECONDS = 10.0
CONNECTIONS = 16  # kept open for as many threads; more may be used, and are closed after each request
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

Object = dict[str, Any]
Query = Mapping[str, str | int | bool]


class RefusedError(Exception):
    """The API server answered 400 or more; `answer` is what it said."""

    def __init__(self, request: str, answer: "Answer"):
        super().__init__(f"{request}: {answer.status} {answer.message}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came. `body` is empty where it was not JSON; `text` always holds it."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Object

    @property
    def message(self) -> str:
        """The server's own words."""
        return str(self.body.get("message", self.text))

    @property
    def reason(self) -> str:
        """The machine-readable reason of a Status, such as AlreadyExists; empty if there is none."""
        return str(self.body.get("reason", ""))

    @property
    def resource_version(self) -> str:
        """The object's metadata.resourceVersion."""
        return str(self.body["metadata"]["resourceVersion"])

    @property
    def causes(self) -> list[tuple[str, str]]:
        """The Status's causes as (reason, field)."""
        found = self.body.get("details", {}).get("causes", [])
        return [(each.get("reason", ""), each.get("field", "")) for each in found]


@dataclass(frozen=True, slots=True)
class Api:
    """One user's view of one API server. Paths are URL paths such as /api/v1/namespaces/x/pods."""

    url: str
    pool: urllib3.PoolManager
    token: str

    def request(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        *,
        query: Query | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return the answer, whatever its status.

        Raises:
            urllib3.exceptions.HTTPError: there was no whole answer; nothing is retried.
        """
        sent = {**self._headers(), "Content-Type": JSON, **(headers or {})}
        content = None if body is None else orjson.dumps(body)
        response = self.pool.request(method, self._address(path, query), body=content, headers=sent)
        text = response.data.decode()
        is_json = response.headers.get("Content-Type", "").startswith(JSON)
        return Answer(response.status, response.headers, text, orjson.loads(text) if is_json else {})

    def get(self, path: str) -> Object | None:
        """Return the object, or None if it does not exist (404 and nothing else)."""
        answer = self.request("GET", path)
        return None if answer.status == 404 else _accepted(f"GET {path}", answer)

    def list(self, path: str, **query: str) -> list[Object]:
        """Return a collection's items; `query` may hold labelSelector and the like."""
        answer = _accepted(f"GET {path}", self.request("GET", path, query=query))
        return list(answer["items"])

    def post(self, path: str, body: Object) -> Object:
        """Create an object in a collection and return it as stored."""
        return _accepted(f"POST {path}", self.request("POST", path, body))

    def patch(self, path: str, body: Object) -> Object:
        """Change an object by a JSON merge patch and return it: drift made by hand."""
        return _accepted(
            f"PATCH {path}", self.request("PATCH", path, body, headers={"Content-Type": MERGE_PATCH})
        )

    def apply(self, path: str, body: Object, **query: str | int | bool) -> Answer:
        """Server-side apply as field manager `test`, and return the answer, whatever its status."""
        return self.request(
            "PATCH",
            path,
            body,
            query={"fieldManager": "test", **query},
            headers={"Content-Type": APPLY_PATCH},
        )

    def delete(self, path: str) -> None:
        """Delete an object in the background; one that is not there is as good."""
        answer = self.request("DELETE", path, {"propagationPolicy": "Background"})
        if answer.status != 404:
            _accepted(f"DELETE {path}", answer)

    @contextmanager
    def watch(self, path: str, *, seconds: int, **query: str) -> Iterator[Iterator[Object]]:
        """Open a watch for at most some seconds; gives events as {"type": …, "object": …}."""
        asked: Query = {"watch": 1, "timeoutSeconds": seconds, **query}
        response = self.pool.request(
            "GET",
            self._address(path, asked),
            headers=self._headers(),
            preload_content=False,
            timeout=seconds + TIMEOUT_SECONDS,  # a watch is silent as long as nothing happens
        )
        try:
            yield (orjson.loads(line) for line in response)
        finally:
            response.close()
            response.release_conn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self.pool.clear()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": JSON}

    def _address(self, path: str, query: Query | None) -> str:
        if not query:
            return self.url + path
        plain = {
            key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in query.items()
        }
        return f"{self.url}{path}?{urlencode(plain)}"


def connect(url: str, *, ca: Path, token: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Api:
    """Return a client. Proxies from the environment are not used: all is on loopback."""
    timeout = urllib3.Timeout(connect=TIMEOUT_SECONDS, read=timeout_seconds)
    pool = urllib3.PoolManager(ca_certs=str(ca), retries=False, timeout=timeout, maxsize=CONNECTIONS)
    return Api(url, pool, token)


def _accepted(request: str, answer: Answer) -> Object:
    if answer.status >= 400:
        raise RefusedError(request, answer)
    return answer.body
