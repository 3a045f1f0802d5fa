"""``yardarm comment``: a page onto the pull request that a pipeline runs for, in place of the one before."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import click

from yardarm_reconciler.cli import exits, screen
from yardarm_reconciler.cli.wiring import SystemClock
from yardarm_reconciler.forge.github import ACTIONS, GitHub
from yardarm_reconciler.forge.gitlab import GitLab
from yardarm_reconciler.forge.sticky import Conversation, put
from yardarm_reconciler.model.origin import UserError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@click.command(name="comment")
@click.argument("page", type=click.File("rb"))
@click.option("--number", metavar="N", help="Of the pull request.  [that of the pipeline]")
@click.option(
    "--author", metavar="LOGIN", default=ACTIONS, show_default=True, help="GitHub: whose comments are ours."
)
def command(page: BinaryIO, number: str | None, author: str) -> int:
    """Put PAGE, as plan and validate print it in markdown, onto the pull request: once, and from then on in its place.

    What it works on is read from the variables of GitHub Actions (with GITHUB_TOKEN, which may write pull requests) or of
    GitLab CI (with YARDARM_GITLAB_TOKEN, a token of the project with the scope api). PAGE may be - for standard input.

    \b
    Examples:
      yardarm comment plan.md
      yardarm plan --format markdown | yardarm comment -
    """
    body = page.read().decode("utf-8", "replace")
    done = put(_conversation(os.environ, number, author), body)
    screen.show(screen.look().say(f"✓ comment {done.what}: {done.url}"))
    return exits.FINE


def _conversation(environ: Mapping[str, str], number: str | None, author: str) -> Conversation:
    if environ.get("GITHUB_ACTIONS") == "true":
        return GitHub(
            _address(environ, "GITHUB_API_URL"),
            _named(environ, "GITHUB_REPOSITORY"),
            _number(number or _of_event(environ)),
            _named(environ, "GITHUB_TOKEN"),
            author,
            SystemClock(),
        )
    if environ.get("GITLAB_CI") == "true":
        number = _number(number or _named(environ, "CI_MERGE_REQUEST_IID"))
        return GitLab(
            _address(environ, "CI_API_V4_URL"),
            _named(environ, "CI_PROJECT_ID"),
            number,
            _named(environ, "YARDARM_GITLAB_TOKEN"),
            f"{environ.get('CI_PROJECT_URL', '')}/-/merge_requests/{number}",
            SystemClock(),
        )
    raise UserError(
        "neither GITHUB_ACTIONS nor GITLAB_CI is true: there is no pull request here", exit_code=2
    )


def _named(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise UserError(f"{name} is not set", exit_code=2)
    return value


def _address(environ: Mapping[str, str], name: str) -> str:
    """Where to send a token: encrypted, but on the machine itself."""
    url = _named(environ, name)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise UserError(f"{name} is no https address: a token is not sent there", exit_code=2)
    return url


def _number(text: str) -> str:
    if not text.isdecimal():
        raise UserError(f"{text!r} is no number of a pull request", exit_code=2)
    return text


def _of_event(environ: Mapping[str, str]) -> str:
    """The number of the pull request that started a job of GitHub."""
    path = Path(_named(environ, "GITHUB_EVENT_PATH"))
    try:
        return str(json.loads(path.read_bytes())["pull_request"]["number"])
    except (ValueError, KeyError, TypeError):
        raise UserError("this job was not started by a pull request; say --number", exit_code=2) from None
