"""``yardarm version``."""

from __future__ import annotations

import click

from yardarm_reconciler import __version__


@click.command(name="version")
def command() -> None:
    """Print the version of Yardarm.

    \b
    Examples:
      yardarm version
    """
    click.echo(f"yardarm {__version__}")
