"""The status page over HTTP: its policy, and no word twice to who has it already."""

from __future__ import annotations

from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.unit.report.samples import NOW, SYNCED
from yardarm_reconciler.cli.pages import pages_of
from yardarm_reconciler.server.listener import Listener, Response
from yardarm_reconciler.server.site import Site


class Noon:
    """A clock that stands."""

    def now(self):
        """The same, always."""
        return NOW

    def monotonic(self):
        """Likewise."""
        return 0.0

    def sleep(self, seconds):
        """Nobody waits."""


@pytest.fixture
def ask():
    """Gives a function that asks for a page, and its answer with its body."""
    site = Site(pages_of(["dev"], lambda: [SYNCED], Noon()), lambda _: Response(HTTPStatus.NOT_FOUND))

    def asked(path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        with closing(HTTPConnection("127.0.0.1", listener.port, timeout=10)) as connection:
            connection.request(method, path, headers={"Content-Length": "0", **headers})
            answer = connection.getresponse()
            return answer, answer.read()

    with closing(Listener("127.0.0.1", 0, site)) as listener:
        yield asked


def test_who_has_the_page_is_sent_nothing(ask):
    """Until it is another one."""
    first, page = ask("/e/dev?team=nlp")
    again, nothing = ask("/e/dev?team=nlp", **{"If-None-Match": first.headers["ETag"]})
    other, another = ask("/e/dev?team=crm", **{"If-None-Match": first.headers["ETag"]})

    assert (first.status, again.status, other.status) == (200, 304, 200)
    assert (page != another, nothing) == (True, b"")


@pytest.mark.parametrize("path", ["/", "/e/dev", "/e/dev/Service/nlp/qwen3-32b", "/page.css", "/page.js"])
def test_every_part_of_the_page_is_under_the_policy(path: str, ask):
    """It runs and loads nothing but its own files, and only reads."""
    answer, body = ask(path)
    policy = dict(each.split(" ", 1) for each in answer.headers["Content-Security-Policy"].split("; "))

    assert (answer.status, bool(body)) == (200, True)
    assert set(policy.values()) == {"'none'", "'self'"}
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(path, "POST")[0].status == 405


@pytest.mark.parametrize(
    "path", ["/e/", "/e", "/e/other", "/e/dev/Service/nlp/other", "/page.html", "/../page.css"]
)
def test_what_is_not_there_is_not_found(path: str, ask):
    """Nothing that was asked for is repeated."""
    answer, body = ask(path)

    assert answer.status == 404
    assert b"other" not in body
