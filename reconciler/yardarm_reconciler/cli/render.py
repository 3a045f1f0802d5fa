"""``yardarm render``: the manifests of an environment, as they would be applied."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from yardarm_reconciler.cli import completing, exits, screen
from yardarm_reconciler.cli.repositories import local_source, repository_option
from yardarm_reconciler.cli.revisions import desired, known
from yardarm_reconciler.cli.targets import environment_option
from yardarm_reconciler.decide.order import stage
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.yaml_text import yaml_text
from yardarm_reconciler.report import diagnostics
from yardarm_reconciler.source.git import installed


@click.command(name="render")
@environment_option
@click.argument("workload", required=False, shell_complete=completing.workloads)
@repository_option
@click.option("--revision", metavar="REV", help="A commit instead of the files as they lie.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="Of the output.",
)
def command(environment: str, workload: str | None, repository: Path, revision: str | None, form: str) -> int:
    """Print the manifests of ENV in the order that they are applied in, offline and always the same.

    WORKLOAD is team/name, or Kind/team/name where two kinds share a name.

    \b
    Examples:
      yardarm render -e staging
      yardarm render -e production nlp/qwen3-32b
    """
    source = local_source(repository, revision, installed(), working_tree=revision is None)
    found = desired(source, environment)
    known(environment, found.specs)
    errors = [each for each in found.diagnostics if each.is_error]
    click.echo(diagnostics.concise(errors, screen.look()), err=True, nl=False)
    chosen = [each for each in found.workloads if workload in {None, each.id, each.id.partition("/")[2]}]
    if workload and not chosen:
        names = ", ".join(each.id.partition("/")[2] for each in found.workloads) or "none"
        raise UserError(f"{environment} has no valid workload {workload!r}; it has: {names}")
    manifests = sorted((m for each in chosen for m in each.manifests), key=lambda m: (stage(m.key), m.key))
    screen.show(_json(manifests) if form == "json" else "---\n".join(yaml_text(m.body) for m in manifests))
    return exits.FOUND if errors else exits.FINE


def _json(manifests: list[Manifest]) -> str:
    items = {"apiVersion": "v1", "kind": "List", "items": [manifest.body for manifest in manifests]}
    return orjson.dumps(items, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()
