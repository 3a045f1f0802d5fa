"""Who is told what becomes of environments."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from yardarm_schema.addresses import ApiUrl, LocalPath, Secret
from yardarm_schema.base import Forms, Model


class GitHubStatus(Model):
    """Statuses of commits on GitHub."""

    token_file: Annotated[
        LocalPath, Field(description="File with a token that may write commit statuses; read at every call.")
    ]
    api: Annotated[ApiUrl, Field(description="Address of GitHub's API.")] = "https://api.github.com"


class GitLabStatus(Model):
    """Statuses of commits on GitLab."""

    token_file: Annotated[
        LocalPath, Field(description="File with a token that may use the API; read at every call.")
    ]
    api: Annotated[ApiUrl, Field(description="Address of GitLab's API.")] = "https://gitlab.com/api/v4"


class Chat(Model):
    """A channel of Slack, or of what takes the same calls."""

    url_file: Annotated[
        LocalPath,
        Field(
            description="File with the address of its incoming webhook, which is a secret; read at every call."
        ),
    ]


class Hook(Secret):
    """A program of your own."""

    url: Annotated[ApiUrl, Field(description="Where it listens.")]


class NotifyGitHub(Model):
    """Commits of sources on GitHub get a status for each environment."""

    github: Annotated[GitHubStatus, Field(description="How to write there.")]


class NotifyGitLab(Model):
    """Commits of sources on GitLab get a status for each environment."""

    gitlab: Annotated[GitLabStatus, Field(description="How to write there.")]


class NotifySlack(Model):
    """A channel is told when an environment is not well any more, and when it is again."""

    slack: Annotated[Chat, Field(description="Which channel.")]


class NotifyWebhook(Model):
    """A program is called with JSON, signed as X-Signature: sha256=<hex HMAC of the body>."""

    webhook: Annotated[Hook, Field(description="Which program.")]


Notify: TypeAlias = Annotated[
    NotifyGitHub | NotifyGitLab | NotifySlack | NotifyWebhook,
    Forms(
        keys={
            "github": NotifyGitHub,
            "gitlab": NotifyGitLab,
            "slack": NotifySlack,
            "webhook": NotifyWebhook,
        }
    ),
]
