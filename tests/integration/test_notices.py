"""Who is told of an environment, over real HTTP: what is sent, what is tried again, and what is never said."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.integration.git_server import wait_until
from tests.unit.report.test_output import validator
from yardarm_reconciler.cli import notifying, targets
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.forge import messenger
from yardarm_reconciler.forge.messenger import Messenger
from yardarm_reconciler.forge.notices import Channel, GitHubStatuses, GitLabStatuses, Program, Target
from yardarm_reconciler.model.change import Report
from yardarm_reconciler.model.notice import Notice, Outcome
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.server.listener import Listener, Request, Response
from yardarm_reconciler.settings import read

REVISION = "0a" * 20
UNWELL = Notice("dev", REVISION, Outcome.UNWELL, "1 of 2 not well: <@U1> & more")
WELL = Notice("dev", REVISION, Outcome.WELL, "2 synced")
UNDERWAY = Notice("dev", REVISION, Outcome.UNDERWAY, "1 of 2 under way")
KNOWN = "what-nobody-may-see"


class Server:
    """Notes what comes, and answers with a status."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[int] = []

    def __call__(self, request: Request) -> Response:
        """Answer."""
        self.requests.append(request)
        return Response(HTTPStatus(self.answers.pop(0) if self.answers else 201))


@pytest.fixture
def server() -> Server:
    """One that takes all."""
    return Server()


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """Where it listens."""
    with contextlib.closing(Listener("127.0.0.1", 0, server)) as listener:
        yield f"http://127.0.0.1:{listener.port}"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a token."""
    file = tmp_path / "secret"
    file.write_text(f"{KNOWN}\n")
    return file


def sent(server: Server) -> list[dict[str, str]]:
    """The bodies of all that came."""
    return [json.loads(each.body) for each in server.requests]


def test_a_commit_on_github_gets_a_status_for_each_environment(server: Server, url: str, secret: Path):
    """https://docs.github.com/rest/commits/statuses#create-a-commit-status."""
    target = GitHubStatuses(f"{url}/api/v3", secret)
    for each in (UNDERWAY, UNWELL, WELL):
        target.send(each, "ai/models")

    assert {(each.method, each.path) for each in server.requests} == {
        ("POST", f"/api/v3/repos/ai/models/statuses/{REVISION}")
    }
    assert {each.headers["authorization"] for each in server.requests} == {f"Bearer {KNOWN}"}
    assert [each["state"] for each in sent(server)] == ["pending", "failure", "success"]
    assert sent(server)[2] == {"state": "success", "context": "yardarm/dev", "description": "2 synced"}


def test_a_commit_on_gitlab_gets_a_status_for_each_environment(server: Server, url: str, secret: Path):
    """https://docs.gitlab.com/api/commits/#set-commit-pipeline-status."""
    target = GitLabStatuses(f"{url}/api/v4", secret)
    for each in (UNDERWAY, UNWELL, WELL):
        target.send(each, "ai/group/models")

    [path] = {each.path for each in server.requests}
    assert path == f"/api/v4/projects/ai%2Fgroup%2Fmodels/statuses/{REVISION}"
    assert {each.headers["private-token"] for each in server.requests} == {KNOWN}
    assert [each["state"] for each in sent(server)] == ["running", "failed", "success"]


def test_where_no_server_has_the_commit_there_is_no_status(server: Server, url: str, secret: Path):
    """A repository on this machine, and a revision that was never read."""
    for target in (GitHubStatuses(url, secret), GitLabStatuses(url, secret)):
        target.send(WELL, "")
        target.send(Notice("dev", "", Outcome.UNWELL, "git does not answer"), "ai/models")

    assert server.requests == []


def test_nothing_in_a_channel_is_markup(server: Server, url: str, tmp_path: Path):
    """A name in a spec calls nobody."""
    (tmp_path / "channel").write_text(f"{url}/services/T0/B0/{KNOWN}")
    Channel(tmp_path / "channel").send(UNWELL, "")

    assert sent(server) == [{"text": "✗ dev @ 0a0a0a0: 1 of 2 not well: &lt;@U1&gt; &amp; more"}]


def test_a_program_is_called_with_a_signature(server: Server, url: str, secret: Path):
    """Over the bytes of the body."""
    Program(f"{url}/hook", secret).send(WELL, "ai/models")

    [request] = server.requests
    expected = hmac.new(KNOWN.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-signature"] == f"sha256={expected}"
    validator("notice").validate(sent(server)[0])
    assert sent(server)[0] == {
        "apiVersion": "output.yardarm.dev/v1",
        "kind": "Notice",
        "environment": "dev",
        "revision": REVISION,
        "outcome": "well",
        "text": "2 synced",
        "repository": "ai/models",
    }


@pytest.mark.parametrize(
    ("status", "error"), [(503, TransientError), (429, TransientError), (404, UserError), (302, UserError)]
)
def test_a_refusal_names_the_host_and_nothing_secret(
    server: Server, url: str, tmp_path: Path, status: int, error: type[Exception]
):
    """The address of a channel is its secret."""
    server.answers = [status]
    (tmp_path / "channel").write_text(f"{url}/services/{KNOWN}")
    with pytest.raises(error, match=f"127.0.0.1 answers {status}") as caught:
        Channel(tmp_path / "channel").send(WELL, "")

    assert KNOWN not in str(caught.value)


def test_a_secret_that_is_missing_may_come(tmp_path: Path):
    """Mounted files come and go while they rotate."""
    with pytest.raises(TransientError):
        Channel(tmp_path / "channel").send(WELL, "")


class Listening:
    """A target that notes what it is told, and fails where it is asked to."""

    name = "test"

    def __init__(self, *problems: Exception, commits: bool = False) -> None:
        self.commits = commits
        self.problems = list(problems)
        self.told: list[tuple[str, str]] = []

    def send(self, notice: Notice, repository: str) -> None:
        """Take it, or fail."""
        if self.problems:
            raise self.problems.pop(0)
        self.told.append((notice.text, repository))


@contextlib.contextmanager
def telling(*targets: Target) -> Iterator[Messenger]:
    """A messenger in real time."""
    with contextlib.closing(Messenger(targets, {"dev": "ai/models"}, SystemClock())) as made:
        yield made


def follow(made: Messenger, target: Listening, *notices: Notice) -> list[str]:
    """Tell some notices one after the other, as slowly as they are passed on; give what arrived."""
    for each in notices:
        made.tell(each)
        assert wait_until(lambda: not made._due, 10)
    return [text for text, _ in target.told]


def test_a_channel_hears_what_a_person_must_know():
    """That something is wrong, what else is wrong, and that all is well again; not what is under way, nor anything twice."""
    target = Listening()
    other = Notice("dev", REVISION, Outcome.UNWELL, "2 of 2 not well")
    with telling(target) as made:
        heard = follow(
            made, target, WELL, UNDERWAY, UNWELL, UNWELL, UNDERWAY, UNWELL, other, UNDERWAY, WELL, WELL
        )

    assert heard == [UNWELL.text, other.text, WELL.text]
    assert {repository for _, repository in target.told} == {"ai/models"}


def test_a_commit_hears_all_that_changes():
    """Once each."""
    target = Listening(commits=True)
    with telling(target) as made:
        heard = follow(made, target, UNDERWAY, UNDERWAY, UNWELL, WELL, WELL)

    assert heard == [UNDERWAY.text, UNWELL.text, WELL.text]


def test_what_is_not_taken_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    """Until it is taken, or refused; a target that fails holds no other, and a bug is none of theirs."""
    monkeypatch.setattr(messenger, "FIRST_WAIT", 0.01)
    away, refuses, broken = (
        Listening(TransientError("away"), TransientError("away")),
        Listening(UserError("no", exit_code=2)),
        Listening(ZeroDivisionError(KNOWN)),
    )
    with caplog.at_level(logging.WARNING), telling(away, refuses, broken) as made:
        follow(made, away, UNWELL)

    assert [len(each.told) for each in (away, refuses, broken)] == [1, 0, 0]
    assert "away" in caplog.text
    assert KNOWN not in caplog.text


def test_a_target_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch):
    """After so many attempts; the next news is tried anew."""
    monkeypatch.setattr(messenger, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(messenger, "LONGEST_WAIT", 0.002)
    target = Listening(*(TransientError("away") for _ in range(messenger.ATTEMPTS)))
    with telling(target) as made:
        assert follow(made, target, UNWELL) == []
        assert follow(made, target, WELL) == [WELL.text]


def test_only_the_last_news_is_told():
    """What it overtakes is never sent: the target was away meanwhile."""
    target = Listening(TransientError("away"))
    with telling(target) as made:
        made.tell(UNWELL)
        assert wait_until(lambda: not target.problems, 10)
        made.tell(WELL)
        assert wait_until(lambda: target.told == [(WELL.text, "ai/models")], 10)


def test_the_settings_say_who_is_told(server: Server, url: str, secret: Path, tmp_path: Path):
    """One of each, and what the sources are called where they lie."""
    file = tmp_path / "settings.yaml"
    (tmp_path / "channel").write_text(f"{url}/channel")
    source = {"url": "https://git.example.com/ai/models.git"}
    content = {
        "apiVersion": "settings.yardarm.dev/v1alpha1",
        "kind": "Settings",
        "sources": {"models": source, "here": {"path": "."}},
        "clusters": {"dev": {"directory": "out"}},
        "units": [
            {"id": "u-dev", "environment": "dev", "source": "models", "cluster": "dev"},
            {"id": "u-here", "environment": "here", "source": "here", "cluster": "dev"},
        ],
        "notify": [
            {"github": {"tokenFile": secret.name, "api": f"{url}/github"}},
            {"gitlab": {"tokenFile": secret.name, "api": f"{url}/gitlab"}},
            {"slack": {"urlFile": "channel"}},
            {"webhook": {"url": f"{url}/program", "secretFile": secret.name}},
        ],
    }
    file.write_text(json.dumps(content))
    operator = read(file)

    assert notifying.repositories(operator) == {"dev": "ai/models"}
    for target in notifying._targets(operator):
        target.send(UNWELL, "ai/models")
    assert [each.path.split("/")[1] for each in server.requests] == ["github", "gitlab", "channel", "program"]


def test_who_is_away_for_a_moment_is_no_news(server: Server, url: str, secret: Path, tmp_path: Path):
    """An error is told when it has come three times in a row; every report goes on to whoever has it first."""
    file = tmp_path / "settings.yaml"
    content = {
        "apiVersion": "settings.yardarm.dev/v1alpha1",
        "kind": "Settings",
        "notify": [{"webhook": {"url": f"{url}/program", "secretFile": secret.name}}],
    }
    file.write_text(json.dumps(content))
    target = targets.Target(tmp_path, str(file), *[None] * 6, working_tree=False)
    away, well = (Report("dev", "u-dev", REVISION, (), error=error) for error in ("git is away", ""))
    seen: list[Report] = []
    with notifying.notifying(target, SystemClock(), seen.append) as tell:
        for each in (well, away, away, well, away, away, away, away):
            tell(each)
            assert not wait_until(lambda: False, 0.05)
        assert wait_until(lambda: len(server.requests) == 2, 10)

    assert [each["text"] for each in sent(server)] == ["0 synced", "git is away"]
    assert len(seen) == 8
