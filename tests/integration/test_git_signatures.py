"""Signed commits and tags: real keys, real programs, in SHA-1 and SHA-256 repositories, near and far."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.git_server import GIT, git, serve
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.source.address import RefKind, address, ref
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.local import LocalSource
from yardarm_reconciler.source.remote import Remote
from yardarm_reconciler.source.signatures import Verify

PROGRAM = Git(GIT)
MAIN = ref(RefKind.BRANCH, "main")
KEYGEN = shutil.which("ssh-keygen") or "ssh-keygen"
GPG = shutil.which("gpg") or "gpg"
THEN = ("--faked-system-time", "20190101T000000")


@dataclass(frozen=True)
class Person:
    """Somebody with a key; ``options`` make git sign with it."""

    keys: Path
    options: tuple[str, ...]


def ssh_person(folder: Path, name: str) -> Person:
    """Somebody with an ssh key, and a file that allows its signatures."""
    key = folder / name
    subprocess.run([KEYGEN, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    allowed = folder / f"{name}.allowed"
    allowed.write_text(f"{name}@example.com {key.with_suffix('.pub').read_text()}")
    return Person(allowed, ("-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"))


def gpg_person(folder: Path, name: str, *when: str, expires: str = "never") -> Person:
    """Somebody with an OpenPGP key, and its public half; ``when`` makes gpg believe in another time."""
    home = folder / f"{name}.gnupg"
    home.mkdir(mode=0o700)
    gpg = [GPG, "--batch", "--homedir", str(home)]
    make = ["--passphrase", "", "--quick-generate-key", f"{name}@example.com", "ed25519", "sign", expires]
    subprocess.run([*gpg, *when, *make], check=True, capture_output=True)
    public = folder / f"{name}.asc"
    public.write_bytes(subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True).stdout)
    wrapper = folder / f"{name}.gpg"
    wrapper.write_text(f'#!/bin/sh\nexec {GPG} --homedir {home} {" ".join(when)} "$@"\n')
    wrapper.chmod(0o755)
    return Person(public, ("-c", f"gpg.program={wrapper}", "-c", f"user.signingkey={name}@example.com"))


@pytest.fixture
def people(tmp_path: Path) -> Iterator[Path]:
    """A folder for OpenPGP keys; the agents that hold them end with the test."""
    yield tmp_path
    for home in tmp_path.glob("*.gnupg"):
        subprocess.run(
            [shutil.which("gpgconf") or "gpgconf", "--homedir", str(home), "--kill", "all"], check=True
        )


@pytest.fixture
def ana(tmp_path: Path) -> Person:
    """Somebody whose key is trusted."""
    return ssh_person(tmp_path, "ana")


@pytest.fixture(params=["sha1", "sha256"])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository of each kind of object ids."""
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "-q", "-b", "main", f"--object-format={request.param}")
    return root


def committed(root: Path, *options: str, sign: bool = True) -> str:
    """A commit, signed or not."""
    git(root, *options, "commit", "-q", "--allow-empty", "-m", "A change", *(["-S"] if sign else []))
    return git(root, "rev-parse", "HEAD").decode().strip()


def unsigned(root: Path, revision: str, verify: Verify, followed=MAIN) -> str:
    """What is said of a revision."""
    return LocalSource(PROGRAM, root, followed, verify).unsigned(revision)


def test_a_commit_signed_by_a_trusted_key_counts(work: Path, ana: Person):
    """The key is in the file that the operator mounted."""
    assert unsigned(work, committed(work, *ana.options), Verify("ssh", ana.keys)) == ""


def test_a_commit_without_signature_does_not_count(work: Path, ana: Person):
    """Nor does one that only says so in its message."""
    first = committed(work, sign=False)
    git(work, "commit", "-q", "--allow-empty", "-m", "x\n\ngpgsig -----BEGIN SSH SIGNATURE-----")
    second = git(work, "rev-parse", "HEAD").decode().strip()

    for revision in (first, second):
        assert unsigned(work, revision, Verify("ssh", ana.keys)) == f"{revision[:7]} is not signed"


def test_a_commit_signed_by_another_key_does_not_count(work: Path, ana: Person, tmp_path: Path):
    """Though the repository's own configuration trusts it, and names a program that says yes to everything."""
    eve = ssh_person(tmp_path, "eve")
    yes = tmp_path / "yes"
    yes.write_text("#!/bin/sh\necho 'Good \"git\" signature for ana@example.com'\nexit 0\n")
    yes.chmod(0o755)
    git(work, "config", "gpg.ssh.allowedSignersFile", str(eve.keys))
    git(work, "config", "gpg.ssh.program", str(yes))
    git(work, "config", "gpg.program", str(yes))
    revision = committed(work, "-c", "gpg.ssh.program=ssh-keygen", *eve.options)

    assert "not signed by a key that is trusted" in unsigned(work, revision, Verify("ssh", ana.keys))


def test_a_commit_that_was_changed_after_it_was_signed_does_not_count(work: Path, ana: Person):
    """Its signature is somebody's, of something else."""
    revision = committed(work, *ana.options)
    forged = git(work, "cat-file", "commit", revision).replace(b"A change", b"Another!")
    other = git(work, "hash-object", "-t", "commit", "-w", "--stdin", given=forged).decode().strip()

    assert "not signed by a key that is trusted" in unsigned(work, other, Verify("ssh", ana.keys))


def test_keys_that_are_missing_trust_nobody(work: Path, ana: Person, tmp_path: Path):
    """A secret that is not mounted yet is an error that says so, and no revision is followed."""
    revision = committed(work, *ana.options)
    with pytest.raises(UserError) as error:
        unsigned(work, revision, Verify("ssh", tmp_path / "none"))
    assert [each.code.name for each in error.value.diagnostics] == ["git/keys"]


def test_a_signed_tag_vouches_for_its_commit(work: Path, ana: Person):
    """Also where the commit itself is not signed; an unsigned or a plain tag does not."""
    revision = committed(work, sign=False)
    git(work, *ana.options, "tag", "-s", "-m", "Release", "v1")
    git(work, "tag", "-a", "-m", "Release", "v2")
    git(work, "tag", "v3")
    tag, both = Verify("ssh", ana.keys, commit=False, tag=True), Verify("ssh", ana.keys, tag=True)

    assert unsigned(work, revision, tag, ref(RefKind.TAG, "v1")) == ""
    assert unsigned(work, revision, tag, ref(RefKind.TAG, "v2")) == "tag v2 has no signature"
    assert unsigned(work, revision, tag, ref(RefKind.TAG, "v3")) == "tag v3 has no signature"
    assert unsigned(work, revision, both, ref(RefKind.TAG, "v1")) == f"{revision[:7]} is not signed"
    assert "is no tag" in unsigned(work, revision, tag)


def test_a_signed_tag_under_another_name_does_not_count(work: Path, ana: Person):
    """Whoever may push refs could bring back an old release as the newest one."""
    revision = committed(work, sign=False)
    git(work, *ana.options, "tag", "-s", "-m", "Release", "v1")
    git(work, "update-ref", "refs/tags/v9", "refs/tags/v1")
    tag = Verify("ssh", ana.keys, commit=False, tag=True)

    assert unsigned(work, revision, tag, ref(RefKind.TAG, "v9")) == "tag v9 was signed as something else"


def test_signatures_are_checked_in_clones_of_servers(work: Path, ana: Person, tmp_path: Path):
    """The tag's own object is fetched with the commit that it names."""
    revision = committed(work, *ana.options)
    git(work, *ana.options, "tag", "-s", "-m", "Release", "v1")
    with serve(tmp_path) as server:
        where = address(f"{server.url}/work/.git", loopback_http=True)
        for followed, tag in ((MAIN, False), (ref(RefKind.TAG, "v1"), True)):
            verify = Verify("ssh", ana.keys, tag=tag)
            source = Remote(PROGRAM, where, followed, tmp_path / f"state{tag}", verify=verify)
            assert source.poll().id == revision
            assert source.unsigned(revision) == ""


def test_openpgp_signatures_count_by_their_own_keys(work: Path, ana: Person, people: Path):
    """A good signature by a key that is mounted; neither another key's nor an ssh signature."""
    bob, eve = gpg_person(people, "bob"), gpg_person(people, "eve")
    verify = Verify("gpg", bob.keys)

    assert unsigned(work, committed(work, *bob.options), verify) == ""
    assert "not signed by a key" in unsigned(work, committed(work, *eve.options), verify)
    assert "not signed by a key" in unsigned(work, committed(work, *ana.options), verify)
    assert "not signed by a key" in unsigned(work, committed(work, *bob.options), Verify("ssh", ana.keys))


def test_a_signature_of_an_expired_key_does_not_count(work: Path, people: Path):
    """It was good when it was made; whether it was made then nobody can tell."""
    old = gpg_person(people, "old", *THEN, expires="20200101T000000")
    revision = committed(work, *old.options)
    assert "not signed by a key" in unsigned(work, revision, Verify("gpg", old.keys))


def test_a_file_that_holds_no_openpgp_keys_trusts_nobody(work: Path, ana: Person):
    """An allowed-signers file in its place is an error, not an empty keyring."""
    with pytest.raises(UserError) as error:
        unsigned(work, committed(work, *ana.options), Verify("gpg", ana.keys))
    assert [each.code.name for each in error.value.diagnostics] == ["git/keys"]
