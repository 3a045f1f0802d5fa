"""Comments of a pull request of GitHub: https://docs.github.com/rest/issues/comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yardarm_reconciler.forge.api import Api
from yardarm_reconciler.forge.sticky import Comment
from yardarm_reconciler.ports import Clock

ACTIONS = "github-actions[bot]"
"""Whom GitHub names as the author of what a job writes with its own token."""


class GitHub:
    """One pull request.

    Args:
        api: address of the API.
        repository: ``owner/name``.
        number: of the pull request.
        token: which may write to it.
        author: login that comments of ours have.
        clock: for waits.
    """

    longest = 65_536

    def __init__(self, api: str, repository: str, number: str, token: str, author: str, clock: Clock) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._api = Api(api, headers, clock)
        self._issues = f"repos/{repository}/issues"
        self._number = number
        self._author = author

    def comments(self) -> Iterable[Comment]:
        """All of them, the oldest first."""
        path = f"{self._issues}/{self._number}/comments?per_page=100"
        return (self._comment(each) for each in self._api.pages(path))

    def create(self, body: str) -> Comment:
        """Add one."""
        path = f"{self._issues}/{self._number}/comments"
        return self._comment(self._api.ask("POST", path, {"body": body}).body)

    def update(self, comment: Comment, body: str) -> Comment:
        """Write one anew."""
        path = f"{self._issues}/comments/{comment.id}"
        return self._comment(self._api.ask("PATCH", path, {"body": body}).body)

    def _comment(self, found: Mapping[str, Any]) -> Comment:
        login = (found.get("user") or {}).get("login", "")
        return Comment(
            str(found["id"]), found.get("body") or "", found["html_url"], ours=login == self._author
        )
