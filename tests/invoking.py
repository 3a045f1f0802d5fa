"""Commands as their users run them, without the cost of a process."""

from __future__ import annotations

from click.testing import CliRunner, Result

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.entry import program


def invoke(*arguments: str) -> tuple[int, Result]:
    """Run a command: the exit code that its process would end with, and what it printed."""
    done: list[Result] = []

    def run() -> int:
        done.append(CliRunner().invoke(program, [*arguments], standalone_mode=False))
        if done[0].exception:
            raise done[0].exception
        return int(done[0].return_value)

    return exits.guarded(run), done[0]
