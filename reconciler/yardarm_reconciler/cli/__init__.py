"""The command line: one module a command, imported when it is called."""

from yardarm_reconciler.cli.entry import main

__all__ = ["main"]
