"""Credentials become what one run of git needs, or an error that shows nothing."""

from pathlib import Path

import pytest

from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.source.address import address
from yardarm_reconciler.source.credentials import Credentials

HTTPS = address("https://git.example.com/m.git")
SSH = address("git@git.example.com:m.git")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"s3cret\nlines", b"s3cret words", b"\xff\xfe", b"x" * 20_000]
)
def test_a_token_is_one_word(tmp_path, content):
    """What could smuggle a second header, or is no token, is refused without being shown."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(UserError) as error:
        Credentials(token_file=tmp_path / "token").access(HTTPS)
    assert "s3cret" not in str(error.value)


def test_a_token_is_bound_to_its_server_and_hidden(tmp_path):
    """The header goes to that server only; neither it nor the token shows in a repr."""
    (tmp_path / "token").write_text("s3cret\n")
    access = Credentials(token_file=tmp_path / "token").access(HTTPS)
    assert access.environment["GIT_CONFIG_KEY_0"] == "http.https://git.example.com/.extraHeader"
    assert "s3cret" not in repr(access)
    assert access.environment["GIT_CONFIG_VALUE_0"] not in repr(access)


def test_a_missing_token_file_is_said(tmp_path):
    """The message names the file."""
    with pytest.raises(UserError, match="token"):
        Credentials(token_file=tmp_path / "token").access(HTTPS)


@pytest.mark.parametrize("name", ["key with blank", "key%h", "key'", "$(id)", "missing"])
def test_ssh_files_are_plain_paths_that_exist(tmp_path, name):
    """The shell that git starts ssh with, and ssh itself, expand much; such paths are refused."""
    if name != "missing":
        (tmp_path / name).touch()
    (tmp_path / "known").touch()
    with pytest.raises(UserError):
        Credentials(None, tmp_path / name, tmp_path / "known").access(SSH)


def test_ssh_without_known_hosts_is_refused():
    """Nobody may be asked whether a host key is good, and nothing is trusted on first use."""
    with pytest.raises(UserError):
        Credentials(None, Path("/key"), None).access(SSH)


def test_ssh_asks_nobody(tmp_path):
    """No configuration, no agent, no prompt; strict about host keys."""
    (tmp_path / "key").touch()
    (tmp_path / "known").touch()
    command = (
        Credentials(None, tmp_path / "key", tmp_path / "known").access(SSH).environment["GIT_SSH_COMMAND"]
    )
    assert {
        "-F",
        "-oBatchMode=yes",
        "-oStrictHostKeyChecking=yes",
        f"-oUserKnownHostsFile={tmp_path}/known",
    } <= set(command.split())
