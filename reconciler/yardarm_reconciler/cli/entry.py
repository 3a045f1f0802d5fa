"""Where the program starts: finds the command, and turns every way to fail into an exit code."""

from __future__ import annotations

import difflib
import gc
import importlib
import keyword
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from yardarm_reconciler import __version__
from yardarm_reconciler.cli import exits

if TYPE_CHECKING:  # imported when needed: start-up time
    from click.shell_completion import CompletionItem

COMMANDS = {
    "init": "Make a config repository that works at once.",
    "new": "Write a spec of a kind, with comments.",
    "import": "Make specs of manifests, and prove that they mean the same.",
    "validate": "Check everything that can be known without a cluster.",
    "render": "Print the manifests of an environment, as they would be applied.",
    "plan": "Show what a change of git would do to every environment, without a cluster.",
    "diff": "Show what differs between git and the cluster; change nothing.",
    "sync": "Bring one environment to a revision, once.",
    "run": "Reconcile all environments of the settings, until stopped.",
    "status": "Show what runs where, since when, and why not.",
    "tree": "Show a workload's objects in the cluster, and what controllers made of them.",
    "events": "Show what happened to a workload's objects, and to what was made of them.",
    "trace": "Lead from a live object to the line of its spec.",
    "doctor": "Look for all that stands in the way here, with what to do.",
    "history": "Show which revisions an environment followed.",
    "confirm": "Say yes to exactly one set that a guard holds.",
    "suspend": "Leave an environment, or one workload of it, alone.",
    "resume": "Go on with what was suspended.",
    "pin": "Take an environment to one revision and keep it there.",
    "rerun": "Run a job once more, though it has ended.",
    "handover": "Hand a team over from one unit to another, with nothing deleted.",
    "reject": "Never follow a revision; leave it where it is followed.",
    "comment": "Put a page onto the pull request, in place of the one before.",
    "explain": "Explain a diagnostic.",
    "budget": "Show devices and money at the peak against every limit.",
    "cost": "Show what workloads cost at the peak, the dearest first.",
    "set-image": "Set the image of a workload in its file, and not a byte else.",
    "promote": "Make one environment run the images and models of another.",
    "fmt": "Lay out specs, without the loss of a comment.",
    "schema": "Print or write the JSON Schemas for editors.",
    "completion": "Print what makes a shell complete commands.",
    "version": "Print the version.",
}
"""Every command and its line in the help, so that the help imports none of them."""


class PipeClosedError(Exception):
    """Whoever read our output has seen enough. Not an OSError: click would exit with 1, as if errors were found."""


class Commands(click.Group):
    """A group that imports a command when it is called: start-up time is part of the interface."""

    def invoke(self, ctx: click.Context) -> object:
        """Call the command.

        Raises:
            PipeClosedError: standard output is a pipe that nobody reads any more.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise PipeClosedError from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order that they are used in."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_") + ("_" if keyword.iskeyword(cmd_name) else "")
        module = importlib.import_module(f"yardarm_reconciler.cli.{name}")
        command: click.Command = module.command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options that begin so, without the import of any command."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only where a shell asks

        names = [
            CompletionItem(name, help=line) for name, line in COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with; a name that is none gets the one that may be meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"there is no command {args[0]!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """The list of commands, from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=exits.EPILOG,
)
@click.version_option(__version__, prog_name="yardarm", message="%(prog)s %(version)s")
def program() -> None:
    """GitOps for AI workloads on Kubernetes: one short spec per workload in git, every cluster follows.

    \b
    Examples:
      yardarm validate
      yardarm render -e staging
      yardarm sync -e dev --directory rendered/dev
      yardarm run --config settings.yaml
    """


def main() -> None:
    """Run the program; every exit code is decided here."""
    # We make few circles of garbage and very many values that stay: to look for the ones among the others takes a tenth of
    # a command. Only what runs for months does (`yardarm run`).
    gc.disable()
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets it spelled out, never a crash.
        getattr(stream, "reconfigure", _nothing)(errors="backslashreplace")
    code = exits.guarded(_run)
    flushed = exits.guarded(_flush)
    if flushed != exits.FINE:
        _discard_output()
    # What is left is not searched for circles once more, only to be thrown away.
    gc.freeze()
    sys.exit(code if flushed == exits.FINE or code == exits.BUG else flushed)


def _open_closed_streams() -> None:
    """What the caller closed swallows what it is given; else the next file that is opened would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _flush() -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    return exits.FINE


def _run() -> int:
    try:
        answer = program.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as wrong:
        wrong.show()
        return exits.USAGE
    except click.Abort:
        return 128 + signal.SIGINT
    except PipeClosedError:
        _discard_output()
        return 128 + signal.SIGPIPE
    return answer if isinstance(answer, int) else exits.FINE


def _discard_output() -> None:
    """What is still buffered goes nowhere, instead of failing once more when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _nothing(**_: object) -> Callable[[], None] | None:
    """For streams that cannot be reconfigured (captured by a test)."""
    return None
