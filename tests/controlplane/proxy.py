"""A proxy in front of one API server that breaks requests by rule: the network's faults, on demand.

It speaks HTTP/1.1 over TLS with the control plane's own certificate, keeps connections open and
streams watches. It does not upgrade connections (exec, port-forward).
"""

import http.client
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from tests.controlplane.client import Api, Object, connect
from tests.controlplane.configuration import write_kubeconfig
from tests.controlplane.environment import Environment
from tests.controlplane.faults import (
    Action,
    Call,
    Delay,
    Faults,
    HalfOpen,
    Mute,
    Refuse,
    ResetAfter,
    ResetBefore,
    Truncate,
)
from tests.controlplane.waiting import wait_until

CHUNK_BYTES = 64 * 1024
# They belong to one connection, not to the message (RFC 9110, 7.6.1); framing is made anew.
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te"})
# SO_LINGER on, zero seconds: close() then sends RST instead of FIN.
LINGER_ZERO = struct.pack("ii", 1, 0)
REASONS = {429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: its address, and the faults that a test adds and takes away."""

    environment: Environment
    url: str
    faults: Faults

    def api(self, token: str | None = None) -> Api:
        """Return a client that goes through the proxy, the admin's unless a token is given."""
        return connect(self.url, ca=self.environment.ca_file, token=token or self.environment.admin_token)

    def write_kubeconfig(self, file: Path, *, token: str) -> Path:
        """Write a kubeconfig that goes through the proxy; its context has the environment's name."""
        name, ca = self.environment.name, self.environment.ca_file
        return write_kubeconfig(file, name=name, url=self.url, ca=ca, token=token)


@contextmanager
def fault_proxy(environment: Environment) -> Iterator[Proxy]:
    """Run a proxy in front of an environment's API server; without rules it changes nothing.

    Raises:
        NotReadyError: on leaving, a connection was not closed within 60 seconds.
    """
    server = _Server(environment)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Proxy(environment, f"https://127.0.0.1:{server.server_port}", server.faults)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        server.close_connections()


@dataclass(slots=True)
class _Sockets:
    """The open sockets of both sides, so that leaving the proxy wakes every thread that waits on one."""

    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def hold(self, one: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(one)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(one)

    def shut_down(self) -> bool:
        """Wake all threads; whether none is left."""
        with self._lock:
            for one in self._open:
                # A peer that was killed has reset it already: its thread wakes by itself.
                with suppress(OSError):
                    # Not SSLSocket's own, which throws away the TLS state another thread is using.
                    socket.socket.shutdown(one, socket.SHUT_RDWR)
            return not self._open


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, environment: Environment):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = Faults()
        self.sockets = _Sockets()
        self._upstream = urlsplit(environment.url)
        self._trust = ssl.create_default_context(cafile=str(environment.ca_file))
        files = environment.certificates
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(files.server, files.server_key)
        # The handshake is left to the connection's thread: a frozen client must not stop the others.
        self.socket = serving.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @contextmanager
    def upstream(self) -> Iterator[http.client.HTTPSConnection]:
        """Connect to the API server, anew for each request: no idle connection that may have died."""
        host, port = self._upstream.hostname or "", self._upstream.port
        connection = http.client.HTTPSConnection(host, port, context=self._trust)
        try:
            connection.connect()
            with self.sockets.hold(connection.sock):
                yield connection
        finally:
            connection.close()

    def shutdown_request(self, request: Any) -> None:
        # The inherited one shuts down first, which sends FIN: a reset would never be one.
        request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a client that went away is no news
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        wait_until("the proxy's connections closed", self.sockets.shut_down)


class _Handler(BaseHTTPRequestHandler):
    """One client connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else headers and body, written apart, wait 40 ms for one another

    def handle(self) -> None:
        with self.server.sockets.hold(self.connection):
            super().handle()

    def _relay(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            self.send_error(411)  # no client that we know sends such a body to an API server
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        actions = self.server.faults.actions(self.command, self.path)
        if not all(self._goes_on(action) for action in actions):
            return
        try:
            with self.server.upstream() as connection:
                self._forward(connection, body)
                self._answer(connection.getresponse(), actions)
        except (OSError, http.client.HTTPException):
            self._reset()  # what the client would have seen without us

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _relay  # noqa: N815 - http.server looks for these names

    def _goes_on(self, action: Action) -> bool:
        """Do what comes before the request is forwarded; whether it still is to be."""
        match action:
            case Delay(seconds):
                time.sleep(seconds)
            case Call("before", function):
                function()
            case ResetBefore():
                self._reset()
                return False
            case HalfOpen(forwarded=False):
                self._wait_for_the_end()
                return False
            case Refuse():
                self._refuse(action)
                return False
        return True

    def _forward(self, connection: http.client.HTTPSConnection, body: bytes) -> None:
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():  # one by one: Impersonate-Group comes several times
            if name.lower() not in HOP_BY_HOP:
                connection.putheader(name, value)
        if body or self.command != "GET":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)

    def _answer(self, answer: http.client.HTTPResponse, actions: Sequence[Action]) -> None:
        after = [each for each in actions if isinstance(each, (Call, ResetAfter, HalfOpen, Truncate))]
        if not after and answer.length is None:
            self._stream(answer, [each for each in actions if isinstance(each, Mute)])
            return
        content = answer.read()  # in full: the write is committed, and its answer is here
        passed_on = len(content)
        for action in after:
            match action:
                case Call("after", function):
                    function()
                case ResetAfter():
                    self._reset()
                    return
                case HalfOpen():
                    self._wait_for_the_end()
                    return
                case Truncate(body_bytes):
                    passed_on = min(passed_on, body_bytes)
                    self.close_connection = True
        self._head(answer, ("Content-Length", str(len(content))))
        self.wfile.write(content[:passed_on])

    def _stream(self, answer: http.client.HTTPResponse, mutes: Sequence[Mute]) -> None:
        self._head(answer, ("Transfer-Encoding", "chunked"))
        while part := answer.read1(CHUNK_BYTES):
            if not any(mute.once.is_set() for mute in mutes):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def _head(self, answer: http.client.HTTPResponse, framing: tuple[str, str]) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header(*framing)
        self.end_headers()

    def _refuse(self, action: Refuse) -> None:
        """Answer as the API server does: a Status, and Retry-After both as header and in the details."""
        status: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "code": action.code,
            "reason": REASONS.get(action.code, ""),
            "message": "refused by the test's proxy",
        }
        self.send_response_only(action.code)
        if action.retry_after_seconds is not None:
            self.send_header("Retry-After", str(action.retry_after_seconds))
            status["details"] = {"retryAfterSeconds": action.retry_after_seconds}
        content = orjson.dumps(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _wait_for_the_end(self) -> None:
        """Until the client has closed the connection, or the proxy ends."""
        self.rfile.read(1)
        self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: the audit log has it all."""
