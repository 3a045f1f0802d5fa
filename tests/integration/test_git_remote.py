"""A source on a git server: what may go wrong with the server, the network, the history and our clone."""

import base64
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.git_server import GIT, bare, commit, git, serve, wait_until
from tests.integration.test_git_trees import hostile
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.ports import Ancestry
from yardarm_reconciler.source import remote as module
from yardarm_reconciler.source.address import RefKind, address, ref
from yardarm_reconciler.source.credentials import Credentials
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.remote import Remote
from yardarm_reconciler.source.trees import has_commit

pytestmark = pytest.mark.slow

MAIN = ref(RefKind.BRANCH, "main")
CANARY = "canary-4f1b2c"


@pytest.fixture
def server(tmp_path):
    """A git server with one repository, ``models.git``, of one commit."""
    commit(bare(tmp_path / "served" / "models.git"), {"a.yaml": b"a: 1\n"})
    with serve(tmp_path / "served") as running:
        yield running


@pytest.fixture
def repository(server):
    """The repository behind the server."""
    return server.root / "models.git"


@pytest.fixture
def source(server, tmp_path):
    """Branch main of that repository."""
    return _source(server, tmp_path)


def _source(server, tmp_path, *, path="/models.git", at=MAIN, credentials=None, deadline=10.0, program=GIT):
    where = address(server.url + path, loopback_http=True)
    state = tmp_path / "state"
    return Remote(Git(program), where, at, state, credentials or Credentials(), deadline=deadline)


def _clone(source):
    return source._clone()


def _codes(error):
    return [diagnostic.code.name for diagnostic in error.value.diagnostics]


# What is asked for, is read ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_branch_is_followed(server, tmp_path, kind):
    """A poll gives the newest commit and its files, in repositories of either kind."""
    repository = bare(server.root / "other.git", f"--object-format={kind}")
    source = _source(server, tmp_path, path="/other.git")
    for content in (b"1", b"2", b"3"):
        made = commit(repository, {"a": content})
        assert source.poll().id == made
        tree = source.tree(made)
        assert list(tree.read(tree.files()).values()) == [content]


def test_nothing_is_fetched_while_the_branch_stands_still(source, server):
    """A poll without news is one listing of refs."""
    source.poll()
    before = server.posts
    source.poll()
    assert server.posts == before + 1


def test_tags_lead_to_commits(server, repository, tmp_path):
    """An annotated tag is read as the commit that it names, a light one as itself."""
    first = git(repository, "rev-parse", "main").decode().strip()
    git(repository, "tag", "light", "main")
    git(repository, "tag", "-a", "-m", "x", "annotated", "main")
    commit(repository, {"a": b"2"})
    for name in ("light", "annotated"):
        assert _source(server, tmp_path, at=ref(RefKind.TAG, name)).poll().id == first


def test_a_commit_is_pinned(server, repository, tmp_path):
    """A source at a commit stays there, without asking where anything stands."""
    first = git(repository, "rev-parse", "main").decode().strip()
    commit(repository, {"a": b"2"})
    source = _source(server, tmp_path, at=ref(RefKind.COMMIT, first))
    assert source.poll().id == first
    assert [file.path for file in source.tree(first).files()] == ["a.yaml"]


def test_only_the_exact_ref_counts(server, repository, tmp_path):
    """A ref that ends like ours is another ref."""
    git(repository, "update-ref", "refs/heads/x/refs/heads/gone", "main")
    with pytest.raises(UserError):
        _source(server, tmp_path, at=ref(RefKind.BRANCH, "gone")).poll()


def test_an_older_commit_can_be_read(source, repository):
    """A revision below what was fetched first is fetched when it is asked for."""
    first = git(repository, "rev-parse", "main").decode().strip()
    commit(repository, {"b": b"2"})
    source.poll()
    assert [file.path for file in source.tree(first).files()] == ["a.yaml"]


# Failures of the server --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "git/access-denied"), (403, "git/access-denied"), (404, "git/not-found"), (410, "git/not-found")],
)
def test_what_a_person_must_mend_is_said(source, server, status, code):
    """Refused and missing are told apart, and are not transient."""
    server.status = status
    with pytest.raises(UserError) as error:
        source.poll()
    assert _codes(error) == [code]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_server_in_trouble_is_transient(source, server, status):
    """Overload and internal errors are worth another try."""
    server.status = status
    with pytest.raises(TransientError):
        source.poll()


def test_a_page_instead_of_a_repository_is_transient(source, server):
    """A login or maintenance page with status 200 is no empty repository."""
    server.status, server.body = 200, b"<html>\nmaintenance\n</html>\n"
    with pytest.raises(TransientError):
        source.poll()


def test_a_server_that_is_down_changes_nothing(server, tmp_path):
    """What was read before can be read while the server is away."""
    source = _source(server, tmp_path)
    made = source.poll().id
    down = Remote(Git(GIT), source.address, MAIN, source.state)
    server.status = 503
    with pytest.raises(TransientError):
        down.poll()
    assert [file.path for file in down.tree(made).files()] == ["a.yaml"]


def test_nobody_listens(tmp_path):
    """A refused connection is transient."""
    with pytest.raises(TransientError):
        Remote(Git(GIT), address("http://127.0.0.1:1/m", loopback_http=True), MAIN, tmp_path).poll()


@pytest.mark.parametrize("where", ["stall", "stall_posts"])
def test_a_server_that_stalls_is_left_at_the_deadline(server, tmp_path, monkeypatch, where):
    """The deadline holds, and no process stays behind, with no help of ps or pgrep."""
    monkeypatch.setenv("PATH", str(tmp_path))
    setattr(server, where, True)
    started = time.monotonic()
    with pytest.raises(TransientError):
        _source(server, tmp_path, deadline=0.5).poll()
    assert time.monotonic() - started < 4
    assert wait_until(lambda: not _processes_with(server.url))


def _processes_with(text):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text.encode() in line and path.parent.name != str(os.getpid()):
            found.append(line)
    return found


def test_a_server_that_drips_is_left_at_the_deadline(server, tmp_path):
    """A byte now and then is no progress: the deadline is that of the whole transfer."""
    server.drip = True
    started = time.monotonic()
    with pytest.raises(TransientError):
        _source(server, tmp_path, deadline=1.0).poll()
    assert time.monotonic() - started < 10


def test_a_name_that_nobody_knows_is_transient(tmp_path):
    """Name servers fail, too; the top-level domain never exists (RFC 6761)."""
    with pytest.raises(TransientError):
        Remote(Git(GIT), address("https://git.invalid/m.git"), MAIN, tmp_path, deadline=20).poll()


def test_an_answer_that_breaks_off_is_transient(source, server, repository):
    """A listing or a pack that ends early is neither a deletion nor an empty repository."""
    made = source.poll().id
    commit(repository, {"b.yaml": os.urandom(5000)})
    for after in (0, 20, 200, 2000):
        server.break_after = after
        with pytest.raises(TransientError):
            source.poll()
    server.break_after = -1
    assert [file.path for file in source.tree(made).files()] == ["a.yaml"]
    assert source.poll().id != made


def test_a_redirect_to_another_host_is_not_followed(source, server):
    """Wherever a server sends us, we do not go."""
    with serve(server.root) as other:
        server.status, server.headers = 302, {"Location": other.url + "{path}"}
        with pytest.raises(UserError) as error:
            source.poll()
        assert (_codes(error), other.authorizations) == (["git/redirected"], [])


# Failures of the repository ----------------------------------------------------------------------


def test_an_empty_repository_is_an_error(server, tmp_path):
    """No commit is no order to delete everything."""
    bare(server.root / "empty.git")
    with pytest.raises(UserError) as error:
        _source(server, tmp_path, path="/empty.git").poll()
    assert _codes(error) == ["git/empty-repository"]


def test_a_deleted_branch_is_an_error_that_keeps_the_last_good(source, repository):
    """The branch is missed, a near name is offered, and the last commit can still be read."""
    made = source.poll().id
    git(repository, "update-ref", "refs/heads/maine", "main")
    git(repository, "update-ref", "-d", "refs/heads/main")
    with pytest.raises(UserError) as error:
        source.poll()
    assert _codes(error) == ["git/ref-missing"]
    assert "maine" in error.value.diagnostics[0].fix
    assert [file.path for file in source.tree(made).files()] == ["a.yaml"]


def test_an_illegal_tree_is_refused_at_the_door(server, tmp_path):
    """Git's own checks run on what comes in, before anything is read from it."""
    hostile(bare(server.root / "hostile.git"))
    with pytest.raises(UserError) as error:
        _source(server, tmp_path, path="/hostile.git").poll()
    assert _codes(error) == ["git/illegal-object"]


def test_ancestry_is_proven_or_unknown(source, repository):
    """Forward is Yes, rewritten is No, and where our history was cut off it is Unknown."""
    root = git(repository, "rev-parse", "main").decode().strip()
    first = commit(repository, {"a": b"1"})
    source.poll()
    second = commit(repository, {"a": b"2"})
    source.poll()
    amended = commit(repository, {"a": b"two"}, parent=first)
    source.poll()
    asked = [
        (first, second),
        (second, second),
        (second, amended),
        (first, amended),
        (root, second),
        ("1" * 40, second),
    ]
    told = [source.ancestry(old, new) for old, new in asked]
    yes, no, unknown = Ancestry.YES, Ancestry.NO, Ancestry.UNKNOWN
    assert told == [yes, yes, no, yes, unknown, unknown]


def test_a_cut_in_history_is_no_proof_of_a_rewrite(source, repository):
    """After going back below the cut and forward again, the truth cannot be known here, so it is Unknown."""
    root = git(repository, "rev-parse", "main").decode().strip()
    tip = commit(repository, {"a": b"1"})
    source.poll()
    git(repository, "update-ref", "refs/heads/main", root)
    source.poll()
    assert source.ancestry(tip, root) is Ancestry.NO
    git(repository, "update-ref", "refs/heads/main", tip)
    newer = commit(repository, {"a": b"2"})
    source.poll()
    assert source.ancestry(root, newer) is not Ancestry.NO


# Failures of our clone ---------------------------------------------------------------------------


def _pack(source):
    pack = next((_clone(source) / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o600)
    return pack


def test_a_history_that_must_be_known_is_fetched(source, repository, tmp_path, server):
    """A clone that was lost begins anew without history; with the whole of it there is a yes or a no."""
    first = source.poll().id
    second, third = (commit(repository, {"a": text}) for text in (b"2", b"3"))
    anew = replace(source, state=tmp_path / "anew")
    assert anew.poll().id == third
    assert (anew.ancestry(first, third), anew.between(first, third, 9)) == (Ancestry.UNKNOWN, ())
    anew.deepen()
    assert (anew.ancestry(first, third), anew.between(first, third, 9)) == (Ancestry.YES, (third, second))
    server.status = 503
    anew.deepen()  # nothing is missing any more
    server.status = 0
    rewritten = commit(repository, {"a": b"4"}, parent="none")
    other = replace(source, state=tmp_path / "other")
    other.poll()
    other.deepen()
    assert other.ancestry(third, rewritten) is Ancestry.NO


def test_a_damaged_clone_is_an_error_once_and_then_replaced(source, repository):
    """Bytes that are not what they were are never taken for the file; the next poll brings a new clone."""
    made = commit(repository, {"big": os.urandom(5000)})
    source.poll()
    before = _clone(source)
    with _pack(source).open("r+b") as pack:
        pack.seek(2500)
        pack.write(b"\xff" * 40)
    tree = source.tree(made)
    with pytest.raises(TransientError):
        tree.read(tree.files())
    assert source.poll().id == made
    assert source.tree(made).read(source.tree(made).files())
    assert (_clone(source) != before, before.exists()) == (True, False)


def test_a_truncated_clone_is_replaced(source):
    """A pack that ends too early makes no commit look empty."""
    made = source.poll().id
    pack = _pack(source)
    pack.write_bytes(pack.read_bytes()[:-30])
    assert [file.path for file in source.tree(made).files()] == ["a.yaml"]
    assert source.poll().id == made


@pytest.mark.parametrize("wreck", ["HEAD", "config", "objects", "shallow"])
def test_a_clone_without_its_parts_is_replaced(source, repository, wreck):
    """Whatever of a clone is destroyed, the next commit arrives."""
    source.poll()
    part = _clone(source) / wreck
    if part.is_dir():
        part.rename(part.with_name("elsewhere"))
    else:
        part.write_bytes(b"\0garbage")
    made = commit(repository, {"b": b"2"})
    assert source.poll().id == made
    assert [file.path for file in source.tree(made).files()] == ["b"]


def test_a_clone_is_not_lost_when_its_successor_cannot_be_made(source, server):
    """While the server is away, a damaged clone stays, and nothing half-made takes its place."""
    source.poll()
    (_clone(source) / module._DAMAGED).touch()
    server.stall_posts = True
    with pytest.raises(TransientError):
        Remote(source.git, source.address, MAIN, source.state, deadline=0.5).poll()
    assert sorted(path.name for path in source._home.iterdir()) == ["generation-1", "lock"]


def test_a_fetch_that_was_killed_does_not_block_the_next(server, repository, tmp_path):
    """The locks and temporary files of a process that is no more are cleared away."""
    source = _source(server, tmp_path)
    source.poll()
    made = commit(repository, {"b": b"2"})
    clone = _clone(source)
    for name in ("shallow.lock", "refs/yardarm/source.lock", "config.lock", "objects/pack/tmp_pack_x"):
        (clone / name).touch()
    assert source.poll().id == made
    assert _clone(source) == clone
    assert not [*clone.rglob("*.lock"), *clone.rglob("tmp_*")]


def test_a_reconciler_killed_while_fetching_starts_again(server, tmp_path):
    """After kill -9 in the middle of a fetch, the next process gets the commit."""
    source = _source(server, tmp_path)
    server.stall_posts = True
    script = (
        "import sys; from pathlib import Path\n"
        "from yardarm_reconciler.source.git import Git\n"
        "from yardarm_reconciler.source.remote import Remote\n"
        "from yardarm_reconciler.source.address import address, ref, RefKind\n"
        "url, state, commit, git = sys.argv[1:]\n"
        "Remote(Git(git), address(url, loopback_http=True), ref(RefKind.BRANCH, 'main'), Path(state)).fetch(commit)"
    )
    head = git(server.root / "models.git", "rev-parse", "main").decode().strip()
    command = [sys.executable, "-c", script, source.address.url, str(source.state), head, GIT]
    with subprocess.Popen(command) as process:
        assert wait_until(lambda: server.posts > 0, 15)
        process.send_signal(signal.SIGKILL)
    assert (source._home / "partial").is_dir()
    server.stall_posts = False
    assert source.poll().id == head


def test_one_process_at_a_time_fetches(source, repository):
    """Who finds the clone locked comes back later; who has the commit needs no lock."""
    source.poll()
    with (source._home / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source.poll()
        commit(repository, {"b": b"2"})
        with pytest.raises(TransientError):
            source.poll()


def test_a_state_directory_that_cannot_be_written_is_transient(server, tmp_path):
    """A full or read-only disk is no bug."""
    (tmp_path / "state").write_text("a file in the way")
    with pytest.raises(TransientError):
        _source(server, tmp_path).poll()


def test_packs_are_put_together(source, repository, monkeypatch):
    """A clone does not grow by one pack a fetch for ever, and forgets nothing over it."""
    monkeypatch.setattr(module, "_MANY_PACKS", 2)
    made = []
    for n in range(4):
        made.append(commit(repository, {"a": b"%d" % n}, parent="none" if n == 1 else ""))
        source.poll()
    assert len(list(_clone(source).glob("objects/pack/*.pack"))) <= 2
    assert all(has_commit(source.git, _clone(source), one) for one in made)


# Credentials -------------------------------------------------------------------------------------


@pytest.fixture
def credentials(tmp_path):
    """A token in a file."""
    (tmp_path / "token").write_text(CANARY + "\n")
    return Credentials(token_file=tmp_path / "token")


def _encoded(token):
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _poll_in_vain(source):
    with pytest.raises(TransientError):
        source.poll()


def test_a_token_opens_the_repository_and_is_seen_nowhere(server, tmp_path, credentials):
    """It reaches the server; no command line and no file of ours ever holds it."""
    server.token = _encoded(CANARY)
    source = _source(server, tmp_path, credentials=credentials)
    source.poll()
    server.stall_posts = True
    commit(server.root / "models.git", {"b": b"2"})
    poll = threading.Thread(target=_poll_in_vain, args=(source,))
    before = server.posts
    poll.start()
    assert wait_until(lambda: server.posts > before)
    running = _processes_with(server.url)
    server.closing.set()
    poll.join()
    assert running
    assert not [line for line in running if CANARY.encode() in line or _encoded(CANARY).encode() in line]
    files = [path for path in source.state.rglob("*") if path.is_file()]
    assert not [path for path in files if _encoded(CANARY).encode() in path.read_bytes()]


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_server_that_echoes_the_token_does_not_get_it_into_our_errors(
    server, tmp_path, credentials, status
):
    """Whatever a server says, our own secret is cut out of it."""
    server.status, server.echo = status, True
    source = _source(server, tmp_path, credentials=credentials)
    with pytest.raises((UserError, TransientError)) as error:
        source.poll()
    said = str(error.value) + repr(getattr(error.value, "diagnostics", ""))
    assert _encoded(CANARY) in "".join(server.authorizations)
    assert CANARY not in said
    assert _encoded(CANARY) not in said


def test_a_token_that_rotates_is_read_anew(server, tmp_path, credentials):
    """The file counts at every call."""
    server.token = _encoded("newer")
    source = _source(server, tmp_path, credentials=credentials)
    with pytest.raises(UserError):
        source.poll()
    (tmp_path / "token").write_text("newer")
    assert source.poll().id


def test_a_source_over_ssh(repository, tmp_path):
    """The ssh that git starts is told what we say; a stand-in for it runs the server's side here."""
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.symlink_to(GIT)
    ssh = tmp_path / "bin" / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nfor last; do :; done\neval "exec $last"\n')
    ssh.chmod(0o755)
    (tmp_path / "key").touch()
    (tmp_path / "known").touch()
    credentials = Credentials(None, tmp_path / "key", tmp_path / "known")
    where = address(f"ssh://git@git.example.com{repository}")
    source = Remote(Git(str(program)), where, MAIN, tmp_path / "state", credentials)
    assert [file.path for file in source.tree(source.poll().id).files()] == ["a.yaml"]
    asked = (tmp_path / "asked").read_text()
    assert f"-i {tmp_path}/key -oUserKnownHostsFile={tmp_path}/known" in asked
    assert "-F /dev/null -oBatchMode=yes -oStrictHostKeyChecking=yes" in asked
