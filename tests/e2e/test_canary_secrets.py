"""Secrets as canaries: wherever they lie or come from, none is in anything that Yardarm says, stores as a plan or logs."""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.parse
from collections.abc import Iterator

import pytest
import yaml

from tests.controlplane.waiting import wait_until
from tests.e2e.admission import few_replicas
from tests.e2e.harness import YARDARM, Site
from tests.e2e.running import reconciler

IN_SPEC, IN_SECRET, IN_REFUSAL, IN_URL = (
    f'Kq"{each}&9/+ü-canary' for each in ("spec", "secret", "refusal", "url")
)
CANARIES = (IN_SPEC, IN_SECRET, IN_REFUSAL, IN_URL)


def forms(secret: str) -> set[str]:
    """A secret as it is, and as it is written in base64, in an address and in JSON."""
    data = secret.encode()
    return {
        secret,
        base64.b64encode(data).decode().rstrip("="),
        base64.urlsafe_b64encode(data).decode().rstrip("="),
        urllib.parse.quote(secret),
        urllib.parse.quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }


def told(text: str) -> set[str]:
    """The canaries that a text tells, in whatever form."""
    return {secret for secret in CANARIES if any(form in text for form in forms(secret))}


@pytest.fixture
def dangerous(site: Site) -> Iterator[Site]:
    """One service runs with a Secret, one spec holds a password, and a policy that denies tells a token."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    site.look()
    secret = {"metadata": {"name": "keys"}, "stringData": {"token": IN_SECRET}}
    site.api.post(site.path("secrets"), secret)
    message = f"no more than three replicas; token={json.dumps(IN_REFUSAL)}"
    with few_replicas(site, message, of="web"):
        site.write(
            site.service("api", replicas=4),
            site.service("web", env={"DB_PASSWORD": IN_SPEC}),
            site.service("with", env={"TOKEN": {"secret": "keys", "key": "token"}}),
        )
        site.commit()
        yield site


def everything(done: subprocess.CompletedProcess[str]) -> str:
    """All that a program said; it ended by itself, and not by a bug."""
    assert done.returncode in {0, 1, 2, 3, 4, 5}, done.stderr
    return done.stdout + done.stderr


def test_no_command_tells_a_secret(dangerous: Site):
    """In no format: nor is it in the plan that is saved, nor does anybody who is told of the refusal miss its words."""
    plan = dangerous.folder / "plan.json"
    said = [
        everything(dangerous.program(*command, "--format", form))
        for command in (("diff", "-o", str(plan)), ("sync",), ("status",), ("sync",))
        for form in ("human", "concise", "json")
    ]
    assert [told(each) for each in said if told(each)] == []
    assert told(plan.read_text()) == set()
    assert any("no more than three replicas" in each for each in said)


def test_the_reconciler_logs_no_secret(dangerous: Site):
    """What runs for long says no more than a command."""
    with reconciler(dangerous.settings, dangerous.folder / "log") as running:
        wait_until("some passes", lambda: len(running.lines) > 1)
        running.stop()
    assert told(json.dumps(running.lines) + (dangerous.folder / "log").read_text()) == set()


def test_an_address_with_a_password_is_not_repeated(dangerous: Site):
    """Neither as a wrong setting, nor in what git says of it."""
    settings = yaml.safe_load(dangerous.settings.read_text())
    (source,) = settings["sources"].values()
    del source["path"]
    source["url"] = f"https://me:{urllib.parse.quote(IN_URL, safe='')}@127.0.0.1:1/models.git"
    file = dangerous.folder / "with-password.yaml"
    file.write_text(yaml.safe_dump(settings))

    for command in ("status", "sync", "diff"):
        done = subprocess.run(
            [*YARDARM, command, "-e", dangerous.environment, "--config", str(file)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in {2, 5}, done
        assert told(everything(done)) == set()
