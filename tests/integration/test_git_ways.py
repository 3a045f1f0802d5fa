"""Ways to a git server: through a proxy, with an authority of its own, with tokens of a GitHub App; and over ssh."""

from __future__ import annotations

import base64
import contextlib
import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.controlplane.certificates import create_certificates
from tests.integration.git_server import GIT, bare, commit, serve
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.source.address import RefKind, address, ref
from yardarm_reconciler.source.credentials import Credentials
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.github_app import GitHubApp
from yardarm_reconciler.source.remote import Remote

PROGRAM = Git(GIT)
MAIN = ref(RefKind.BRANCH, "main")
CANARY = "canary-8d1f-token"


def source(url: str, folder: Path, credentials: Credentials) -> Remote:
    """A source at an address on this machine."""
    return Remote(PROGRAM, address(url, loopback_http=True), MAIN, folder / "state", credentials, deadline=20)


def codes(error: pytest.ExceptionInfo[UserError]) -> list[str]:
    """What is wrong."""
    return [each.code.name for each in error.value.diagnostics]


# A proxy ------------------------------------------------------------------------------------------


@dataclass
class HttpProxy:
    """Forwards plain requests; notes what was asked of it."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def proxy() -> Iterator[HttpProxy]:
    """Run one on the loopback interface."""
    state = HttpProxy()

    def serve_one(client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (part := client.recv(65536)):
                    return
                head += part
            line, _, rest = head.partition(b"\r\n")
            method, url, version = line.decode().split()
            state.asked.append(url)
            _, _, where = url.partition("://")
            host, _, path = where.partition("/")
            name, _, port = host.partition(":")
            with socket.create_connection((name, int(port))) as server:
                server.sendall(f"{method} /{path} {version}\r\nConnection: close\r\n".encode() + rest)
                pipe(client, server)

    def pipe(one: socket.socket, other: socket.socket) -> None:
        while True:
            for ready in select.select([one, other], [], [], 20)[0]:
                part = ready.recv(65536)
                if not part:
                    return
                (other if ready is one else one).sendall(part)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=serve_one, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        state.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield state
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_proxy_is_asked_where_one_is_named(tmp_path: Path):
    """And none where there is not, whatever the machine's environment says."""
    head = commit(bare(tmp_path / "m.git"), {"a": b"1"})
    with serve(tmp_path) as server, proxy() as way:
        found = source(f"{server.url}/m.git", tmp_path, Credentials(proxy=way.url)).poll()
        assert found.id == head
        asked = len(way.asked)
        assert asked
        assert all(each.startswith(server.url) for each in way.asked)
        source(f"{server.url}/m.git", tmp_path / "other", Credentials()).poll()
        assert len(way.asked) == asked


def test_a_proxy_that_is_down_is_no_answer(tmp_path: Path):
    """The last good revision stays, and it is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(TransientError):
        source("https://git.invalid/m.git", tmp_path, Credentials(proxy=f"http://127.0.0.1:{port}")).poll()


# An authority of its own --------------------------------------------------------------------------


def test_a_server_is_trusted_by_the_authority_that_is_named(tmp_path: Path):
    """Without it, its certificate is nobody's, and a person has to act."""
    head = commit(bare(tmp_path / "m.git"), {"a": b"1"})
    (tmp_path / "tls").mkdir()
    files = create_certificates(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server, files.server_key)
    with serve(tmp_path, context) as server:
        assert source(f"{server.url}/m.git", tmp_path, Credentials(ca_file=files.ca)).poll().id == head
        with pytest.raises(UserError) as error:
            source(f"{server.url}/m.git", tmp_path / "other", Credentials()).poll()
        assert codes(error) == ["git/untrusted-server"]
        with pytest.raises(UserError) as error:
            source(f"{server.url}/m.git", tmp_path, Credentials(ca_file=tmp_path / "none")).poll()
        assert codes(error) == ["git/credentials"]


def test_ssh_takes_neither_proxy_nor_authority(tmp_path: Path):
    """What is not used is said, not ignored."""
    for given in (Credentials(proxy="http://127.0.0.1:1"), Credentials(ca_file=tmp_path)):
        with pytest.raises(UserError) as error:
            source("ssh://git@git.invalid/m.git", tmp_path, given).poll()
        assert codes(error) == ["git/credentials"]


# A GitHub App -------------------------------------------------------------------------------------


@dataclass
class AppApi:
    """What GitHub answers; ``minutes`` is how long its tokens live."""

    key: Any
    url: str = ""
    status: int = 201
    minutes: int = 60
    body: bytes | None = None
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@contextlib.contextmanager
def app_api(public: rsa.RSAPublicKey) -> Iterator[AppApi]:
    """Run the API on the loopback interface; it checks what was signed."""
    state = AppApi(public)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            claims = checked(self.headers["Authorization"].removeprefix("Bearer "), state.key)
            state.asked.append((self.path, claims))
            expires = (datetime.now(UTC) + timedelta(minutes=state.minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
            token = {"token": f"{CANARY}-{len(state.asked)}", "expires_at": expires}
            body = state.body if state.body is not None else json.dumps(token).encode()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - http.server's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def checked(token: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """The claims of a token, whose signature is right."""
    head, claims, signature = token.split(".")
    key.verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    found: dict[str, Any] = json.loads(decoded(claims))
    return found


def decoded(text: str) -> bytes:
    """Base64url without its padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def pem(key: Any) -> bytes:
    """A private key as GitHub gives it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """The App's key."""
    return rsa.generate_private_key(65537, 2048)


def test_an_app_signs_for_a_token_and_uses_it_while_it_lives(tmp_path: Path, key: rsa.RSAPrivateKey):
    """One token for many polls; another one when the first is about to end. It opens the repository, and shows nowhere."""
    head = commit(bare(tmp_path / "m.git"), {"a": b"1"})
    (tmp_path / "app.pem").write_bytes(pem(key))
    with serve(tmp_path) as server, app_api(key.public_key()) as api:
        app = GitHubApp("12", 345, tmp_path / "app.pem", api.url)
        where = source(f"{server.url}/m.git", tmp_path, Credentials(app=app))
        assert [where.poll().id, where.poll().id] == [head, head]
        ((path, claims),) = api.asked
        assert (path, claims["iss"]) == ("/app/installations/345/access_tokens", "12")
        assert 0 < claims["exp"] - claims["iat"] <= 600
        assert all(each for each in server.authorizations)
        api.minutes = 3
        short = GitHubApp("12", 345, tmp_path / "app.pem", api.url)
        assert short.token() != short.token()
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert CANARY.encode() not in everything


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_an_app_that_is_refused_is_for_a_person_to_mend(tmp_path: Path, key: rsa.RSAPrivateKey, status: int):
    """Another App's key, or one that is not installed there."""
    (tmp_path / "app.pem").write_bytes(pem(key))
    with app_api(key.public_key()) as api:
        api.status, api.body = status, b'{"message": "no"}'
        with pytest.raises(UserError) as error:
            GitHubApp("12", 345, tmp_path / "app.pem", api.url).token()
    assert codes(error) == ["git/github-app"]


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (200, b"<html>"), (201, b"[]"), (302, b""), (201, b'{"token": "x"}')]
)
def test_an_answer_without_a_token_is_tried_again(
    tmp_path: Path, key: rsa.RSAPrivateKey, status: int, body: bytes
):
    """A gateway's page, a redirect, half an answer."""
    (tmp_path / "app.pem").write_bytes(pem(key))
    with app_api(key.public_key()) as api:
        api.status, api.body = status, body
        with pytest.raises(TransientError):
            GitHubApp("12", 345, tmp_path / "app.pem", api.url).token()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"no key", pem(ec.generate_private_key(ec.SECP256R1()))],
    ids=["nothing there", "nothing in it", "no key", "another kind of key"],
)
def test_a_key_that_is_none_is_said_without_being_shown(tmp_path: Path, content: bytes | None):
    """Missing, empty, something else, or of another kind."""
    if content is not None:
        (tmp_path / "app.pem").write_bytes(content)
    with pytest.raises(UserError) as error:
        GitHubApp("12", 345, tmp_path / "app.pem", "http://127.0.0.1:1").token()
    assert codes(error) == ["git/github-app"]
    assert "no key" not in str(error.value)


# ssh ----------------------------------------------------------------------------------------------


def test_ssh_is_called_as_it_must_be(tmp_path: Path):
    """With the mounted key and the known hosts, asking nobody: a stand-in for ssh notes how, and serves the repository."""
    head = commit(bare(tmp_path / "served.git"), {"a": b"1"})
    programs, told = tmp_path / "bin", tmp_path / "told"
    programs.mkdir()
    (programs / "git").symlink_to(GIT)
    (programs / "ssh").write_text(
        f'#!/bin/sh\necho "$@" >> {told}\nexec {GIT} upload-pack {tmp_path}/served.git\n'
    )
    (programs / "ssh").chmod(0o755)
    for name in ("key", "hosts"):
        (tmp_path / name).touch()
    where = Remote(
        Git(str(programs / "git")),
        address("ssh://git@git.example.com/m.git"),
        MAIN,
        tmp_path / "state",
        Credentials(None, tmp_path / "key", tmp_path / "hosts"),
    )
    assert where.poll().id == head
    said = told.read_text()
    assert f"-i {tmp_path}/key" in said
    for option in ("BatchMode=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={tmp_path}/hosts"):
        assert f"-o{option}" in said
