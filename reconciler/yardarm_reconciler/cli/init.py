"""``yardarm init``: a config repository that works at once."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from yardarm_reconciler.cli import exits, screen, writing
from yardarm_reconciler.scaffold import is_spec, repository


@click.command(name="init")
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
def command(directory: Path) -> int:
    """Make DIRECTORY a config repository: environments, a team, a workload of each kind, checks, editor settings.

    Nothing is ever overwritten: where one of the specs is there already, nothing is written at all; other files, such as
    README.md, are left as they are.

    \b
    Examples:
      yardarm init
      yardarm init models
    """
    every = repository(_range(screen.VERSION))
    left = [path for path in every if not is_spec(path) and os.path.lexists(directory / path)]
    files = {path: data for path, data in every.items() if path not in left}
    writing.create(directory, files)
    look = screen.look()
    for path in sorted(files):
        click.echo(look.say(str(directory / path)))
    for path in sorted(left):
        click.echo(look.say(f"{directory / path} is left as it is"), err=True)
    where = "" if directory == Path() else f"cd {shlex.quote(str(directory))} && "
    click.echo(look.say(f"{len(files)} files made · next: {where}git init && yardarm validate"), err=True)
    return exits.FINE


def _range(version: str) -> str:
    """Every release of the same minor version: before 1.0 the next one may read a repository otherwise."""
    major, minor = version.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"
