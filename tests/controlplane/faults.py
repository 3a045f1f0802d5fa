"""Faults as data: which requests, and what befalls them on their way."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

WRITING_METHODS = "POST|PUT|PATCH|DELETE"


@dataclass(frozen=True, slots=True)
class Match:
    """Which requests: full-match regular expressions, and which of the matching ones."""

    method: str = ".*"
    path: str = ".*"
    query: str = ".*"
    nth: int | None = None  # counted from 1, among those that match the rest; None is every one

    def matches(self, method: str, target: str) -> bool:
        """Whether a request line matches, whatever its number."""
        parts = urlsplit(target)
        pairs = ((self.method, method), (self.path, parts.path), (self.query, parts.query))
        return all(re.fullmatch(pattern, text) for pattern, text in pairs)


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait before going on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ResetBefore:
    """Reset the connection; the server never sees the request."""


@dataclass(frozen=True, slots=True)
class ResetAfter:
    """Forward, read the whole answer, so that a write is committed, then reset the connection."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with a Status of this code; the server never sees the request."""

    code: int
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Truncate:
    """Forward, but pass on only so many bytes of the answer's body, then close."""

    body_bytes: int


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """Say nothing, and keep the connection open until the client has had enough of waiting.

    Attributes:
        forwarded: whether the server has the request, so that a write is committed.
    """

    forwarded: bool


@dataclass(frozen=True, slots=True)
class Mute:
    """Of an answer that goes on, pass on nothing more once the event is set; the connection stays open."""

    once: threading.Event


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function as the request leaves (before the server has it) or as its answer returns.

    Rules are applied in order: `Call("before", kill)` and then `ResetBefore()` is a program that
    dies with its request unsent; `Call("after", kill)` one that dies not knowing that it wrote.
    """

    when: Literal["before", "after"]
    function: Callable[[], None]


Action = Delay | ResetBefore | ResetAfter | Refuse | Truncate | HalfOpen | Mute | Call


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to the requests that match."""

    match: Match
    action: Action


@dataclass(slots=True)
class Faults:
    """The rules now in force, and every request seen; safe to use from several threads."""

    _rules: dict[int, Rule] = field(default_factory=dict)
    _counts: dict[int, int] = field(default_factory=dict)
    _seen: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, match: Match, action: Action) -> None:
        """Put a rule after those there are; it starts to count now."""
        with self._lock:
            number = len(self._counts)
            self._rules[number] = Rule(match, action)
            self._counts[number] = 0

    def clear(self) -> None:
        """Take all rules away."""
        with self._lock:
            self._rules.clear()

    def count(self, match: Match) -> int:
        """Return how many of all requests so far match (`nth` is not looked at)."""
        with self._lock:
            return sum(match.matches(*request) for request in self._seen)

    def actions(self, method: str, target: str) -> list[Action]:
        """Count a request, and return what shall happen to it, in the order of the rules."""
        with self._lock:
            self._seen.append((method, target))
            return [
                rule.action
                for number, rule in self._rules.items()
                if rule.match.matches(method, target) and self._is_due(number, rule.match)
            ]

    def _is_due(self, number: int, match: Match) -> bool:
        self._counts[number] += 1
        return match.nth in (None, self._counts[number])
