"""Whether a commit, or the tag that names it, was signed by somebody whose key the operator has mounted.

Git itself checks, with ssh-keygen or gpg; what a repository or a user configures of these programs is overridden, and
a signature of the other kind counts as none: its program is not ours to trust.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from yardarm_reconciler.model.origin import NOWHERE, Code, TransientError, UserError
from yardarm_reconciler.source.address import Ref, RefKind
from yardarm_reconciler.source.failures import excerpt
from yardarm_reconciler.source.git import Access, Answer, Git, run_alone

KEYS = Code(
    "git/keys",
    title="Signatures cannot be checked",
    why="Without the keys, and the program that reads them, no revision counts as signed, and none is followed.",
    bad="verify: {ssh: {allowedSigners: /etc/yardarm/missing}}",
    good="verify: {ssh: {allowedSigners: /etc/yardarm/allowed_signers}}",
)

SHORT = 7
"""Characters of a commit id in a sentence, as git shows it."""

_SIGNED = re.compile(rb"^gpgsig(?:-sha256)? ", re.MULTILINE)
_TAG_SIGNED = re.compile(rb"^-----BEGIN (?:SSH|PGP) SIGNATURE-----$", re.MULTILINE)
_REFUSED = re.compile(r"\[GNUPG:\] (?:BADSIG|ERRSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|NO_PUBKEY)\b")
_VALID = re.compile(r"\[GNUPG:\] VALIDSIG\b")


@dataclass(frozen=True, slots=True)
class Verify:
    """What must be signed, and by whom: ``keys`` are allowed signers as ssh-keygen reads them, or OpenPGP public keys.

    ``commit`` and ``tag`` say what of a ref must be; a tag must be the one that the ref names.
    """

    kind: str
    keys: Path
    commit: bool = True
    tag: bool = False

    def unsigned(self, git: Git, git_dir: Path, revision: str, ref: Ref, stored: str) -> str:
        """Why the signature of a revision does not count; empty where it does.

        Args:
            git: the program.
            git_dir: a repository that holds it.
            revision: full id of a commit.
            ref: that it was followed by.
            stored: where that ref is stored in the repository.

        Raises:
            UserError: the keys, or the program for them, are missing.
            TransientError: git did not answer.
        """
        with self._checking() as (settings, environment):
            run = _Run(git, git_dir, settings, environment)
            if self.commit and (why := self._commit(run, revision)):
                return why
            return self._tag(run, revision, ref, stored) if self.tag else ""

    def _commit(self, run: _Run, revision: str) -> str:
        written = run.object("commit", revision)
        if not _SIGNED.search(written.partition(b"\n\n")[0]):
            return f"{revision[:SHORT]} is not signed"
        answer = run("verify-commit", "--raw", revision)
        return "" if self._good(answer) else f"{revision[:SHORT]} is not signed by a key that is trusted here"

    def _tag(self, run: _Run, revision: str, ref: Ref, stored: str) -> str:
        if ref.kind is not RefKind.TAG:
            return f"{ref} is no tag, and a signed tag is asked for"
        found = run("rev-parse", "--verify", "--quiet", "--end-of-options", stored)
        id_ = found.out.decode().strip()
        if not found.ok or run("cat-file", "-t", id_).out.strip() != b"tag":
            return f"{ref} has no signature"
        head = run.object("tag", id_).partition(b"\n\n")[0].decode("utf-8", "replace").splitlines()
        # A tag that was signed under another name, or for another commit, says nothing of this one.
        if f"object {revision}" not in head or f"tag {ref.name}" not in head:
            return f"{ref} was signed as something else"
        if not _TAG_SIGNED.search(run.object("tag", id_)):
            return f"{ref} has no signature"
        return (
            ""
            if self._good(run("verify-tag", "--raw", id_))
            else f"{ref} is not signed by a key that is trusted here"
        )

    def _good(self, answer: Answer) -> bool:
        if answer.stopped:
            raise TransientError(f"a signature could not be checked: {excerpt(answer.err)}")
        if self.kind == "ssh":
            return answer.ok
        # An expired or revoked key is not good enough, whatever this version of git makes of it.
        return answer.ok and bool(_VALID.search(answer.err)) and not _REFUSED.search(answer.err)

    @contextmanager
    def _checking(self) -> Iterator[tuple[Mapping[str, str], Mapping[str, str]]]:
        """Git's settings and the environment for checking."""
        if not self.keys.is_file():
            raise _unusable(f"{self.keys} is missing")
        never = {"gpg.program": "false", "gpg.x509.program": "false", "gpg.ssh.program": "false"}
        if self.kind == "ssh":
            yield (
                never
                | {
                    "gpg.ssh.program": _program("ssh-keygen"),
                    "gpg.ssh.allowedSignersFile": str(self.keys.absolute()),
                },
                {},
            )
            return
        gpg = _program("gpg")
        with tempfile.TemporaryDirectory(prefix="yardarm-gpg-") as home:
            _import(gpg, self.keys, Path(home))
            yield never | {"gpg.program": gpg, "gpg.minTrustLevel": "undefined"}, {"GNUPGHOME": home}


@dataclass(frozen=True, slots=True)
class _Run:
    """Runs git with what checking needs."""

    git: Git
    git_dir: Path
    settings: Mapping[str, str]
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> Answer:
        settings = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        access = Access(environment=self.environment)
        return self.git.run(
            *settings, *arguments, directory=self.git_dir, git_dir=self.git_dir, access=access
        )

    def object(self, kind: str, id_: str) -> bytes:
        answer = self("cat-file", kind, id_)
        if not answer.ok:
            raise TransientError(f"{kind} {id_[:SHORT]} cannot be read: {excerpt(answer.err)}")
        return answer.out


def _import(gpg: str, keys: Path, home: Path) -> None:
    """Put the keys, and no others, into a keyring of their own."""
    command = [gpg, "--batch", "--no-autostart", "--quiet", "--homedir", str(home), "--import", str(keys)]
    answer = run_alone(command, home, {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": str(home)})
    if not answer.ok:
        raise _unusable(f"{keys} does not hold OpenPGP public keys")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise _unusable(f"{name} is not installed")
    return str(Path(found).absolute())


def _unusable(message: str) -> UserError:
    return UserError(message, (KEYS.at(NOWHERE, message),), exit_code=2)
