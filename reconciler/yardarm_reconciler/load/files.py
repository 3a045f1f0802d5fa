"""Which files of a tree hold specs, and the files that a spec may read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yardarm_reconciler.load import codes
from yardarm_reconciler.load.text import unseen
from yardarm_reconciler.model.document import ReadFile
from yardarm_reconciler.model.origin import Diagnostic, Place
from yardarm_reconciler.model.paths import matches_any
from yardarm_reconciler.ports import File, Tree

MAX_FILE_BYTES = 1 << 20
"""Bytes of one spec file."""

MAX_FILES = 20_000
"""Spec files of one repository."""

MAX_TOTAL_BYTES = 64 << 20
"""Bytes of all spec files of one repository."""

MAX_REFERENCED_BYTES = 512 << 10
"""Bytes of a file that a spec refers to: a ConfigMap holds no more than 1 MiB, in base64 at worst."""

_MAX_PATH = 1024
_REGULAR = frozenset({"100644", "100755"})
_SYMLINK, _SUBMODULE = "120000", "160000"
_SUFFIXES = (".yaml", ".yml")
_ILLEGAL_NAME = re.compile(r"(?:^|/)(?:\.{0,2}|\.git)(?:/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The spec files to read, and the paths under which something is that cannot be read."""

    files: tuple[File, ...]
    broken: frozenset[str]
    problems: tuple[Diagnostic, ...]


def is_spec_name(path: str) -> bool:
    """Whether a file of this name is read as specs."""
    return path.endswith(_SUFFIXES)


def select(files: Sequence[File], patterns: Iterable[str], ignore: Iterable[str]) -> Selection:
    """Choose the spec files of a tree: YAML files under ``patterns`` and not under ``ignore``."""
    patterns, ignore = tuple(patterns), tuple(ignore)
    seen = Counter(file.path for file in files if is_spec_name(file.path))
    chosen: list[File] = []
    problems: list[Diagnostic] = []
    broken = set()
    total = 0
    for file in files:
        if not (is_spec_name(file.path) or file.mode not in _REGULAR) or not matches_any(patterns, file.path):
            continue
        if matches_any(ignore, file.path):
            continue
        problem = _refused(file, times=seen[file.path])
        if problem is None:
            total += file.size
            if len(chosen) < MAX_FILES and total <= MAX_TOTAL_BYTES:
                chosen.append(file)
                continue
        else:
            problems.append(problem)
        broken.add(file.path)
    if len(broken) > len({problem.place.path for problem in problems}):
        message = (
            f"At most {MAX_FILES} files with {MAX_TOTAL_BYTES >> 20} MiB are read; the rest is held as it is."
        )
        problems.append(codes.TOO_MANY.at(Place(min(broken)), message))
    return Selection(tuple(chosen), frozenset(broken), tuple(problems))


def _refused(file: File, *, times: int) -> Diagnostic | None:
    place = Place(file.path)
    if not is_sound(file.path):
        return codes.PATH.at(place)
    if times > 1:
        return codes.PATH.at(place, "The commit lists this path twice.")
    if file.mode == _SYMLINK:
        return codes.SYMLINK.at(place, fix="commit the file itself, or list the path under `ignore`")
    if file.mode == _SUBMODULE:
        return codes.SUBMODULE.at(place, fix="commit the files themselves, or list the path under `ignore`")
    if file.size > MAX_FILE_BYTES:
        size = f"{file.size / (1 << 20):.1f} MiB"
        return codes.TOO_BIG.at(place, f"The file has {size}; a spec file has at most 1 MiB.", fix="split it")
    return None


def is_sound(path: str) -> bool:
    """Whether a path is relative, normal, and means the same to every tool."""
    return (
        len(path) <= _MAX_PATH
        and "\\" not in path
        and not _ILLEGAL_NAME.search(path)
        and not unseen("", path)
    )


def reader(tree: Tree, files: Sequence[File]) -> ReadFile:
    """Give the function that reads a file of the tree for a spec: sound paths of regular files, of bounded size."""
    count = Counter(file.path for file in files)
    regular = {
        file.path: file
        for file in files
        if file.mode in _REGULAR and file.size <= MAX_REFERENCED_BYTES and count[file.path] == 1
    }

    def read_file(path: str) -> bytes | None:
        file = regular.get(path)
        return tree.read([file])[file.id] if file is not None and is_sound(path) else None

    return read_file
