"""A repository on a git server, and the clone of it that we keep: a cache, which may be lost at any time.

Layout of the directory: ``<12 hex of the URL's digest>/`` with ``lock``, ``generation-<n>/`` (bare repositories, the
highest counts) and, while one is being made, ``partial/``. A clone that turns out to be damaged, or that does
not advance, is never repaired: a new one is made beside it and renamed into place.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError
from yardarm_reconciler.ports import Ancestry, Revision
from yardarm_reconciler.source.address import Address, Ref, RefKind
from yardarm_reconciler.source.credentials import Credentials
from yardarm_reconciler.source.failures import Fault, excerpt, failure, fault
from yardarm_reconciler.source.git import DEADLINE, Answer, Git
from yardarm_reconciler.source.signatures import Verify
from yardarm_reconciler.source.trees import CommitTree, ancestry, between, has_commit, shallow

NO_SUCH_REF = Code(
    "git/ref-missing",
    title="The repository has no such branch or tag",
    why="A deleted branch is no order to delete what runs: the last good revision stays in force.",
    bad="ref: {branch: mian}",
    good="ref: {branch: main}",
)
EMPTY = Code(
    "git/empty-repository",
    title="The repository shows no branch and no tag",
    why="An empty repository is no order to delete what runs: the last good revision stays in force.",
    bad="git init",
    good="git commit",
)

_NO_CREDENTIALS = Credentials()
_LISTING_BYTES = 32 * 1024 * 1024
_MANY_PACKS = 50  # one a fetch; beyond this, reading starts to slow down
_DAMAGED = "yardarm-damaged"
_OURS = "refs/yardarm/source"
_LINE = re.compile(r"(?P<id>[0-9a-f]{40}|[0-9a-f]{64})\t(?P<name>\S.*)")
_GENERATION = re.compile(r"generation-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Remote:
    """A branch, tag or commit of a repository on a git server.

    ``state`` is a directory for clones; ``deadline`` in seconds is that of one transfer. Two processes may
    share ``state``: one at a time fetches.
    """

    git: Git
    address: Address
    ref: Ref
    state: Path
    credentials: Credentials = _NO_CREDENTIALS
    deadline: float = DEADLINE
    verify: Verify | None = None

    def poll(self) -> Revision:
        """Ask where the ref stands, and fetch only if that commit is not here yet.

        Raises:
            UserError: a person has to act: access, URL, ref.
            TransientError: the server did not answer well; worth another try.
        """
        commit = self.head()
        self.fetch(commit)
        return Revision(commit)

    def head(self) -> str:
        """The commit that the ref names now, by one cheap request; a commit names itself.

        Raises:
            UserError: a person has to act; the ref may be gone, or the repository empty.
            TransientError: the server did not answer well.
        """
        if self.ref.kind is RefKind.COMMIT:
            return self.ref.name
        peeled = f"{self.ref.full}^{{}}"  # of an annotated tag, the commit that it names
        refs = self._list(self.ref.full, peeled)
        commit = refs.get(peeled) or refs.get(self.ref.full)
        if commit is None:
            raise self._missing()
        return commit

    def fetch(self, commit: str) -> None:
        """Have this commit, completely, in a clone.

        Raises:
            UserError: a person has to act.
            TransientError: it could not be fetched; what was here is as it was.
        """
        clone = self._clone()
        if clone and has_commit(self.git, clone, commit):
            return
        try:
            with self._locked():
                clone = self._clone()
                if clone is None or not self._advance(clone, commit):
                    self._new_generation(commit)
        except OSError as error:
            raise TransientError(f"{self._home} cannot be written: {error.strerror}") from error

    def tree(self, revision: str) -> CommitTree:
        """The files of a commit, fetched where it is not here.

        Raises:
            UserError: as :meth:`fetch`.
            TransientError: as :meth:`fetch`.
        """
        self.fetch(revision)
        clone = self._clone()
        if clone is None:
            raise TransientError(f"The clone of {self.address.url} is gone")
        return CommitTree(self.git, clone, revision, lambda: _mark(clone))

    def ancestry(self, old: str, new: str) -> Ancestry:
        """Whether ``new`` continues ``old``; Unknown where our clone does not reach back that far."""
        clone = self._clone()
        return Ancestry.UNKNOWN if clone is None else ancestry(self.git, clone, old, new)

    def deepen(self) -> None:
        """Fetch what is missing of the history of the ref.

        Raises:
            UserError: a person has to act.
            TransientError: it could not be fetched; what was here is as it was.
        """
        clone = self._clone()
        if clone is None or not shallow(clone):
            return
        with self._locked():
            answer = self._transfer(clone, self.ref.full, "--unshallow")
        if not answer.ok:
            raise failure(answer, self.address.url)

    def between(self, old: str, new: str, most: int) -> tuple[str, ...]:
        """The commits of the main line after ``old`` up to ``new``, the newest first, as far as our clone reaches."""
        clone = self._clone()
        return () if clone is None else between(self.git, clone, old, new, most)

    def unsigned(self, revision: str) -> str:
        """Why the signature of a commit does not count; empty where it does, or none is asked for.

        Raises:
            UserError: the keys are missing.
            TransientError: it could not be read.
        """
        if self.verify is None:
            return ""
        self.fetch(revision)
        clone = self._clone()
        if clone is None:
            raise TransientError(f"The clone of {self.address.url} is gone")
        return self.verify.unsigned(self.git, clone, revision, self.ref, _OURS)

    # Asking the server -----------------------------------------------------------------------

    def _list(self, *patterns: str) -> dict[str, str]:
        """Commit or tag ids by full ref name, of exactly these refs, or of all branches and tags."""
        self._make_home()
        answer = self.git.run(
            "ls-remote",
            "--quiet",
            *(() if patterns else ("--heads", "--tags")),
            "--",
            self.address.url,
            *patterns,
            directory=self._home,
            access=self.credentials.access(self.address),
            deadline=self.deadline,
            limit=_LISTING_BYTES,
        )
        if not answer.ok:
            raise failure(answer, self.address.url)
        lines = [_LINE.fullmatch(line) for line in answer.out.decode("utf-8", "replace").splitlines()]
        if None in lines:
            raise TransientError(f"{self.address.url}: the server's list of refs cannot be read")
        refs = {line["name"]: line["id"] for line in lines if line}
        return {name: refs[name] for name in patterns if name in refs} if patterns else refs

    def _missing(self) -> UserError:
        refs = self._list()
        if not refs:
            message, code, fix = f"{self.address.url} has no commit yet", EMPTY, ""
        else:
            prefix = self.ref.full.removesuffix(self.ref.name)
            names = [name.removeprefix(prefix) for name in refs if name.startswith(prefix)]
            close = difflib.get_close_matches(self.ref.name, names, n=1)
            message, code = f"{self.address.url} has no {self.ref}", NO_SUCH_REF
            fix = f'did you mean "{close[0]}"?' if close else ""
        return UserError(message, (code.at(NOWHERE, message, fix=fix),), exit_code=2)

    # The clone -------------------------------------------------------------------------------

    @property
    def _home(self) -> Path:
        return self.state / hashlib.sha256(self.address.url.encode()).hexdigest()[:12]

    def _make_home(self) -> None:
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise TransientError(f"{self._home} cannot be made: {error.strerror}") from error

    def _generations(self) -> list[tuple[int, Path]]:
        found = ((_GENERATION.fullmatch(path.name), path) for path in self._home.glob("generation-*"))
        return sorted((int(match[1]), path) for match, path in found if match)

    def _clone(self) -> Path | None:
        """The newest clone, unless it is known to be damaged."""
        generations = self._generations()
        if not generations or (generations[-1][1] / _DAMAGED).exists():
            return None
        return generations[-1][1]

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only one that writes; the kernel ends the lock with the process."""
        self._make_home()
        with (self._home / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TransientError(f"{self.address.url} is being fetched by another process") from None
            yield

    def _advance(self, clone: Path, commit: str) -> bool:
        """Fetch what is new, with its history; false where the clone itself is to blame or gets nowhere."""
        _clear(clone)
        for source in self._names_of(commit):
            answer = self._transfer(clone, source)
            if answer.ok and has_commit(self.git, clone, commit):
                self._tidy(clone)
                return True
            if answer.ok or fault(answer) is Fault.NO_SUCH_REF:
                continue
            if fault(answer) in (Fault.OTHER, Fault.STOPPED):
                return False
            raise failure(answer, self.address.url)
        return False

    def _new_generation(self, commit: str) -> None:
        """Clone afresh without history beside what there is, then take its place."""
        generations = self._generations()
        number = generations[-1][0] + 1 if generations else 1
        partial = self._home / "partial"
        _remove(partial)
        try:
            self._start(partial, commit)
            partial.rename(self._home / f"generation-{number}")
        finally:
            _remove(partial)
        for _, path in generations:
            _remove(path)

    def _start(self, clone: Path, commit: str) -> None:
        clone.mkdir(mode=0o700)
        kind = "sha256" if len(commit) == 64 else "sha1"  # noqa: PLR2004 - hex digits
        made = self.git.run(
            "init",
            "--quiet",
            "--bare",
            "--template=",
            f"--object-format={kind}",
            directory=clone,
            git_dir=clone,
        )
        if not made.ok:
            raise TransientError(f"{clone}: {excerpt(made.err)}")
        for source in self._names_of(commit):
            answer = self._transfer(clone, source, "--depth=1")
            if answer.ok and has_commit(self.git, clone, commit):
                return
            if not answer.ok and fault(answer) is not Fault.NO_SUCH_REF:
                raise failure(answer, self.address.url)
        raise TransientError(
            f"{self.address.url}: commit {commit} is not there; {self.ref} may just have moved"
        )

    def _names_of(self, commit: str) -> Sequence[str]:
        """What to ask the server for: the ref, which every server gives, then the commit itself."""
        return (commit,) if self.ref.kind is RefKind.COMMIT else (self.ref.full, commit)

    def _transfer(self, clone: Path, source: str, *depth: str) -> Answer:
        return self.git.run(
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            *depth,
            "--",
            self.address.url,
            f"+{source}:{_OURS}",
            directory=clone,
            git_dir=clone,
            access=self.credentials.access(self.address),
            deadline=self.deadline,
        )

    def _tidy(self, clone: Path) -> None:
        """Every fetch leaves a pack; put them together now and then, losing nothing."""
        if len(list((clone / "objects" / "pack").glob("*.pack"))) > _MANY_PACKS:
            # A failure costs time, nothing else: it is tried again after the next fetch.
            self.git.run(
                "repack", "-a", "-d", "-k", "--quiet", directory=clone, git_dir=clone, deadline=self.deadline
            )


def _mark(clone: Path) -> None:
    """Note, for every process to come, that this clone is damaged; no matter where it is gone already."""
    with contextlib.suppress(FileNotFoundError):
        (clone / _DAMAGED).touch()


def _clear(clone: Path) -> None:
    """Remove what a killed fetch left behind; the caller holds our lock, so nobody else uses it."""
    for directory, _, names in os.walk(clone):
        for name in names:
            if name.endswith(".lock") or name.startswith("tmp_"):
                (Path(directory) / name).unlink(missing_ok=True)


def _remove(path: Path) -> None:
    """Delete a directory that may be absent. What cannot be deleted costs disk, nothing else."""
    shutil.rmtree(path, ignore_errors=True)
