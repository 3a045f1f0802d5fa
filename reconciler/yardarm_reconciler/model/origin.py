"""Where a value was written, what is wrong with it, and the three ways to fail."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Place(NamedTuple):
    """A range in a file of the config repository. Lines and columns count from 1, columns in code points.

    ``line`` 0 means the file as a whole; an empty ``path`` means that no file is to blame.
    A tuple, because a load makes hundreds of thousands and a frozen dataclass costs five times as much.
    """

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        """Give ``path:line:column``, as far as it is known."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


NOWHERE = Place("")


class Severity(enum.StrEnum):
    """How bad a diagnostic is. Only an error holds a workload."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Replace:
    """One word of what is underlined, and the word that must stand there instead."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Requote:
    """The same characters as a text in quotes, or without quotes as a number."""

    quotes: bool


Repair: TypeAlias = Replace | Requote
"""What a program may write for a person, because nothing else can be meant."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Other text in one place of a file; the place is where it is now."""

    place: Place
    new: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What a reader can do, in words, and as a repair where it is certain."""

    words: str
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem, declared once and the same in every output.

    ``name`` is ``area/words-with-dashes`` and never changes; texts may.
    """

    name: str
    title: str
    why: str
    bad: str = ""
    good: str = ""
    severity: Severity = Severity.ERROR

    def at(
        self,
        place: Place,
        message: str = "",
        *,
        fix: str | Advice = "",
        note: str = "",
        field: str = "",
    ) -> Diagnostic:
        """Say that this problem is at ``place``. Without a message the title says it.

        Args:
            place: what to underline.
            message: one sentence, without the place; never a secret, never a whole object.
            fix: what the reader can do; shown at the caret (``did you mean "h100-80gb"?``).
            note: a further fact for the line below (what is offered, who owns the limit).
            field: dotted path in the document, ``spec.accelerator``.
        """
        advice = fix if isinstance(fix, Advice) else Advice(fix)
        return Diagnostic(self, place, message or self.title, advice.words, note, field, advice.repair)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem, as a value: never raised, always returned, sorted before it is shown."""

    code: Code
    place: Place
    message: str
    fix: str = ""
    note: str = ""
    field: str = ""
    repair: Repair | None = None

    @property
    def severity(self) -> Severity:
        """The code's severity."""
        return self.code.severity

    @property
    def is_error(self) -> bool:
        """True where the problem holds what it touches."""
        return self.code.severity is Severity.ERROR

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Order by place, then code, then text: equal input gives byte-equal output."""
        return (self.place, self.code.name, self.message)

    def __str__(self) -> str:
        """Give the one-line form: ``path:line:col: severity[code] message``."""
        where = f"{self.place}: " if self.place.path else ""
        return f"{where}{self.severity}[{self.code.name}] {self.message}"


def in_order(diagnostics: Any) -> tuple[Diagnostic, ...]:  # noqa: ANN401 - any iterable of diagnostics
    """Sort diagnostics for output and drop exact repeats."""
    unique = {(d.sort_key, d.field): d for d in diagnostics}
    return tuple(unique[key] for key in sorted(unique, key=lambda k: (k[0], k[1])))


def by_path(diagnostics: Iterable[Diagnostic]) -> dict[str, tuple[Diagnostic, ...]]:
    """Diagnostics by the file they are about, in their order."""
    found: dict[str, list[Diagnostic]] = {}
    for each in diagnostics:
        found.setdefault(each.place.path, []).append(each)
    return {path: tuple(several) for path, several in found.items()}


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """A stage's answer: what it could make, and every problem that it met on the way."""

    value: T_co
    diagnostics: tuple[Diagnostic, ...] = field(default=())


class UserError(Exception):
    """Wrong input: nothing can be done, and trying again does not help. Exit 1, or 2 for usage and settings.

    ``diagnostics`` say what and where; the text is for the case that there is no place.
    """

    def __init__(self, message: str, diagnostics: tuple[Diagnostic, ...] = (), *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.diagnostics = diagnostics
        self.exit_code = exit_code


class TransientError(Exception):
    """The outside world did not answer (git, API server): tried again with back-off. Exit 5."""


class FencedError(Exception):
    """Another process writes to this unit: stop at once, write nothing more. Exit 5."""


class HeldElsewhereError(FencedError):
    """Another process holds the cluster's lease: nothing was written, and nothing is wrong. ``holder`` names it."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"the lease of the cluster is held by {holder}")
        self.holder = holder
