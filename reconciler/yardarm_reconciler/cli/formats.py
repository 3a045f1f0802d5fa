"""In which formats a command answers: one on standard output, and as many as are asked for in files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from yardarm_reconciler.cli import screen, writing
from yardarm_reconciler.report.text import Look

F = TypeVar("F", bound=Callable[..., Any])

Files: TypeAlias = tuple[tuple[str, Path], ...]
"""A format and the file to write it to, each."""


def options(formats: Sequence[str], what: str = "How to print it.") -> Callable[[F], F]:
    """``--format`` and ``--output-file``; they arrive as ``form`` and ``files``."""

    def parsed(_: click.Context, __: click.Parameter, values: Sequence[str]) -> Files:
        return tuple(_parsed(value, formats) for value in values)

    def add(command: F) -> F:
        in_files = click.option(
            "--output-file",
            "files",
            metavar="FORMAT=PATH",
            multiple=True,
            callback=parsed,
            help="Write it in this format to a file besides; may be repeated.",
        )
        printed = click.option(
            "--format", "form", type=click.Choice(formats), default="human", show_default=True, help=what
        )
        return printed(in_files(command))

    return add


def _parsed(value: str, formats: Sequence[str]) -> tuple[str, Path]:
    form, equals, path = value.partition("=")
    if not equals or not path:
        raise click.BadParameter(f"{value!r} is not FORMAT=PATH")
    if form not in formats:
        raise click.BadParameter(f"{form!r} is not one of {', '.join(formats)}")
    return form, Path(path)


def deliver(form: str, files: Files, made: Callable[[str, Look], str]) -> None:
    """Write every file, then print: whoever sees the answer finds the files.

    Args:
        form: what to print.
        files: what to write.
        made: the answer in a format, for a screen that looks so; files have no colour.

    Raises:
        OSError: a file cannot be written.
    """
    for each, path in files:
        writing.overwrite(path, made(each, Look()).encode("utf-8", "backslashreplace"))
    screen.show(made(form, screen.look()))
