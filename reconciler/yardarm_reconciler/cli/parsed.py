"""What was parsed before, kept on disk by what it was parsed from: the second look at a repository is the quicker one.

Only commands that look at files alone use it; what goes to a cluster is parsed anew. It may be lost or damaged at any time:
what cannot be read back exactly is parsed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from types import ModuleType

import orjson

from yardarm_reconciler.cli import caching
from yardarm_reconciler.load import composer, flat, parsing, scalars, text
from yardarm_reconciler.model import node
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found

Key = tuple[str, str]
Parsed = Found[tuple[Node, ...]]

MOST_FILES = 20_000
"""Files that are kept; of 100 lines each they take some 200 MB."""

_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAKERS: tuple[ModuleType, ...] = (composer, flat, node, parsing, scalars, text)
"""What decides how a file is parsed: with another version of one of these nothing is known."""


class ParsedFiles(MutableMapping[Key, Parsed]):
    """Documents by path and blob id: those of this process in memory, those of earlier ones in a directory.

    Files with anything to be said of them are not kept. :meth:`keep` writes what is new.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory / _version()
        self._here: dict[Key, Parsed] = {}
        self._new: dict[str, Parsed] = {}
        self._kept: set[str] = set()

    def __getitem__(self, key: Key) -> Parsed:
        """Documents from memory or from disk. Raises KeyError."""
        found = self._here.get(key) or self._read(*key)
        if found is None:
            raise KeyError(key)
        return found

    def __setitem__(self, key: Key, value: Parsed) -> None:
        """Remember documents."""
        self._here[key] = value
        if not value.diagnostics and key[1] not in self._kept and _ID.fullmatch(key[1]):
            self._new[key[1]] = value

    def __delitem__(self, key: Key) -> None:
        """Forget documents in memory; what is on disk is known by its content, and stays."""
        self._here.pop(key, None)

    def __iter__(self) -> Iterator[Key]:
        """Those in memory, in order of use."""
        return iter(self._here)

    def __len__(self) -> int:
        """Those in memory."""
        return len(self._here)

    def keep(self) -> None:
        """Write what is new; a disk that is full or not ours costs time at the next look, nothing else."""
        with contextlib.suppress(OSError):
            for id_, parsed in self._new.items():
                content = orjson.dumps([flat.flatten(each) for each in parsed.value])
                caching.write(self._file(id_), content)
            if self._new:
                caching.prune(self._directory.parent, MOST_FILES)
        self._new.clear()

    def _file(self, id_: str) -> Path:
        return self._directory / id_[:2] / id_[2:]

    def _read(self, path: str, id_: str) -> Parsed | None:
        if not _ID.fullmatch(id_):
            return None
        content = caching.read(self._file(id_))
        if content is None:
            return None
        try:
            documents = tuple([flat.unflatten(path, each) for each in orjson.loads(content)])
        except (ValueError, TypeError):
            return None
        self._kept.add(id_)
        return Found(documents)


def _version() -> str:
    """A digest of the code that parses: releases are not the only changes that there are."""
    made = hashlib.sha256()
    for module in _MAKERS:
        made.update(Path(module.__file__ or "").read_bytes())
    return made.hexdigest()[:16]
