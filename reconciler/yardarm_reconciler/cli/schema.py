"""``yardarm schema``: the published contract, for editors and other tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from yardarm_reconciler.cli import exits
from yardarm_reconciler.model.origin import UserError
from yardarm_schema.json_schema import json_schemas
from yardarm_schema.reference import pages


@click.command(name="schema")
@click.argument("kind", required=False)
@click.option(
    "--write",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write all schemas below a directory.",
)
@click.option(
    "--pages",
    "pages_below",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the same as pages in Markdown below a directory.",
)
def command(kind: str | None, write: Path | None, pages_below: Path | None) -> int:
    """Print the JSON Schema of KIND (or of any spec), or write all of them.

    \b
    Examples:
      yardarm schema BatchJob
      yardarm schema --write schema/json
      yardarm schema --pages docs/reference
    """
    if pages_below is not None:
        _write(pages_below, pages())
    schemas = json_schemas()
    if write is not None:
        _write(write, schemas)
    if write is not None or pages_below is not None:
        return exits.FINE
    by_kind = {Path(name).name.removesuffix(".schema.json"): data for name, data in schemas.items()}
    wanted = kind or "yardarm"
    if wanted not in by_kind:
        raise UserError(
            f"there is no schema {wanted!r}; there are: {', '.join(by_kind)}", exit_code=exits.USAGE
        )
    click.echo(by_kind[wanted], nl=False)
    return exits.FINE


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(data)
