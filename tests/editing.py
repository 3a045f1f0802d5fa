"""Commands in a repository, as their users run them: those that work, and those that are refused."""

from __future__ import annotations

from pathlib import Path

import click
from click.testing import CliRunner, Result

from tests.invoking import invoke
from yardarm_reconciler.cli.entry import program
from yardarm_reconciler.model.origin import UserError


def run(repository: Path, *arguments: str) -> tuple[int, Result]:
    """A command in the repository."""
    return invoke(*arguments, "-C", str(repository))


def fails(repository: Path, *arguments: str) -> tuple[int, str]:
    """Exit code of a command that cannot be carried out, and what it says."""
    done = CliRunner().invoke(program, [*arguments, "-C", str(repository)], standalone_mode=False)
    assert isinstance(done.exception, UserError | click.ClickException)
    said = [str(done.exception), *map(str, getattr(done.exception, "diagnostics", ()))]
    return done.exception.exit_code, "\n".join(said)
