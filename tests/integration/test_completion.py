"""Completion in shells: the program is asked as a shell asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

BASH = """
source <(yardarm completion bash)
COMP_WORDS=({words}) COMP_CWORD={word}
_yardarm_completion yardarm
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def asked(*command: str, **environment: str) -> str:
    """What a command prints."""
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PATH": PATH, "HOME": "/nonexistent", **environment},
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("yardarm set", ["set-image"]),
        ("yardarm pro", ["promote"]),
        ("yardarm promote --t", ["--to"]),
        ("yardarm completion z", ["zsh"]),
    ],
)
def test_bash_completes_commands_options_and_choices(words: str, completions: list[str]):
    """By the script that it is given."""
    printed = asked("bash", "-c", BASH.format(words=words, word=len(words.split()) - 1))

    assert printed.split() == completions


@pytest.mark.slow
@pytest.mark.parametrize(("shell", "text"), [("zsh", "compdef"), ("fish", "complete --no-files")])
def test_other_shells_get_a_script_and_what_it_asks_for(shell: str, text: str):
    """Each in its own language, with the line that says what a command does."""
    assert text in asked("yardarm", "completion", shell)
    answer = asked(
        "yardarm", _YARDARM_COMPLETE=f"{shell}_complete", COMP_WORDS="yardarm fm", COMP_CWORD=ASKED[shell]
    )
    assert "Lay out specs" in answer


ASKED = {"zsh": "1", "fish": "fm"}
"""What a shell says of the word that is being completed: its number, or the word itself."""
