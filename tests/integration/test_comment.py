"""The one comment of a pull request: written once, then in its place, and never by halves or twice."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.integration.forge_server import TOKEN, Fault, Forge, forge
from yardarm_reconciler.cli.entry import program
from yardarm_reconciler.forge.github import ACTIONS, GitHub
from yardarm_reconciler.forge.gitlab import GitLab
from yardarm_reconciler.forge.sticky import put
from yardarm_reconciler.model.origin import TransientError, UserError

MARKER = "<!-- yardarm plan -->"
PAGE = f"{MARKER}\n### Yardarm plan\n"
WRONG = "wr0ng"
NEWER = f"{PAGE}2 environments change\n"


class Patient:
    """A clock that passes when somebody waits."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def now(self) -> datetime:
        """Some day, later by what was waited."""
        return datetime.fromtimestamp(1_000_000 + sum(self.waited), UTC)

    def monotonic(self) -> float:
        """Seconds that were waited."""
        return sum(self.waited)

    def sleep(self, seconds: float) -> None:
        """Wait, on paper."""
        self.waited.append(seconds)


@pytest.fixture
def server():
    """A pull request in which people talk already."""
    with forge() as made:
        for number in range(5):
            made.say("ana", f"Comment {number}")
        yield made


@pytest.fixture
def clock() -> Patient:
    """Nobody waits in earnest."""
    return Patient()


def github(server: Forge, clock: Patient, author: str = ACTIONS, token: str = TOKEN) -> GitHub:
    """The pull request on GitHub."""
    return GitHub(server.url, "acme/models", "7", token, author, clock)


def gitlab(server: Forge, clock: Patient) -> GitLab:
    """The merge request on GitLab."""
    return GitLab(f"{server.url}/api/v4", "acme/models", "7", TOKEN, "https://example.com/7", clock)


@pytest.mark.parametrize("on", [github, gitlab])
def test_a_comment_is_added_once_and_then_written_anew(server, clock, on):
    """Behind others on a later page; the same page writes nothing."""
    done = [put(on(server, clock), page).what for page in (PAGE, PAGE, NEWER, NEWER)]

    assert done == ["created", "unchanged", "updated", "unchanged"]
    assert server.said[5:] == [NEWER]
    assert len(server.written) == 2
    assert clock.waited == []


@pytest.mark.parametrize("on", [github, gitlab])
def test_what_others_wrote_is_never_touched(server, clock, on):
    """Though it begins with our line, or repeats ours behind a word."""
    server.say("mallory", f"{MARKER}\nall is well")
    server.say(server.me, f"> {PAGE}")

    assert put(on(server, clock), PAGE).what == "created"
    assert server.said[5:] == [f"{MARKER}\nall is well", f"> {PAGE}", PAGE]


def test_pages_of_different_kinds_have_comments_of_their_own(server, clock):
    """Of a plan and of a validation."""
    put(github(server, clock), PAGE)
    put(github(server, clock), "<!-- yardarm validate -->\nfine\n")
    put(github(server, clock), NEWER)

    assert server.said[5:] == [NEWER, "<!-- yardarm validate -->\nfine\n"]


@pytest.mark.parametrize("on", [github, gitlab])
def test_a_forge_that_is_out_of_order_for_a_moment_is_asked_again(server, clock, on):
    """Reading and writing anew, as often as it takes."""
    put(on(server, clock), PAGE)
    method = "PATCH" if on is github else "PUT"
    server.faults += [Fault("GET", 502), Fault("GET", 503), Fault(method, 500)]

    assert put(on(server, clock), NEWER).what == "updated"
    assert clock.waited == [1, 2, 1]


def test_a_comment_whose_answer_was_lost_is_not_added_again(server, clock):
    """It was carried out, and only looking tells: no blind second attempt."""
    server.faults.append(Fault("POST", 502, done=True))

    assert put(github(server, clock), PAGE).what == "unchanged"
    assert server.said[5:] == [PAGE]


def test_a_comment_that_was_not_added_is_added_at_the_next_look(server, clock):
    """As the server said that it failed, and it did."""
    server.faults.append(Fault("POST", 500))

    assert put(github(server, clock), PAGE).what == "created"
    assert server.said[5:] == [PAGE]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault("GET", 429, (("Retry-After", "7"),)), 7),
        (Fault("POST", 403, (("Retry-After", "30"),)), 30),
        (Fault("GET", 403, (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1000040"))), 40),
        (Fault("GET", 429), 8),
    ],
)
def test_a_limit_on_requests_is_waited_for_as_long_as_it_says(server, clock, fault, seconds):
    """Nothing was done then, so that a new comment may be asked for again too."""
    server.faults.append(fault)

    assert put(github(server, clock), PAGE).what == "created"
    assert clock.waited == [seconds]


def test_nobody_waits_an_hour(server, clock):
    """A job that fails now is better than one that hangs."""
    reset = (("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1003600"))
    server.faults += [Fault("GET", 403, reset)] * 10

    with pytest.raises(TransientError):
        put(github(server, clock), PAGE)

    assert clock.waited == []
    assert server.written == []


def test_a_forge_that_stays_out_of_order_is_given_up(server, clock):
    """Loudly, and nothing is written."""
    server.faults += [Fault("GET", 502)] * 100

    with pytest.raises(TransientError):
        put(github(server, clock), PAGE)

    assert server.written == []


def test_a_refusal_is_told_and_does_not_tell_the_token(server, clock):
    """As of a pull request from a fork, whose job may only read; nobody asks twice."""
    server.faults.append(Fault("POST", 403))

    with pytest.raises(UserError) as refused:
        put(github(server, clock), PAGE)
    with pytest.raises(UserError) as unknown:
        put(github(server, clock, token=WRONG), PAGE)

    assert (refused.value.exit_code, unknown.value.exit_code) == (2, 2)
    assert "403: as it was told" in str(refused.value)
    assert WRONG not in str(unknown.value)
    assert server.written == ["POST"]


def test_a_token_follows_no_reference_to_another_host(server, clock):
    """Neither a redirect nor a next page."""
    server.faults.append(Fault("GET", 302, (("Location", "http://localhost:1/"),)))
    with pytest.raises(UserError):
        put(github(server, clock), PAGE)

    client = github(server, clock)
    server.url = "http://localhost:1"  # in what it calls its next page
    with pytest.raises(UserError, match="another host"):
        put(client, PAGE)


def test_an_author_that_is_not_ours_is_told_at_once(server, clock):
    """Else every run would add a comment and never find it again."""
    server.me = "acme-bot"

    with pytest.raises(UserError, match="--author"):
        put(github(server, clock), PAGE)
    assert put(github(server, clock, author="acme-bot"), NEWER).what == "updated"


@pytest.mark.parametrize("body", ["### no line of ours", "", PAGE + "x" * 65_536])
def test_what_is_no_page_of_ours_is_not_sent(server, clock, body):
    """It would not be found again, or be refused."""
    with pytest.raises(UserError):
        put(github(server, clock), body)

    assert server.asked == []


# The command ----------------------------------------------------------------------------------------


def run(page: Path, **environ: str):
    """The command in a pipeline, whose variables are these."""
    none = dict.fromkeys(("GITHUB_ACTIONS", "GITLAB_CI", "GITHUB_TOKEN", "YARDARM_GITLAB_TOKEN"), "")
    return CliRunner().invoke(program, ["comment", str(page)], env={**none, **environ}, standalone_mode=False)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """What ``plan`` wrote."""
    (tmp_path / "plan.md").write_text(PAGE)
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    return tmp_path / "plan.md"


def test_a_job_of_github_needs_no_arguments(server, page):
    """What it runs for is in its variables and in the event that started it."""
    done = run(
        page,
        GITHUB_ACTIONS="true",
        GITHUB_API_URL=server.url,
        GITHUB_REPOSITORY="acme/models",
        GITHUB_EVENT_PATH=str(page.with_name("event.json")),
        GITHUB_TOKEN=TOKEN,
    )

    assert (done.return_value, done.stdout) == (0, "✓ comment created: https://example.com/7#6\n")
    assert server.said[5:] == [PAGE]


def test_a_job_of_gitlab_needs_no_arguments(server, page):
    """Nor does one of GitLab."""
    done = run(
        page,
        GITLAB_CI="true",
        CI_API_V4_URL=f"{server.url}/api/v4",
        CI_PROJECT_ID="acme/models",
        CI_PROJECT_URL="https://example.com",
        CI_MERGE_REQUEST_IID="7",
        YARDARM_GITLAB_TOKEN=TOKEN,
    )

    assert (done.return_value, done.stdout) == (
        0,
        "✓ comment created: https://example.com/-/merge_requests/7#note_6\n",
    )


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"GITHUB_ACTIONS": "true"},
        {"GITHUB_ACTIONS": "true", "GITHUB_API_URL": "http://api.example.com"},
        {"GITHUB_ACTIONS": "true", "GITHUB_API_URL": "https://x", "GITHUB_REPOSITORY": "a/b"},
        {"GITLAB_CI": "true", "CI_API_V4_URL": "https://x", "CI_MERGE_REQUEST_IID": "7;x"},
    ],
)
def test_where_there_is_no_pull_request_nothing_is_sent(page, environ):
    """Nor a token where anybody could read it on the way."""
    refused = run(page, **environ).exception

    assert isinstance(refused, UserError)
    assert refused.exit_code == 2
