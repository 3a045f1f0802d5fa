"""An HTTP server with a limit on everything: bytes, seconds, and callers at one time.

One request a connection. Whoever is slow is cut off as a whole, not a read at a time: a byte a second would otherwise
hold a thread for days.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from yardarm_reconciler.model.trace import without_values

LOG = logging.getLogger(__name__)

CLOSING_SECONDS = 0.1
"""How often it is looked whether to end: as long may closing take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a caller may take: bytes of a body, seconds for a whole request, and callers at one time."""

    body_bytes: int = 1024 * 1024
    seconds: float = 5.0
    callers: int = 32


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Names of headers are in lower case; ``path`` is without its ``query``."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)
    query: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered: a plain line, by default that of the status, or ``content`` as it is."""

    status: HTTPStatus
    text: str = ""
    content: bytes | None = field(default=None, repr=False)
    kind: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Response]

_Accepted: TypeAlias = socket.socket | tuple[bytes, socket.socket]


class Listener:
    """Answers at an address until it is closed.

    Raises:
        OSError: the address is taken, or is not this machine's.
    """

    def __init__(self, host: str, port: int, handler: Handler, limits: Limits | None = None) -> None:
        self._server = _Server(host, port, handler, limits or Limits())
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(CLOSING_SECONDS,), name="http", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port; where 0 was asked for, the one that the system chose."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # who is slow must not keep the program from ending

    def __init__(self, host: str, port: int, handler: Handler, limits: Limits) -> None:
        self.handler = handler
        self.limits = limits
        self._places = threading.BoundedSemaphore(limits.callers)
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Caller)

    def process_request(self, request: _Accepted, client_address: object) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: _Accepted, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: _Accepted, client_address: object) -> None:
        """Whoever went away, or was cut off, is no news."""
        del request
        LOG.debug("a caller at %s was cut off", client_address)


class _Caller(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.0"
    default_request_version = "HTTP/1.0"  # an error is answered with its status, whatever came

    def setup(self) -> None:
        super().setup()
        until = time.monotonic() + self.server.limits.seconds
        self.connection.settimeout(self.server.limits.seconds)
        self.rfile = io.BufferedReader(_InTime(self.connection, until))

    def _answer(self) -> None:
        body = self._body()
        if isinstance(body, Response):
            self._send(body)
            return
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            response = self.server.handler(Request(self.command, path, headers, body, query))
        except Exception as error:  # noqa: BLE001 - what one caller sends must not be heard by the others
            response = _bug(error)
        self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

    def _body(self) -> bytes | Response:
        """The body, or why it is not read."""
        if "Transfer-Encoding" in self.headers:
            return Response(HTTPStatus.LENGTH_REQUIRED, "say how long the body is")
        lengths = self.headers.get_all("Content-Length", [])
        if not lengths:
            return b"" if self.command in {"GET", "HEAD"} else Response(HTTPStatus.LENGTH_REQUIRED)
        if len(set(lengths)) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
            return Response(HTTPStatus.BAD_REQUEST, "the length of the body is no number")
        length = int(lengths[0])
        if length > self.server.limits.body_bytes:
            return Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = self.rfile.read(length)
        return body if len(body) == length else Response(HTTPStatus.BAD_REQUEST, "the body is cut short")

    def _send(self, response: Response) -> None:
        line = f"{response.text or response.status.phrase}\n".encode()
        content = line if response.content is None else response.content
        self.send_response(response.status)
        self.send_header("Content-Type", response.kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and response.status is not HTTPStatus.NOT_MODIFIED:
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no proper request, without repeating any of it."""
        del message, explain
        self.close_connection = True
        self._send(Response(HTTPStatus(code)))

    def version_string(self) -> str:
        """What we are, and nothing of what we are made of."""
        return "yardarm"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing: a caller chooses what would be said."""


def _bug(error: Exception) -> Response:
    LOG.error("a bug in Yardarm\n%s", without_values(error))
    return Response(HTTPStatus.INTERNAL_SERVER_ERROR)


class _InTime(socket.SocketIO):
    """Reads a socket until a time, and not beyond."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        super().__init__(connection, "r")
        self._connection = connection
        self._until = until

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - whatever can be written to; it has no name in 3.11
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(left)
        return super().readinto(buffer)
