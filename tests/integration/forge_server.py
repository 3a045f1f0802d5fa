"""GitHub's and GitLab's APIs for comments on the loopback interface, as they are documented; told to misbehave, they do."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

GITHUB = "/repos/acme/models/issues/7/comments"
GITHUB_ONE = "/repos/acme/models/issues/comments/"
GITLAB = "/api/v4/projects/acme%2Fmodels/merge_requests/7/notes"
TOKEN = "t0ken"  # noqa: S105 - of a server that lives as long as a test
PAGE = 2
"""Comments a page, whatever is asked for: as little as makes several."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One answer that is not what was asked for; ``done`` where the request was carried out before it."""

    method: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    done: bool = False


@dataclass
class Forge:
    """A pull request with its comments, the oldest first, and what was asked of it."""

    url: str
    me: str = "github-actions[bot]"
    comments: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def say(self, login: str, body: str) -> dict[str, Any]:
        """Somebody adds a comment."""
        number = len(self.comments) + 1
        made = {
            "id": number,
            "body": body,
            "html_url": f"https://example.com/7#{number}",
            "user": {"login": login},
            "author": {"id": login},
            "system": login == "gitlab",
        }
        self.comments.append(made)
        return made

    @property
    def said(self) -> list[str]:
        """Bodies of all comments."""
        return [each["body"] for each in self.comments]

    @property
    def written(self) -> list[str]:
        """Methods of requests that write."""
        return [each.split(" ")[0] for each in self.asked if not each.startswith("GET")]


@contextlib.contextmanager
def forge() -> Iterator[Forge]:
    """A server for as long as a test needs it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    state = Forge(f"http://127.0.0.1:{server.server_port}")
    server.forge = state  # type: ignore[attr-defined] # where the handler finds it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    @property
    def forge(self) -> Forge:
        return self.server.forge  # type: ignore[attr-defined,no-any-return] # as above

    def log_message(self, *_: object) -> None:
        """Tests look at what was asked instead."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.forge.asked.append(f"{self.command} {self.path}")
        if TOKEN not in (self.headers.get("Authorization") or "") + (self.headers.get("PRIVATE-TOKEN") or ""):
            self._answer(401, {"message": "Bad credentials"})
            return
        fault = next((each for each in self.forge.faults if each.method == self.command), None)
        if fault is not None:
            self.forge.faults.remove(fault)
            if fault.done:
                self._do(body)
            self._answer(fault.status, {"message": "as it was told"}, dict(fault.headers))
            return
        self._answer(*self._do(body))

    do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815 - names that http.server looks for

    def _do(self, body: bytes) -> tuple[int, object, dict[str, str]]:
        path = urlsplit(self.path).path
        match self.command:
            case "GET" if path == "/api/v4/user":
                return 200, {"id": self.forge.me}, {}
            case "GET" if path in {GITHUB, GITLAB}:
                return self._page(path)
            case "POST" if path in {GITHUB, GITLAB}:
                return 201, self.forge.say(self.forge.me, json.loads(body)["body"]), {}
            case "PATCH" | "PUT" if path.startswith(GITHUB_ONE if self.command == "PATCH" else f"{GITLAB}/"):
                comment = self.forge.comments[int(path.rpartition("/")[2]) - 1]
                comment["body"] = json.loads(body)["body"]
                return 200, comment, {}
        return 404, {"message": "Not Found"}, {}

    def _page(self, path: str) -> tuple[int, object, dict[str, str]]:
        number = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        shown = self.forge.comments[(number - 1) * PAGE : number * PAGE]
        link = (
            f'<{self.forge.url}{path}?page={number + 1}>; rel="next", <{self.forge.url}{path}>; rel="first"'
        )
        return 200, shown, {"Link": link} if number * PAGE < len(self.forge.comments) else {}

    def _answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
