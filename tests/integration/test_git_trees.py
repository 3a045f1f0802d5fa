"""Commits and working directories as trees, from real repositories."""

import os
import time

import pytest

from tests.integration.git_server import GIT, bare, commit, git
from yardarm_reconciler.model.origin import TransientError
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.objects import blob_id
from yardarm_reconciler.source.trees import CommitTree
from yardarm_reconciler.source.worktree import HASHED_BYTES, WorkingTree

PROGRAM = Git(GIT)


def _contents(tree):
    """Bytes by path."""
    files = tree.files()
    data = tree.read(files)
    return {file.path: data[file.id] for file in files if file.id in data}


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_commit_is_read_whole(tmp_path, kind):
    """Every file of the commit comes with its bytes, equal ones and empty ones too."""
    repository = bare(tmp_path / "m", f"--object-format={kind}")
    files = {"b/a.yaml": b"a\n", "a.yaml": b"a\n", "empty": b"", "b.bin": bytes(range(256)) * 100}
    tree = CommitTree(PROGRAM, repository, commit(repository, files))
    assert _contents(tree) == files
    assert [file.path for file in tree.files()] == sorted(files)


def test_an_empty_commit_has_no_files(tmp_path):
    """Nothing is a good answer where git says so."""
    repository = bare(tmp_path / "m")
    tree = CommitTree(PROGRAM, repository, commit(repository, {}))
    assert (tree.files(), tree.read([])) == ([], {})


def test_two_thousand_files_are_read_within_a_second(tmp_path):
    """Bulk reads take two runs of git, whatever their number."""
    repository = bare(tmp_path / "m")
    files = {f"team-{n % 40}/w{n}.yaml": b"kind: Service\n" * 9 + b"n: %d\n" % n for n in range(2000)}
    tree = CommitTree(PROGRAM, repository, commit(repository, files))
    started = time.monotonic()
    assert len(tree.read(tree.files())) == 2000
    assert time.monotonic() - started < 1


def _entry(mode, kind, name, path):
    return f"{mode} {kind} {name}\t".encode() + path + b"\0"


def hostile(repository):
    """Commit a tree that no sane git makes."""
    blob = git(repository, "hash-object", "-w", "--stdin", given=b"target").decode().strip()
    entries = [
        _entry("100644", "blob", blob, b"good.yaml"),
        _entry("120000", "blob", blob, b"link"),
        _entry("160000", "commit", "1" * 40, b"module"),
        _entry("100755", "blob", blob, b"new\nline"),
        _entry("100644", "blob", blob, b"\xff\xfe"),
        _entry("100644", "blob", blob, b"back\\slash"),
    ]
    inner = git(repository, "mktree", "-z", "--missing", given=b"".join(entries)).decode().strip()
    raw = b"".join(
        mode + b" " + name + b"\0" + bytes.fromhex(made)
        for mode, name, made in (
            (b"100644", b"..", blob),
            (b"40000", b".git", inner),
            (b"40000", b"ok", inner),
        )
    )
    top = (
        git(repository, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)
        .decode()
        .strip()
    )
    made = git(repository, "commit-tree", top, "-m", "x").decode().strip()
    git(repository, "update-ref", "refs/heads/main", made)
    return made


@pytest.mark.slow
def test_a_hundred_thousand_files_are_listed_and_one_is_read(tmp_path):
    """Sizes come with the listing: nothing is read that nobody asks for."""
    repository = bare(tmp_path / "r.git")
    entries = "".join(f"M 100644 :1 d{n % 100}/f{n}\n" for n in range(100_000))
    stream = (
        f"blob\nmark :1\ndata 5\na: 1\n\ncommit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 0\n{entries}"
    )
    git(repository, "fast-import", "--quiet", given=stream.encode())
    revision = git(repository, "rev-parse", "main").decode().strip()
    started = time.monotonic()
    tree = CommitTree(PROGRAM, repository, revision)
    files = tree.files()
    assert len(files) == 100_000
    assert tree.read(files[:1]) == {files[0].id: b"a: 1\n"}
    assert time.monotonic() - started < 20


def test_a_repository_that_borrows_objects_is_read(tmp_path):
    """Objects that lie with another repository (alternates) are its own."""
    first = bare(tmp_path / "first.git")
    revision = commit(first, {"a.yaml": b"a: 1\n"})
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(first), "second.git")
    tree = CommitTree(PROGRAM, tmp_path / "second.git", revision)
    (file,) = tree.files()
    assert tree.read([file]) == {file.id: b"a: 1\n"}


def test_entries_of_a_hostile_tree_are_all_listed(tmp_path):
    """Links, submodules, dots, newlines and foreign bytes are kept, so that they can be reported."""
    repository = bare(tmp_path / "m")
    tree = CommitTree(PROGRAM, repository, hostile(repository))
    files = {file.path: file for file in tree.files()}
    names = ["good.yaml", "link", "module", "new\\x0aline", "\\xff\\xfe", "back\\\\slash"]
    assert set(files) == {".."} | {f"{top}/{name}" for top in (".git", "ok") for name in names}
    assert [files[f"ok/{name}"].mode for name in names[1:4]] == ["120000", "160000", "100755"]
    assert set(tree.read(tree.files()).values()) == {b"target"}


def test_a_missing_object_is_no_deletion(tmp_path):
    """One blob less is an error, and the keeper of the repository is told."""
    repository = bare(tmp_path / "m")
    blob = git(repository, "hash-object", "-w", "--stdin", given=b"lost").decode().strip()
    listing = _entry("100644", "blob", blob, b"a.yaml")
    made = git(
        repository, "commit-tree", git(repository, "mktree", "-z", given=listing).decode().strip(), "-m", "x"
    )
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    told = []
    tree = CommitTree(PROGRAM, repository, made.decode().strip(), lambda: told.append(1))
    with pytest.raises(TransientError):
        tree.files()
    assert told


def test_a_corrupt_pack_is_no_deletion(tmp_path):
    """Wherever a pack ends too early, the answer is an error or all that there is, never a part."""
    repository = bare(tmp_path / "m")
    files = {f"w{n}.yaml": os.urandom(200) for n in range(50)}
    tree = CommitTree(PROGRAM, repository, commit(repository, files))
    listed = tree.files()
    pack = next((repository / "objects" / "pack").glob("*.pack"))
    whole = pack.read_bytes()
    pack.chmod(0o600)
    for part in (0.2, 0.5, 0.9):
        pack.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(TransientError):
            tree.read(listed)


def test_a_listing_that_git_is_not_happy_with_is_none(tmp_path):
    """However complete it looks, the exit code must agree."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\nprintf '100644 blob {'1' * 40} 1\\ta\\0'\nexit 128\n")
    program.chmod(0o755)
    with pytest.raises(TransientError):
        CommitTree(Git(str(program)), tmp_path, "1" * 40).files()


def test_a_vanished_repository_is_no_deletion(tmp_path):
    """A directory that is gone cannot be read."""
    with pytest.raises(TransientError):
        CommitTree(PROGRAM, tmp_path / "gone", "1" * 40).files()


# Working directories ---------------------------------------------------------------------------


def _work(tmp_path, *options):
    root = tmp_path / "work"
    root.mkdir()
    git(root, "init", "-q", "-b", "main", *options)
    for name in ("kept", "changed", "deleted"):
        (root / name).write_text(name)
    (root / ".gitignore").write_text("ignored\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "x")
    (root / "changed").write_text("anew")
    (root / "deleted").unlink()
    (root / "untracked").write_text("untracked")
    (root / "ignored").write_text("ignored")
    return root


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_working_tree_is_what_an_editor_shows(tmp_path, kind):
    """Changed and new files as they are on disk; ignored and deleted ones are not there; ids are git's."""
    root = _work(tmp_path, f"--object-format={kind}")
    tree = WorkingTree(PROGRAM, root)
    assert _contents(tree) == {
        ".gitignore": b"ignored\n",
        "changed": b"anew",
        "kept": b"kept",
        "untracked": b"untracked",
    }
    ids = {file.path: file.id for file in tree.files()}
    assert ids["kept"] == git(root, "rev-parse", "HEAD:kept").decode().strip()
    assert tree.revision == "working-tree"


def test_links_are_listed_and_not_followed(tmp_path):
    """A link is its target's path; a tracked directory that became a link does not lead outside."""
    root = _work(tmp_path)
    (root / "dir").mkdir()
    (root / "dir" / "file").write_text("tracked")
    git(root, "add", ".")
    (root / "dir" / "file").unlink()
    (root / "dir").rmdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("secret")
    (root / "dir").symlink_to(outside)
    (root / "passwd").symlink_to("/etc/passwd")
    tree = WorkingTree(PROGRAM, root)
    modes = {file.path: file.mode for file in tree.files()}
    assert (modes["dir"], modes["passwd"], "dir/file" in modes) == ("120000", "120000", False)
    assert _contents(tree)["passwd"] == b"/etc/passwd"


def test_a_repository_within_is_a_submodule(tmp_path):
    """Its files are another repository's."""
    root = _work(tmp_path)
    (root / "within").mkdir()
    git(root / "within", "init", "-q")
    git(root / "within", "commit", "-q", "--allow-empty", "-m", "x")
    assert {f.path: f.mode for f in WorkingTree(PROGRAM, root).files()}["within"] == "160000"


def test_a_directory_without_git_is_walked(tmp_path):
    """All its files count, except pipes and sockets; links to directories are links."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.yaml").write_text("x")
    (tmp_path / "a" / "run").write_text("y")
    (tmp_path / "a" / "run").chmod(0o755)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "new\nline").write_text("z")
    files = WorkingTree(PROGRAM, tmp_path).files()
    assert [(f.path, f.mode) for f in files] == [
        ("a/b/c.yaml", "100644"),
        ("a/run", "100755"),
        ("link", "120000"),
        ("new\\x0aline", "100644"),
    ]
    assert files[0].id == blob_id(b"x")


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path):
    """What is checked is what was listed."""
    (tmp_path / "a").write_text("1")
    tree = WorkingTree(PROGRAM, tmp_path)
    listed = tree.files()
    (tmp_path / "a").write_text("2")
    with pytest.raises(TransientError):
        tree.read(listed)


def test_large_files_are_listed_without_being_read(tmp_path):
    """Data beside specs costs nothing until it is asked for; it can be, all the same."""
    with (tmp_path / "data").open("wb") as file:
        file.truncate(HASHED_BYTES + 1)
    tree = WorkingTree(PROGRAM, tmp_path)
    listed = tree.files()
    assert (listed[0].size, listed[0].id.startswith("stamp-")) == (HASHED_BYTES + 1, True)
    assert len(tree.read(listed)[listed[0].id]) == HASHED_BYTES + 1


def test_what_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    """A directory without permission is not an empty one, and one that is gone neither."""
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(path):
        if os.fsdecode(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for root in (tmp_path, tmp_path / "gone"):
        with pytest.raises(TransientError):
            WorkingTree(PROGRAM, root).files()
