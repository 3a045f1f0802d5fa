"""``yardarm completion``: what makes a shell complete commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.entry import program

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_YARDARM_COMPLETE"
"""By which a shell asks the program for completions: click's name for it."""


@click.command(name="completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script by which SHELL completes commands, options and names of yardarm.

    Names of environments, workloads, teams and units are those of the repository and the settings that lie here.

    \b
    Examples:
      source <(yardarm completion bash)            # in ~/.bashrc
      source <(yardarm completion zsh)             # in ~/.zshrc, after compinit
      yardarm completion fish > ~/.config/fish/completions/yardarm.fish
    """
    found = get_completion_class(shell)
    if found is None:
        raise click.BadParameter(f"click knows no shell {shell!r}")
    click.echo(found(program, {}, "yardarm", VARIABLE).source())
    return exits.FINE
