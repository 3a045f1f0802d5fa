"""Which answers pass by themselves, and how long to wait: data and arithmetic, no sockets and no sleep."""

from __future__ import annotations

from collections.abc import Callable

AGAIN = frozenset({429, 500, 502, 503, 504})
"""Answers that say nothing of the request itself. 429 is sent before anything was done, whatever the verb."""

# These 500s are the request's own fault: asking again gives the same answer.
# https://github.com/kubernetes/kubernetes/issues/90058
_PERMANENT = (
    "failed to create typed patch object",
    "failed to convert new object",
    "field not declared in schema",
    "request to convert CR to an invalid group/version",
)

FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 8.0
DEADLINE_SECONDS = 30.0
"""For one request with all its repetitions."""

Jitter = Callable[[float], float]
"""A number between 0 and the given one."""


def passes_by_itself(status: int, message: str) -> bool:
    """Tell whether to ask again."""
    return status in AGAIN and not (status == 500 and any(text in message for text in _PERMANENT))  # noqa: PLR2004


def wait_seconds(attempt: int, retry_after: str | None, jitter: Jitter) -> float:
    """How long to wait after an attempt, counted from 1: full jitter, and never less than the server asked for.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    # Of the two forms of Retry-After API servers send seconds only.
    asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
    return asked + jitter(longest)
