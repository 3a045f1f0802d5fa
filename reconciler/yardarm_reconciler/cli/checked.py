"""What a check came to, kept on disk by all that it was made from: to look again costs no more than to see that nothing changed.

It imports no stage, since those that a check needs take longer to import than that.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

import yardarm_reconciler
import yardarm_schema
from yardarm_reconciler.cli import caching, exits
from yardarm_reconciler.model.origin import (
    Code,
    Diagnostic,
    Place,
    Repair,
    Replace,
    Requote,
    Severity,
    UserError,
)
from yardarm_reconciler.ports import File, Tree

MOST_FILES = 200
"""Checks that are kept; each has the names of all files with specs, some 100 kB for 2,000."""

LIBRARIES = ("pydantic", "pydantic-core", "PyYAML")
"""Whose word on what is valid is passed on."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One revision, checked for all its environments. ``objects`` counts manifests by environment.

    ``files`` are those with specs.
    """

    revision: str
    specs: int
    files: tuple[str, ...]
    objects: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]

    def about(self, only: Sequence[str]) -> Checked:
        """What concerns some paths, or all where none is named."""
        if not only:
            return self
        return replace(
            self,
            files=tuple(path for path in self.files if concerns(path, only)),
            diagnostics=tuple(each for each in self.diagnostics if concerns(each.place.path, only)),
        )


def lies_below(path: str, root: str) -> bool:
    """Whether a file is at a path of the repository, or anywhere below it."""
    return root in {".", path} or path.startswith(f"{root}/")


def concerns(path: str, only: Sequence[str]) -> bool:
    """Whether a file is one of those that were asked about."""
    return any(lies_below(path, root) for root in only)


def require(files: Sequence[File], only: Sequence[str]) -> None:
    """Refuse paths that are nowhere: one with a typing error is not one without errors.

    Raises:
        UserError: it names one.
    """
    for path in only:
        if not any(lies_below(file.path, path) for file in files):
            raise UserError(f"no file of the repository lies at {path}", exit_code=exits.USAGE)


def checked_once(tree: Tree, files: Sequence[File], check: Callable[[Tree], Checked]) -> Checked:
    """The check of a tree, or what the same check of the same files came to before.

    Args:
        tree: what is to be checked.
        files: all of it, as the tree lists them.
        check: does it.
    """
    directory = caching.cache_directory("checked")
    if directory is None:
        return check(tree)
    file = directory / _key(files)
    before = _decoded(caching.read(file))
    if before is not None:
        return replace(before, revision=tree.revision)
    checked = check(tree)
    # A disk that is full or not ours costs time at the next look, nothing else.
    with contextlib.suppress(OSError):
        caching.write(file, orjson.dumps(checked, default=tuple))
        caching.prune(directory, MOST_FILES)
    return checked


# What a check is made from -----------------------------------------------------------------------


def _key(files: Sequence[File]) -> str:
    """A name for the files, by content and mode, and for all code that looks at them."""
    made = hashlib.sha256()
    for part in (sys.version, *(f"{name} {version(name)}" for name in LIBRARIES), *_code()):
        made.update(f"{part}\0".encode())
    for file in files:
        made.update(f"{file.path}\0{file.id}\0{file.mode}\0".encode())
    return made.hexdigest()


def _code() -> list[str]:
    """Our own code, by path, size and time: releases are not the only changes that there are."""
    found = []
    for package in (yardarm_reconciler, yardarm_schema):
        root = Path(package.__file__ or "").parent
        for path in root.rglob("*"):
            status = path.stat()
            if path.suffix != ".pyc" and path.is_file():
                found.append(f"{path.relative_to(root)} {status.st_size} {status.st_mtime_ns}")
    return sorted(found)


# As JSON -----------------------------------------------------------------------------------------


def _decoded(content: bytes | None) -> Checked | None:
    """What was written; None where it was written otherwise, or not at all."""
    if content is None:
        return None
    try:
        said = orjson.loads(content)
        return Checked(
            revision=said["revision"],
            specs=said["specs"],
            files=tuple(said["files"]),
            objects=said["objects"],
            diagnostics=tuple(_diagnostic(each) for each in said["diagnostics"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def _diagnostic(said: dict[str, Any]) -> Diagnostic:
    code = Code(**{**said["code"], "severity": Severity(said["code"]["severity"])})
    rest = {"code": code, "place": Place(*said["place"]), "repair": _repair(said["repair"])}
    return Diagnostic(**{**said, **rest})


def _repair(said: dict[str, Any] | None) -> Repair | None:
    if said is None:
        return None
    return Requote(**said) if "quotes" in said else Replace(**said)
