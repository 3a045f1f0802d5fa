"""``yardarm set-image``: another image for a workload, and not a byte else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from yardarm_reconciler.cli import completing, editing, exits
from yardarm_reconciler.cli.repositories import repository_option
from yardarm_reconciler.edit.images import image_path
from yardarm_reconciler.edit.layers import LISTED, alone, at
from yardarm_reconciler.edit.values import Path as Keys
from yardarm_reconciler.edit.values import put
from yardarm_reconciler.model.document import WorkloadSpec
from yardarm_schema.images import IMAGE


@click.command(name="set-image")
@click.argument("workload", shell_complete=completing.workloads)
@click.argument("image")
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    help="Only in this environment, or group.  [the spec itself]",
)
@click.option(
    "--part", default="", metavar="NAME", help="Of this role, step, variant, sidecar or init container."
)
@editing.dry_run_option
@repository_option
def command(
    workload: str,
    image: str,
    environment: str | None,
    part: str,
    repository: Path,
    *,
    dry_run: bool,
) -> int:
    """Set the image of WORKLOAD (team/name) in its file; comments and layout stay as they are.

    With -e the image is that environment's alone, as an override. Nothing is written where the result would be wrong.

    \b
    Examples:
      yardarm set-image nlp/assistant registry.example.com/nlp/assistant:1.5
      yardarm set-image nlp/assistant registry.example.com/nlp/assistant:1.5 -e staging --dry-run
      yardarm set-image research/weekly-refresh registry.example.com/research/train:8 --part train
    """
    if not re.fullmatch(IMAGE, image):
        raise click.BadParameter(f"{image} is no image: [registry/]repository[:tag][@sha256:…]")
    here = editing.opened(repository)
    spec = editing.workload(here, workload)
    file, document = editing.file_of(here, spec.document)
    said = editing.said(here, spec, environment) if environment else alone(spec)
    found = image_path(spec, said, part)
    if found.value is None:
        raise editing.refused(found.diagnostics)
    prefix = (*LISTED, environment) if environment else ("spec",)
    written = at(said, found.value)
    if written is not None and written.value == image:
        click.echo(f"nothing to change: {workload} has this image", err=True)
        return exits.FINE
    edited = put(file, document, (*prefix, *found.value), image)
    if edited.value is None:
        raise editing.refused(edited.diagnostics)
    code = editing.finish(here, {file.path: file.data}, {file.path: edited.value.data}, dry_run=dry_run)
    if code == exits.FINE and environment is None:
        for line in _others(spec, found.value, image):
            click.echo(line, err=True)
    return code


def _others(spec: WorkloadSpec, path: Keys, image: str) -> Iterator[str]:
    """Environments and groups that have an image of their own, and so keep it."""
    listed = at(spec.document.node, LISTED)
    for name, entry in (listed.value if listed and isinstance(listed.value, dict) else {}).items():
        own = at(entry.node, path)
        if own is not None and own.value != image:
            yield f"{name} keeps an image of its own: {own.place}"
