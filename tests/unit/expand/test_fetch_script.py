"""The script that fetches, run by a shell: what it brings is seen whole or not at all."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from yardarm_reconciler.expand.fetch_container import MARK, filling

WRITES = 'printf weights > "$YARDARM_TARGET/model.gguf"'
DIGEST = "sha256:" + hashlib.sha256(b"weights").hexdigest()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder that is to be filled."""
    return tmp_path / "content"


def run(place: Path, script: str = WRITES, attempt: str = "partial", revision: str = "") -> int:
    """The exit code of a container that runs the script."""
    whole = filling(str(place), attempt, script, checked=bool(revision))
    told = {"YARDARM_REVISION": revision, "YARDARM_FILE": "model.gguf", "HOSTNAME": "pod-1"}
    done = subprocess.run(
        ["/bin/sh", "-ec", whole], env={**os.environ, **told}, check=False, capture_output=True
    )
    return done.returncode


def test_what_is_fetched_takes_its_place_with_a_mark(place):
    """Nothing else is left behind."""
    assert run(place) == 0
    assert sorted(each.name for each in place.iterdir()) == [MARK, "model.gguf"]
    assert [each.name for each in place.parent.iterdir()] == ["content"]


def test_what_is_there_is_not_fetched_again(place):
    """A second pod, or another program for the same claim, is done at once."""
    run(place)
    assert run(place, "exit 7") == 0
    assert (place / "model.gguf").read_text() == "weights"


def test_an_attempt_that_fails_shows_nothing_and_is_gone_on_with(place):
    """Whatever step of it failed; the next one finds what it left."""
    assert run(place, 'printf wei > "$YARDARM_TARGET/model.gguf"\nfalse\ntrue') != 0
    assert not place.exists()
    assert run(place, 'printf ghts >> "$YARDARM_TARGET/model.gguf"') == 0
    assert (place / "model.gguf").read_text() == "weights"


@pytest.mark.parametrize(("revision", "fetched"), [(DIGEST, True), ("sha256:" + "0" * 64, False)])
def test_a_file_of_another_digest_never_takes_its_place(place, revision, fetched):
    """Whatever the web server sends."""
    assert (run(place, revision=revision) == 0) == fetched
    assert place.exists() == fetched


def test_an_empty_folder_in_its_place_gives_way(place):
    """A kubelet makes the folder that it is to mount where a pod came too early."""
    place.mkdir()
    assert run(place) == 0
    assert (place / "model.gguf").exists()


def test_of_two_pods_of_a_node_the_later_one_finds_what_the_other_fetched(place):
    """It fetched in vain, and leaves nothing behind."""
    other = f'mkdir -p "{place}" && : > "{place}/{MARK}" && printf first > "{place}/model.gguf"'
    assert run(place, f"{WRITES}\n{other}", "$HOSTNAME") == 0
    assert (place / "model.gguf").read_text() == "first"
    assert [each.name for each in place.parent.iterdir()] == ["content"]
