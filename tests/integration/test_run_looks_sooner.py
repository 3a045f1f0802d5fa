"""`yardarm run` with an interval of an hour: told by a webhook, or by the file system, it looks at once; what it serves; new settings."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.controlplane.certificates import create_certificates
from tests.integration.engine import ENVIRONMENT, ROOT, TEAM, service
from tests.integration.git_server import bare, commit, serve, wait_until
from tests.unit.report.test_output import validator

pytestmark = pytest.mark.slow

KNOWN = "what-both-sides-have-been-told"
YARDARM = (sys.executable, "-c", "from yardarm_reconciler.cli import main; main()")


def committed(repository: Path, *names: str) -> None:
    """Commit services of these names."""
    files = {
        "yardarm.yaml": ROOT,
        "platform/dev.yaml": yaml.safe_dump(ENVIRONMENT),
        "platform/nlp.yaml": TEAM,
    }
    files |= {f"workloads/{name}.yaml": service(name) for name in names}
    commit(repository, {path: text.encode() for path, text in files.items()})


def free_port() -> int:
    """A port that nobody listens at."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[dict[str, Any]], subprocess.Popen[bytes]]]:
    """Starts the program over one source, which it polls every hour."""
    with ExitStack() as stack:

        def start(source: dict[str, Any], **more: Any) -> subprocess.Popen[bytes]:
            file = tmp_path / "settings.yaml"
            unit = {"id": "u-dev", "environment": "dev", "source": "models", "cluster": "dev"}
            content = {
                "apiVersion": "settings.yardarm.dev/v1alpha1",
                "kind": "Settings",
                "stateDir": "state",
                "sources": {"models": source | {"interval": "1h"}},
                "clusters": {"dev": {"directory": "out"}},
                "units": [unit],
                **more,
            }
            file.write_text(json.dumps(content))
            process = subprocess.Popen([*YARDARM, "run", "--config", str(file)], stdout=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        yield start


def call(port: int, path: str, body: bytes, secret: str = KNOWN) -> int:
    """Call the webhook; the answer's status."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        connection.request("POST", path, body, {"X-Hub-Signature-256": f"sha256={signature}"})
        return connection.getresponse().status


def applied(folder: Path, name: str) -> bool:
    """Whether a service is there."""
    return any(folder.glob(f"out/*/Deployment.apps/{name}.yaml"))


def test_a_webhook_makes_it_look_at_once(tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]):
    """Signed by the secret in the mounted file; a forged call changes nothing."""
    repository, port = bare(tmp_path / "models.git"), free_port()
    committed(repository, "api")
    (tmp_path / "secret").write_text(KNOWN)
    (tmp_path / "tls").mkdir()
    files = create_certificates(tmp_path / "tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server, files.server_key)
    with serve(tmp_path, context) as server:
        hooks = {"listen": f"127.0.0.1:{port}", "webhook": {"github": {"secretFile": "secret"}}}
        run({"url": f"{server.url}/models.git", "caFile": str(files.ca)}, serve=hooks)
        assert wait_until(lambda: applied(tmp_path, "api"), 30)
        committed(repository, "api", "web")
        assert call(port, "/webhook/github", b'{"n": 1}', "what-only-one-side-knows") == 401
        assert call(port, "/webhook/github/others", b'{"n": 2}') == 404
        assert not wait_until(lambda: applied(tmp_path, "web"), 1)
        assert call(port, "/webhook/github/models", b'{"n": 3}') == 202
        assert wait_until(lambda: applied(tmp_path, "web"), 30)


def test_a_commit_to_a_repository_on_this_machine_is_seen_at_once(
    tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]
):
    """The file system tells of it."""
    repository = bare(tmp_path / "models.git")
    committed(repository, "api")
    run({"path": "models.git"})
    assert wait_until(lambda: applied(tmp_path, "api"), 30)
    committed(repository, "api", "web")
    assert wait_until(lambda: applied(tmp_path, "web"), 30)


def read(port: int, path: str) -> tuple[int, str]:
    """What a page says; nothing while nobody listens."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        try:
            connection.request("GET", path)
            response = connection.getresponse()
        except ConnectionRefusedError:
            return 0, ""
        return response.status, response.read().decode()


def test_it_says_how_it_is_and_what_it_has_seen(tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]):
    """Probes, metrics of what was made, the status as its schema says, and a page of it."""
    port = free_port()
    committed(bare(tmp_path / "models.git"), "api")
    run({"path": "models.git"}, serve={"listen": f"127.0.0.1:{port}"})

    assert wait_until(lambda: read(port, "/readyz")[0] == 200, 30)
    assert [read(port, path)[0] for path in ("/livez", "/healthz")] == [200, 200]
    metrics = read(port, "/metrics")[1]
    assert 'yardarm_reconcile_total{environment="dev",result="success"} 1.0' in metrics
    assert 'yardarm_changes_total{action="created",cause="git",environment="dev"}' in metrics
    assert 'yardarm_workload_sync{environment="dev",sync="synced",team="nlp"}' in metrics
    status = json.loads(read(port, "/api/v1/status")[1])
    validator("status").validate(status)
    assert [each["name"] for each in status["environments"]] == ["dev"]
    assert call(port, "/api/v1/status", b"") == 405
    assert '<a href="/e/dev">' in read(port, "/")[1]
    assert '<a href="/e/dev/Service/nlp/api">' in read(port, "/e/dev?show=all")[1]
    assert "Deployment/api" in read(port, "/e/dev/Service/nlp/api")[1]
    assert [read(port, path)[0] for path in ("/page.css", "/page.js", "/e/", "/e/other")] == [
        200,
        200,
        404,
        404,
    ]


def test_new_settings_are_taken_once_they_can_be(tmp_path: Path, run: Callable[..., subprocess.Popen[bytes]]):
    """Those that cannot be are told, and those before stay in force; SIGTERM ends the second life, too."""
    committed(bare(tmp_path / "models.git"), "api")
    process = run({"path": "models.git"})
    assert wait_until(lambda: applied(tmp_path, "api"), 30)
    file = tmp_path / "settings.yaml"
    content = json.loads(file.read_text())

    file.write_text(json.dumps({**content, "units": [{**content["units"][0], "cluster": "typo"}]}))
    assert not wait_until(lambda: process.poll() is not None, 3)
    file.write_text(json.dumps({**content, "clusters": {"dev": {"directory": "other"}}}))
    assert wait_until(lambda: any(tmp_path.glob("other/*/Deployment.apps/api.yaml")), 30)

    process.terminate()
    assert process.wait(30) == 0
