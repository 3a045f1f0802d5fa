"""Pages of the documentation as sessions at a terminal: files to write, commands to run, output to compare.

A fenced block ``yaml`` whose first line is a comment with a path is a file. In a block ``console`` every line that
begins with ``$ `` is a command, and the lines below it are what it prints; a command without such lines may print
anything. ``console exit=3`` says how its last command ends. A line that is only ``…`` stands for any lines.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(
    r"^```(?P<kind>[a-z]+)(?: exit=(?P<code>\d+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
FILE = re.compile(r"# (?P<path>\S+\.yaml)\n")
ANY = "…"

VARIES = (
    (re.compile(r"(?<=@ )[0-9a-f]{7}\b"), "COMMIT"),
    (re.compile(r"(?<=running )[0-9a-f]{7}\b"), "COMMIT"),
    (re.compile(r"(?<=since )[0-9a-f]{7}\b"), "COMMIT"),
    (re.compile(r"^[0-9a-f]{7}(?= →)", re.MULTILINE), "COMMIT"),
    (re.compile(r"(?<=digest )[0-9a-f]{12}\b"), "DIGEST"),
    (re.compile(r"\b\d+ (?:s|min) ago"), "AGE"),
    (re.compile(r"\b\d+\.\d s\b"), "TIME"),
    (re.compile(r"\b\d+s\b"), "AGE"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"), "DATE"),
)
"""What differs from run to run, and so is not compared: commits, digests, ages, durations, dates."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page: what it prints, if the page says so, and how it ends."""

    line: str
    output: str
    code: int
    start: int
    end: int


def files(page: str) -> Iterator[tuple[str, str]]:
    """Paths and contents that a page tells to write."""
    for block in BLOCK.finditer(page):
        named = FILE.match(block["text"])
        if block["kind"] == "yaml" and named:
            yield named["path"], block["text"]


def commands(page: str) -> Iterator[Command]:
    """All commands of a page, in order; ``start`` and ``end`` are where their output stands in it."""
    for block in BLOCK.finditer(page):
        if block["kind"] != "console":
            continue
        parts = list(re.finditer(r"^\$ (.*)\n", block["text"], re.MULTILINE))
        for part, after in zip(parts, [*parts[1:], None], strict=True):
            end = after.start() if after else len(block["text"])
            code = 0 if after else int(block["code"] or 0)
            offset = block.start("text")
            yield Command(part[1], block["text"][part.end() : end], code, offset + part.end(), offset + end)


@dataclass(frozen=True, slots=True)
class Session:
    """A shell that stays where a command went, in a copy of some of this repository."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The copy."""
        return self.folder / "yardarm"

    def open(self, checkout: Path, names: Iterable[str]) -> None:
        """Copy files and folders of a configuration, and commit them."""
        for name in names:
            source = checkout / name
            (self.repository / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.repository / name)
        state = {
            "HOME": self.folder,
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            "PYTHONUNBUFFERED": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            **{
                f"GIT_{role}_{what}": value
                for role in ("AUTHOR", "COMMITTER")
                for what, value in (("NAME", "Ana"), ("EMAIL", "ana@example.com"))
            },
        }
        exports = "".join(f"export {name}='{value}'\n" for name, value in state.items())
        (self.folder / "state").write_text(f"{exports}cd '{self.repository}'\n")
        self.run(
            "git init -q -b main && git add . && git commit -qm 'Assistant, models, embeddings and ingest'"
        )

    def run(self, line: str) -> tuple[int, str]:
        """Run one line; give its exit code and what it printed."""
        state = self.folder / "state"
        script = (
            f'. {state}\n{line}\ncode=$?\n{{ export -p; printf "cd %q\\n" "$PWD"; }} > {state}\nexit $code\n'
        )
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={},
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout


def same(shown: str, printed: str) -> bool:
    """Whether a page shows what a command prints, but for what varies and what is left out."""
    pattern = "".join(
        "(?:.*\n)*" if line == ANY else f"{re.escape(line)}\n" for line in _steady(shown).splitlines()
    )
    return re.fullmatch(pattern, _steady(printed)) is not None


def _steady(text: str) -> str:
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())
