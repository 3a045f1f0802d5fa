"""What the terminal can show, and the few lines that print."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import click

from yardarm_reconciler import __version__
from yardarm_reconciler.report.names import Commit
from yardarm_reconciler.report.text import Look
from yardarm_reconciler.source.git import Git
from yardarm_reconciler.source.history import describe

NARROWEST, WIDEST = 40, 120
"""Columns: below the first lines are folded wherever they must, beyond the second they are hard to read."""

VERSION = __version__

FORMATS = ("human", "concise", "json")

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="human",
    show_default=True,
    help="How to print it.",
)


def look(environ: Mapping[str, str] = os.environ) -> Look:
    """What standard output can show.

    https://no-color.org and https://force-color.org decide about colour where they say something.
    """
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    colour = sys.stdout.isatty() and environ.get("TERM") != "dumb"
    if environ.get("FORCE_COLOR"):
        colour = True
    if environ.get("NO_COLOR"):
        colour = False
    columns = shutil.get_terminal_size((100, 24)).columns
    return Look(max(NARROWEST, min(WIDEST, columns)), ascii=not encoding.startswith("utf"), colour=colour)


def show(text: str) -> None:
    """Print a screen that ends with a line end of its own, or nothing for nothing."""
    if text:
        click.echo(text, nl=not text.endswith("\n"), color=True)


def commit(git: Git, root: object, revision: str, now: datetime | None = None) -> Commit | None:
    """Subject, author and age of a revision, for the heading of a screen; None for a working tree."""
    if not isinstance(root, os.PathLike) or not all(char in "0123456789abcdef" for char in revision):
        return None
    info = describe(git, root, revision)  # type: ignore[arg-type] # a path, as was just looked at
    return Commit(info.subject, info.author, (now or datetime.now(UTC)) - info.date)
