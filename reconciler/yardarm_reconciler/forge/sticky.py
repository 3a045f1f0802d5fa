"""One comment that is written once and then again in its place, found by a hidden line at its beginning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from yardarm_reconciler.model.origin import TransientError, UserError

MARKER = re.compile(r"<!-- yardarm [a-z][a-z -]{0,40} -->")
ATTEMPTS = 3
"""Times that a comment is looked for and written, where an answer was lost: only looking tells what became of it."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that is there. ``ours`` where we wrote it: others could begin theirs with our line."""

    id: str
    body: str
    url: str
    ours: bool


class Conversation(Protocol):
    """The comments of one pull request."""

    longest: int

    def comments(self) -> Iterable[Comment]:
        """All of them, the oldest first."""

    def create(self, body: str) -> Comment:
        """Add one."""

    def update(self, comment: Comment, body: str) -> Comment:
        """Write one anew."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done (``created``, ``updated``, ``unchanged``), and where it can be read."""

    what: str
    url: str


def put(conversation: Conversation, body: str) -> Done:
    """See that the conversation has exactly this page, in the comment of its kind.

    Raises:
        UserError: it is no page of ours, is too long, or the forge refuses.
        TransientError: the forge does not answer.
    """
    marker = MARKER.match(body)
    if marker is None:
        raise UserError(
            "the first line is not <!-- yardarm … -->: only such a comment is found again", exit_code=2
        )
    if len(body) > conversation.longest:
        raise UserError(f"{len(body)} characters, a comment may have {conversation.longest}", exit_code=2)
    for _ in range(ATTEMPTS - 1):
        try:
            return _put(conversation, marker[0], body)
        except TransientError:
            continue
    return _put(conversation, marker[0], body)


def _put(conversation: Conversation, marker: str, body: str) -> Done:
    ours = (each for each in conversation.comments() if each.ours and each.body.startswith(marker))
    found = next(ours, None)
    if found is None:
        made = conversation.create(body)
        if not made.ours:
            raise UserError(
                f"{made.url} was written by another author than we look for: say --author, or each run adds one",
                exit_code=2,
            )
        return Done("created", made.url)
    if found.body.rstrip() == body.rstrip():
        return Done("unchanged", found.url)
    return Done("updated", conversation.update(found, body).url)
