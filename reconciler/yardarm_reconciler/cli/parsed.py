"""What was parsed before, kept on disk by what it was parsed from: the second look at a repository is the quicker one.

Only commands that look at files alone use it; what goes to a cluster is parsed anew. It may be lost or damaged at any time:
what cannot be read back exactly is parsed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from types import ModuleType

import orjson

from yardarm_reconciler.load import composer, flat, parsing, scalars, text
from yardarm_reconciler.model import node
from yardarm_reconciler.model.node import Node
from yardarm_reconciler.model.origin import Found

Key = tuple[str, str]
Parsed = Found[tuple[Node, ...]]

MOST_FILES = 20_000
"""Files that are kept; of 100 lines each they take some 200 MB."""

_CRC_DIGITS = 8
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
                self._write(self._file(id_), orjson.dumps([flat.flatten(each) for each in parsed.value]))
            if self._new:
                self._prune()
        self._new.clear()

    def _file(self, id_: str) -> Path:
        return self._directory / id_[:2] / id_[2:]

    def _read(self, path: str, id_: str) -> Parsed | None:
        if not _ID.fullmatch(id_):
            return None
        try:
            data = self._file(id_).read_bytes()
            if f"{zlib.crc32(data[_CRC_DIGITS:]):08x}".encode() != data[:_CRC_DIGITS]:
                return None
            documents = tuple([flat.unflatten(path, each) for each in orjson.loads(data[_CRC_DIGITS:])])
        except (OSError, ValueError, TypeError):
            return None
        self._kept.add(id_)
        return Found(documents)

    def _write(self, file: Path, data: bytes) -> None:
        """Write a file whole or not at all: two processes may write it at one time."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as made:
            made.write(f"{zlib.crc32(data):08x}".encode() + data)
        Path(made.name).replace(file)

    def _prune(self) -> None:
        """Delete the oldest beyond the limit, of this version and of others."""
        files = [file for file in self._directory.parent.glob("*/*/*") if file.is_file()]
        if len(files) > MOST_FILES:
            files.sort(key=lambda file: file.stat().st_mtime)
            for file in files[: len(files) - MOST_FILES]:
                file.unlink(missing_ok=True)


def cache_directory(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where caches of this program lie; None where nobody says.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    base = environ.get("XDG_CACHE_HOME", "")
    if base.startswith("/"):
        return Path(base) / "yardarm" / "parsed"
    home = environ.get("HOME", "")
    return Path(home) / ".cache" / "yardarm" / "parsed" if home.startswith("/") else None


def _version() -> str:
    """A digest of the code that parses: releases are not the only changes that there are."""
    made = hashlib.sha256()
    for module in _MAKERS:
        made.update(Path(module.__file__ or "").read_bytes())
    return made.hexdigest()[:16]
