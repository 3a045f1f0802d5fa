"""Where notices go: statuses of commits on GitHub and GitLab, a channel, a program. One attempt each; who calls tries again.

Addresses and tokens lie in files, which are read at every call, since they rotate; no message of ours repeats them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

import orjson
import urllib3

from yardarm_reconciler.forge.api import ALWAYS, TIMEOUT_SECONDS, pool
from yardarm_reconciler.model.notice import Notice, Outcome
from yardarm_reconciler.model.origin import TransientError, UserError

_SECRET_BYTES = 4096
_DESCRIPTION = 140
"""Characters that GitHub takes: https://docs.github.com/rest/commits/statuses"""

_TRY_AGAIN = 429


class Target(Protocol):
    """Takes notices. ``commits`` is true of one that wants every change of a commit, not only what a person must know."""

    @property
    def name(self) -> str:
        """What it is called in messages; never a secret."""

    @property
    def commits(self) -> bool:
        """Whether a commit that is under way is news, too."""

    def send(self, notice: Notice, repository: str) -> None:
        """Pass a notice on; ``repository`` is the path of the environment's source, empty where it has none.

        Raises:
            TransientError: it may be taken another time.
            UserError: it never will.
        """


@dataclass(frozen=True, slots=True)
class GitHubStatuses:
    """Statuses of commits: https://docs.github.com/rest/commits/statuses#create-a-commit-status."""

    api: str
    token_file: Path
    commits: bool = True
    name: str = "github"

    def send(self, notice: Notice, repository: str) -> None:
        """Write a status for the environment; one at the same commit takes the place of the one before."""
        if not (repository and notice.revision):
            return
        states = {Outcome.WELL: "success", Outcome.UNWELL: "failure"}
        body = {
            "state": states.get(notice.outcome, "pending"),
            "context": f"yardarm/{notice.environment}",
            "description": notice.text[:_DESCRIPTION],
        }
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {_secret(self.token_file)}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        _post(f"{self.api.rstrip('/')}/repos/{repository}/statuses/{notice.revision}", body, headers)


@dataclass(frozen=True, slots=True)
class GitLabStatuses:
    """Statuses of commits: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status."""

    api: str
    token_file: Path
    commits: bool = True
    name: str = "gitlab"

    def send(self, notice: Notice, repository: str) -> None:
        """Write a status for the environment."""
        if not (repository and notice.revision):
            return
        states = {Outcome.WELL: "success", Outcome.UNWELL: "failed", Outcome.UNDERWAY: "running"}
        body = {
            "state": states.get(notice.outcome, "pending"),
            "name": f"yardarm/{notice.environment}",
            "description": notice.text[:_DESCRIPTION],
        }
        project = quote(repository, safe="")
        url = f"{self.api.rstrip('/')}/projects/{project}/statuses/{notice.revision}"
        _post(url, body, {"PRIVATE-TOKEN": _secret(self.token_file)})


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/."""

    url_file: Path
    commits: bool = False
    name: str = "slack"

    def send(self, notice: Notice, repository: str) -> None:
        """Say it in the channel, where nothing in it is markup."""
        del repository
        signs = {Outcome.WELL: "✓", Outcome.UNWELL: "✗"}
        text = f"{signs.get(notice.outcome, '…')} {notice.environment} @ {notice.revision[:7] or '?'}: {notice.text}"
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        _post(_secret(self.url_file), {"text": escaped}, {})


@dataclass(frozen=True, slots=True)
class Program:
    """A program that knows a secret: ``X-Signature`` is that of Flux's generic-hmac."""

    url: str
    secret_file: Path
    commits: bool = True
    name: str = "webhook"

    def send(self, notice: Notice, repository: str) -> None:
        """Call it."""
        body = {
            "apiVersion": "output.yardarm.dev/v1",
            "kind": "Notice",
            "environment": notice.environment,
            "revision": notice.revision,
            "outcome": str(notice.outcome),
            "text": notice.text,
            "repository": repository,
        }
        data = orjson.dumps(body)
        signature = hmac.new(_secret(self.secret_file).encode(), data, hashlib.sha256).hexdigest()
        _post(self.url, data, {"X-Signature": f"sha256={signature}"})


def _secret(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            secret = opened.read(_SECRET_BYTES).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TransientError(f"{file} cannot be read ({type(error).__name__})") from None
    if not secret:
        raise TransientError(f"{file} is empty")
    return secret


def _post(url: str, body: object, headers: Mapping[str, str]) -> None:
    """One call. The path is never told: that of a channel is its secret."""
    host = urlsplit(url).hostname or "the address"
    try:
        answer = pool(url).request(
            "POST",
            url,
            body=body if isinstance(body, bytes) else orjson.dumps(body),
            headers={**ALWAYS, **headers},
            redirect=False,
            retries=False,
            timeout=TIMEOUT_SECONDS,
            preload_content=False,
        )
        status = answer.status
        answer.close()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise TransientError(f"no answer of {host} ({type(error).__name__})") from None
    if status == _TRY_AGAIN or status >= 500:  # noqa: PLR2004 - where a server's own errors begin
        raise TransientError(f"{host} answers {status}")
    if not 200 <= status < 300:  # noqa: PLR2004 - what is well, in HTTP
        raise UserError(f"{host} answers {status}", exit_code=2)
