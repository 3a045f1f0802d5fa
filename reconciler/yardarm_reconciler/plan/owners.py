"""Who looks after a file, as CODEOWNERS says: of the base, for a change must not name its own reviewers.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yardarm_reconciler.model.document import ReadFile
from yardarm_reconciler.model.paths import matches

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it may lie; the first that there is counts."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Patterns with those whom they name, in the order of the file: the last that matches counts."""

    rules: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """Who looks after a file; nobody where no pattern matches, or the last names nobody."""
        found = (names for pattern, names in reversed(self.rules) if _matches(pattern, path))
        return next(found, ())


def owners(read_file: ReadFile) -> Owners:
    """Read the file of a revision; without one nobody owns anything."""
    data = next((data for place in PLACES if (data := read_file(place)) is not None), b"")
    lines = (line.partition("#")[0].split() for line in data.decode("utf-8", "replace").splitlines())
    return Owners(tuple(rule for words in lines if (rule := _rule(words))))


def _rule(words: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """A line; those that begin a section (GitLab's) or exclude (which GitHub does not know) are left out."""
    if not words or words[0][0] in "[^!":
        return None
    return words[0], tuple(words[1:])


def _matches(pattern: str, path: str) -> bool:
    """As gitignore reads it: without a slash in it at any depth; ``*`` at the end is one name and no directory."""
    anchored = "/" in pattern.rstrip("/")
    full = pattern.lstrip("/") if anchored else f"**/{pattern}"
    if full.endswith("/*") and anchored:
        return path.count("/") == full.count("/") and matches(full, path)
    return matches(full, path)
