"""A guided tour: says what comes, runs the real command, shows its real output, and checks what it promised."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COLOURS = re.compile(r"\x1b\[\d+m")


class PromiseBrokenError(Exception):
    """A command did not do what the tour said it would."""


@dataclass(slots=True)
class Tour:
    """Runs commands in one directory. ``steps`` counts what was told so far."""

    directory: Path
    environ: Mapping[str, str]
    colour: bool
    steps: int = 0

    def step(self, sentence: str) -> None:
        """Begin a step with one line that says what it shows."""
        self.steps += 1
        self._line(f"\n{self.steps}. {sentence}", "1")

    def say(self, line: str) -> None:
        """One more line of narration."""
        self._line(line, "")

    def run(self, *command: str, code: int = 0, says: Sequence[str] = (), lines: int | None = None) -> str:
        """Run a command, print it and what it prints; give its output without colours.

        Args:
            command: the program and its arguments.
            code: the exit code that it must end with.
            says: patterns that must be found in its output.
            lines: print the first of so many lines and the last; all of them by default.

        Raises:
            PromiseBrokenError: it ended or spoke otherwise.
        """
        return self._finish(self._begin(command), command, code, says, lines)

    def run_all(self, *commands: Sequence[str], says: Sequence[str], lines: int | None = None) -> None:
        """Run commands at the same time, and tell of them one after the other; as :meth:`run`."""
        running = [self._begin(command) for command in commands]
        try:
            for number, (each, command) in enumerate(zip(running, commands, strict=True)):
                self._finish(each, command, 0, says, lines if number else None)
        finally:
            for each in running:
                if each.poll() is None:
                    each.terminate()
                    each.wait()

    def yardarm(
        self, *arguments: str, code: int = 0, says: Sequence[str] = (), lines: int | None = None
    ) -> str:
        """Run Yardarm; as :meth:`run`."""
        return self.run("yardarm", *arguments, code=code, says=says, lines=lines)

    def _begin(self, command: Sequence[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.directory,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # as on a terminal
            text=True,
        )

    def _finish(
        self,
        running: subprocess.Popen[str],
        command: Sequence[str],
        code: int,
        says: Sequence[str],
        lines: int | None,
    ) -> str:
        told = shlex.join(command)
        self._line(f"$ {told}", "36")
        output, _ = running.communicate()
        for line in _some(output.splitlines(), lines):
            self._line(line, "")
        plain = COLOURS.sub("", output)
        if running.returncode != code:
            raise PromiseBrokenError(
                f"`{told}` ended with exit code {running.returncode}, not {code}:\n{plain}"
            )
        for pattern in says:
            if not re.search(pattern, plain, re.MULTILINE):
                raise PromiseBrokenError(f"`{told}` did not say {pattern!r}:\n{plain}")
        if code:
            self._line(f"(exit code {code})", "2")
        return plain

    def _line(self, text: str, paint: str) -> None:
        painted = f"\x1b[{paint}m{text}\x1b[0m" if self.colour and paint else text
        sys.stdout.write(f"{painted}\n")
        sys.stdout.flush()


def make_tour(directory: Path, settings: Path, programs: Sequence[Path]) -> Tour:
    """A tour in a directory, with these programs first on the path and nothing of the person's own git settings."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    kept = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "GIT_DIR"}}
    environ = {
        **kept,
        "PATH": os.pathsep.join([*map(str, programs), os.environ.get("PATH", "")]),
        "YARDARM_CONFIG": os.path.relpath(settings, directory),
        "COLUMNS": str(min(100, shutil.get_terminal_size((100, 24)).columns)),
        "PYTHONUNBUFFERED": "1",  # what goes to stdout and stderr stays in order
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **({"FORCE_COLOR": "1"} if colour else {}),
    }
    for role in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{role}_NAME": "Ana", f"GIT_{role}_EMAIL": "ana@example.com"}
    return Tour(directory, environ, colour)


def _some(lines: Sequence[str], most: int | None) -> Sequence[str]:
    """The first lines and the last, with a word on what is left out."""
    if most is None or len(lines) <= most + 1:
        return lines
    return [*lines[: most - 1], f"    [… {len(lines) - most} more lines]", lines[-1]]
