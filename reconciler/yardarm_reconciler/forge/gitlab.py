"""Notes of a merge request of GitLab: https://docs.gitlab.com/api/notes/#merge-requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from yardarm_reconciler.forge.api import Api
from yardarm_reconciler.forge.sticky import Comment
from yardarm_reconciler.ports import Clock


class GitLab:
    """One merge request; comments of ours are those of the token's own user.

    Args:
        api: address of the API, with its version.
        project: id, or ``group/name``.
        number: of the merge request in its project.
        token: which may write to it; that of a job may not.
        page: address of the merge request, for people.
        clock: for waits.
    """

    longest = 1_000_000

    def __init__(self, api: str, project: str, number: str, token: str, page: str, clock: Clock) -> None:
        self._api = Api(api, {"PRIVATE-TOKEN": token}, clock)
        self._notes = f"projects/{quote(project, safe='')}/merge_requests/{number}/notes"
        self._page = page
        self._user: object = None

    def comments(self) -> Iterable[Comment]:
        """All that people and programs wrote, the oldest first."""
        found = self._api.pages(f"{self._notes}?per_page=100&sort=asc&order_by=created_at")
        return (self._comment(each) for each in found if not each.get("system"))

    def create(self, body: str) -> Comment:
        """Add one."""
        return self._comment(self._api.ask("POST", self._notes, {"body": body}).body)

    def update(self, comment: Comment, body: str) -> Comment:
        """Write one anew."""
        return self._comment(self._api.ask("PUT", f"{self._notes}/{comment.id}", {"body": body}).body)

    def _comment(self, found: Mapping[str, Any]) -> Comment:
        if self._user is None:
            self._user = self._api.ask("GET", "user").body["id"]
        ours = (found.get("author") or {}).get("id") == self._user
        return Comment(
            str(found["id"]), found.get("body") or "", f"{self._page}#note_{found['id']}", ours=ours
        )
