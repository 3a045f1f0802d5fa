"""The files of a working directory, as an editor shows them: for validate, render, plan and diff."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.ports import File
from yardarm_reconciler.source.failures import excerpt
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.objects import SUBMODULE, SYMLINK, blob_id, raw_path, shown_path

REVISION = "working-tree"
"""The revision of every working tree: its files have no commit."""

HASHED_BYTES = 1024 * 1024
"""Files beyond this size, which no spec has, are named by when they changed, so that data lying beside specs
is not read."""

_NO_COMMIT = "0" * 40


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """The files below ``root``: what git tracks or would offer to add; where there is no git, all of them.

    Symbolic links are listed and never followed. File ids are those that git would give, so what was parsed
    from a commit need not be parsed again.
    """

    git: Git
    root: Path

    @property
    def revision(self) -> str:
        """``working-tree``."""
        return REVISION

    def files(self) -> Sequence[File]:
        """Every file, sorted by path; a tracked file that is not on disk is not there.

        Raises:
            TransientError: a directory or file cannot be read, or git did not answer.
        """
        paths, sha256 = self._paths()
        real: dict[bytes, bool] = {}
        try:
            found = [self._file(path, sha256=sha256) for path in paths if self._is_inside(path, real)]
        except OSError as error:
            raise _unreadable(error) from error
        return sorted((file for file in found if file), key=lambda file: file.path)

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """Bytes by file id; of a symbolic link its target's path. A submodule has none.

        Raises:
            TransientError: one of them cannot be read, or changed since it was listed.
        """
        contents = {}
        for file in files:
            if file.mode == SUBMODULE:
                continue
            path = raw_path(file.path)
            if not self._is_inside(path, {}):
                raise TransientError(f"{file.path} has become a symbolic link's target since it was listed")
            try:
                content, name = self._content(path, sha256=len(file.id) == 64)  # noqa: PLR2004 - hex digits
            except OSError as error:
                raise _unreadable(error) from error
            if name != file.id:
                raise TransientError(f"{file.path} changed while it was being read")
            contents[file.id] = content
        return contents

    def _paths(self) -> tuple[Iterable[bytes], bool]:
        """All paths that may be files, and whether git names them by SHA-256."""
        kind = self.git.run("rev-parse", "--show-object-format", directory=self.root)
        if not kind.ok and "not a git repository" in kind.err:
            return _walk(self.root), False
        listed = self.git.run("ls-files", "-z", "-co", "--exclude-standard", directory=self.root)
        if not (kind.ok and listed.ok):
            raise TransientError(f"{self.root} cannot be listed: {excerpt(kind.err or listed.err)}")
        # A conflict lists a path several times; a repository within ends in a slash.
        return dict.fromkeys(
            path.rstrip(b"/") for path in listed.out.split(b"\0")[:-1]
        ), kind.out == b"sha256\n"

    def _is_inside(self, path: bytes, real: dict[bytes, bool]) -> bool:
        """Whether every directory on the way is one, and no symbolic link; ``real`` remembers the answers."""
        parent = os.path.dirname(path)  # noqa: PTH120 - bytes, as the file system has them
        if parent and parent not in real:
            real[parent] = self._is_inside(parent, real) and stat.S_ISDIR(self._mode(parent))
        return not parent or real[parent]

    def _mode(self, path: bytes) -> int:
        try:
            return os.lstat(self._absolute(path)).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def _file(self, path: bytes, *, sha256: bool) -> File | None:
        absolute = self._absolute(path)
        try:
            status = os.lstat(absolute)
            shown = shown_path(path)
            if stat.S_ISDIR(status.st_mode):
                return File(shown, _NO_COMMIT, 0, SUBMODULE)
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
                return None  # a socket or a pipe: git has no word for it either
            if status.st_size > HASHED_BYTES:
                return File(shown, _stamp(path, status), status.st_size, _mode(status))
            content, name = self._content(path, sha256=sha256)
        except FileNotFoundError:
            return None
        return File(shown, name, len(content), _mode(status))

    def _content(self, path: bytes, *, sha256: bool) -> tuple[bytes, str]:
        """The bytes of a file and its id."""
        absolute = self._absolute(path)
        if stat.S_ISLNK(os.lstat(absolute).st_mode):
            content = os.readlink(absolute)  # noqa: PTH115 - bytes, as the file system has them
            return content, blob_id(content, sha256=sha256)
        descriptor = os.open(absolute, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            content = file.read()
        if status.st_size > HASHED_BYTES:
            return content, _stamp(path, status)
        return content, blob_id(content, sha256=sha256)

    def _absolute(self, path: bytes) -> bytes:
        return os.path.join(os.fsencode(self.root), path)  # noqa: PTH118 - bytes, as the file system has them


def _walk(root: Path) -> Iterator[bytes]:
    for directory, directories, names in os.walk(os.fsencode(root), onerror=_raise):
        links = [name for name in directories if os.path.islink(os.path.join(directory, name))]  # noqa: PTH114, PTH118 - bytes
        for name in (*names, *links):
            yield os.path.relpath(os.path.join(directory, name), os.fsencode(root))  # noqa: PTH118 - bytes


def _raise(error: OSError) -> None:
    raise error


def _mode(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return SYMLINK
    return "100755" if status.st_mode & stat.S_IXUSR else "100644"


def _stamp(path: bytes, status: os.stat_result) -> str:
    return "stamp-" + blob_id(b"%s\0%d\0%d" % (path, status.st_size, status.st_mtime_ns))


def _unreadable(error: OSError) -> TransientError:
    name = error.filename
    path = os.fsdecode(name) if isinstance(name, (str, bytes)) else "A file"
    return TransientError(f"{path} cannot be read: {error.strerror}")
