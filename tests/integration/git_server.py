"""Real git repositories, and a real git server on the loopback interface that can be told to misbehave."""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GIT = shutil.which("git") or "git"
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C",
} | {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"), ("DATE", "2026-01-02T03:04:05+01:00"))
}


def git(directory: Path, *arguments: str, given: bytes = b"") -> bytes:
    """Run git in a directory without anybody's configuration; give what it printed."""
    command = [GIT, *arguments]
    return subprocess.run(
        command, cwd=directory, env=_ENVIRONMENT, input=given, capture_output=True, check=True
    ).stdout


def bare(path: Path, *options: str) -> Path:
    """Make an empty bare repository whose HEAD is branch main."""
    path.mkdir(parents=True)
    git(path, "init", "-q", "--bare", "-b", "main", *options)
    return path


def commit(
    repository: Path,
    files: Mapping[str, bytes],
    *,
    branch: str = "main",
    parent: str = "",
    message: str = "A change",
) -> str:
    """Commit exactly these files to a branch, on top of ``parent`` (``""``: of the branch, ``"none"``: of nothing)."""
    ref = f"refs/heads/{branch}"
    known = git(repository, "for-each-ref", "--format=%(objectname)", ref).decode().strip()
    above = parent or known
    lines = [
        f"commit {ref}",
        "committer Ada <ada@example.com> 1767319445 +0100",
        f"data {len(message.encode())}",
    ]
    stream = "\n".join(lines).encode() + b"\n" + message.encode() + b"\n"
    if above and above != "none":
        stream += f"from {above}\n".encode()
    stream += b"deleteall\n"
    for name, content in files.items():
        stream += f"M 100644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n"
    if parent:
        git(repository, "update-ref", "-d", ref)
    git(repository, "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force", given=stream)
    return git(repository, "rev-parse", ref).decode().strip()


@dataclass
class GitServer:
    """A smart HTTP server for the repositories below ``root``.

    ``status`` other than 0 is answered to everything, with ``headers`` and ``body``; ``stall`` sends nothing,
    until the server is closed; ``break_after`` sends only so many bytes of each answer, ``drip`` one at a time.
    """

    root: Path
    url: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    echo: bool = False
    stall: bool = False
    stall_posts: bool = False
    break_after: int = -1
    drip: bool = False
    token: str = ""
    authorizations: list[str] = field(default_factory=list)
    posts: int = 0
    closing: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serve(root: Path, context: ssl.SSLContext | None = None) -> Iterator[GitServer]:
    """Serve the repositories below ``root`` on the loopback interface, over TLS where there is a context."""
    state = GitServer(root)

    class Handler(_Handler):
        git_server = state

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if context is not None:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        state.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            state.closing.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    git_server: GitServer

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self.git_server.posts += 1
        body = b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._answer(body)

    def handle(self) -> None:
        """Answer, until the client ends it, also where it does not trust us."""
        with contextlib.suppress(ssl.SSLError):
            super().handle()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        server = self.git_server
        authorization = self.headers.get("Authorization", "")
        server.authorizations.append(authorization)
        if server.stall or (server.stall_posts and self.command == "POST"):
            server.closing.wait(30)
        elif server.status or (server.token and server.token not in authorization):
            self.send_response(server.status or 401)
            for name, value in server.headers.items():
                self.send_header(name, value.replace("{path}", self.path))
            content = authorization.encode() if server.echo else server.body
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        else:
            self._backend(body)

    def _backend(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = _ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.git_server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        command = [GIT, "http-backend"]
        done = subprocess.run(command, env=environment, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
        status = next((value for name, value in headers if name == "Status"), "200 OK")
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        limit = self.git_server.break_after
        if self.git_server.drip:
            self._drip(content)
        else:
            self.wfile.write(content if limit < 0 else content[:limit])

    def _drip(self, content: bytes) -> None:
        """A byte now and then, until nobody reads any more."""
        with contextlib.suppress(OSError):
            for byte in content:
                self.wfile.write(bytes([byte]))
                if self.git_server.closing.wait(0.2):
                    return


def wait_until(condition: object, seconds: float = 5.0) -> bool:
    """Wait until a condition holds; false where it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.01)
    return False
