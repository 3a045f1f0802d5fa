"""Secrets as canaries: wherever they lie or come from, none is in anything that Yardarm says, stores as a plan or logs."""

from __future__ import annotations

import base64
import json
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.controlplane.waiting import wait_until
from tests.e2e.admission import few_replicas
from tests.e2e.harness import YARDARM, Site

IN_SPEC, IN_SECRET, IN_REFUSAL, IN_URL = (
    f'Kq"{each}&9/+ü-canary' for each in ("spec", "secret", "refusal", "url")
)
IN_TOKEN = IN_URL.replace("ü", "")  # a header has ASCII
CANARIES = (IN_SPEC, IN_SECRET, IN_REFUSAL, IN_URL, IN_TOKEN)


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
    """What runs for long tells people of the refusal, programs of the pass, and nobody of a token."""
    for form, awaited in (("human", "denied request"), ("json", '"event": "reconciled"')):
        log = dangerous.folder / f"log-{form}"
        with log.open("w") as file:
            command = [*YARDARM, "run", "--config", str(dangerous.settings), "--log", form]
            process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        try:
            wait_until(f"{awaited} in the log", lambda log=log, awaited=awaited: awaited in log.read_text())
        finally:
            process.terminate()
            process.wait(60)
        assert told(log.read_text()) == set()


def with_source(site: Site, **source: Any) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Commands whose settings name another source."""
    settings = yaml.safe_load(site.settings.read_text())
    settings["sources"] = dict.fromkeys(settings["sources"], source)
    file = site.folder / "another-source.yaml"
    file.write_text(yaml.safe_dump(settings))
    return lambda command: subprocess.run(
        [*YARDARM, command, "-e", site.environment, "--config", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_address_with_a_password_is_refused_without_it(dangerous: Site):
    """A password in a setting's address is wrong, and what is wrong is not repeated."""
    run = with_source(
        dangerous, url=f"https://me:{urllib.parse.quote(IN_URL, safe='')}@127.0.0.1:1/models.git"
    )
    for command in ("status", "sync", "diff"):
        done = run(command)
        assert done.returncode == 2, done
        assert told(everything(done)) == set()


def test_what_git_says_of_an_address_tells_no_token(dangerous: Site):
    """Git is reached with the token of a file, and cannot connect: it says where to, and not with what."""
    file = dangerous.folder / "token"
    file.write_text(IN_TOKEN)
    run = with_source(dangerous, url="https://127.0.0.1:1/models.git", credentials={"tokenFile": str(file)})
    for command in ("sync", "diff"):
        done = run(command)
        assert done.returncode == 5, done
        assert "127.0.0.1" in everything(done)
        assert told(everything(done)) == set()
