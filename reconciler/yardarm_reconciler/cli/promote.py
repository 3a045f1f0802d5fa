"""``yardarm promote``: what runs in one environment runs in another."""

from __future__ import annotations

from pathlib import Path

import click

from yardarm_reconciler.cli import completing, editing, exits
from yardarm_reconciler.cli.repositories import repository_option
from yardarm_reconciler.cli.revisions import known
from yardarm_reconciler.edit.layers import LISTED
from yardarm_reconciler.edit.promotion import Step, kept, steps
from yardarm_reconciler.edit.source import SourceFile
from yardarm_reconciler.edit.values import put
from yardarm_reconciler.model.origin import UserError


@click.command(name="promote")
@click.argument("workload", shell_complete=completing.workloads)
@click.option(
    "--from",
    "source",
    required=True,
    metavar="ENV",
    shell_complete=completing.environments,
    help="The environment that has it.",
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="ENV",
    shell_complete=completing.environments,
    help="The environment that is to have it.",
)
@editing.dry_run_option
@repository_option
def command(workload: str, source: str, target: str, repository: Path, *, dry_run: bool) -> int:
    """Make one environment run the images and models that another one runs, by an override in WORKLOAD's file.

    Devices, replicas, arguments and all else stay as they are in each; what is still different is told. Comments and layout
    stay as they are, and nothing is written where the result would be wrong.

    \b
    Examples:
      yardarm promote nlp/qwen3-8b --from staging --to production
      yardarm promote nlp/qwen3-8b --from staging --to production --dry-run
    """
    if source == target:
        raise click.BadParameter(f"--from and --to are both {source}")
    here = editing.opened(repository)
    for name in (source, target):
        known(name, here.specs)
        if name not in here.specs.environments:
            raise UserError(f"environment {name} is invalid: nobody knows its groups")
    spec = editing.workload(here, workload)
    have, want = (editing.said(here, spec, name) for name in (source, target))
    promoted = steps(spec.kind, have, want)
    file, document = editing.file_of(here, spec.document)
    edited = _edited(file, document, target, promoted)
    if promoted:
        code = editing.finish(here, {file.path: file.data}, {file.path: edited.data}, dry_run=dry_run)
    else:
        code = exits.FINE
        click.echo(f"nothing to change: {target} runs what {source} runs", err=True)
    if code == exits.FINE and (different := kept(have, want, promoted)):
        click.echo(f"still different: {', '.join(different)}", err=True)
    return code


def _edited(file: SourceFile, document: int, target: str, promoted: tuple[Step, ...]) -> SourceFile:
    """The file with an override for every value that is to be another."""
    for step in promoted:
        found = put(file, document, (*LISTED, target, *step.path), step.value)
        if found.value is None:
            raise editing.refused(found.diagnostics)
        file = found.value
    return file
