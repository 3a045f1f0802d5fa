"""``yardarm explain``: what a diagnostic or a field means, and where a rendered value comes from."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

import yardarm_reconciler
from yardarm_reconciler.cli import completing, exits, screen
from yardarm_reconciler.cli.repositories import local_source, repository_option
from yardarm_reconciler.cli.targets import revision_option
from yardarm_reconciler.model.origin import Code, UserError
from yardarm_reconciler.source.git import installed


@click.command(name="explain")
@click.argument("what", required=False, shell_complete=completing.workloads)
@click.argument("path", required=False, default="")
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    help="Explain what a workload is rendered to there.",
)
@repository_option
@revision_option
@screen.format_option
def command(
    what: str | None,
    path: str,
    environment: str | None,
    repository: Path,
    revision: str | None,
    form: str,
) -> int:
    """Explain a diagnostic CODE, a FIELD of a spec, or where the values of a WORKLOAD's manifests come from.

    A field is KIND.FIELD. With -e, WHAT is team/name (or Kind/team/name), and PATH leads to a part of its manifests:
    for each value there, what it is computed from and where that is written. Without anything, all codes.

    \b
    Examples:
      yardarm explain budget/team-exceeded
      yardarm explain budget
      yardarm explain Service.resources.memory
      yardarm explain -e production nlp/qwen3-32b
      yardarm explain -e production nlp/qwen3-32b spec.template.spec.containers[main].resources
    """
    if environment is None:
        if path or form != "human":
            raise UserError("a PATH and --format go with -e ENV", exit_code=exits.USAGE)
        return _word(what)
    if what is None:
        raise UserError("which workload? yardarm explain -e ENV WORKLOAD [PATH]", exit_code=exits.USAGE)
    return _values(what, path, environment, repository, revision, form)


# Where a value comes from ----------------------------------------------------------------------------


def _values(what: str, path: str, environment: str, repository: Path, revision: str | None, form: str) -> int:
    # Imported when needed: a diagnostic can be explained without any stage.
    from yardarm_reconciler.cli.revisions import desired, known  # noqa: PLC0415 - as above
    from yardarm_reconciler.provenance import trace  # noqa: PLC0415 - as above
    from yardarm_reconciler.report import provenance  # noqa: PLC0415 - as above

    source = local_source(repository, revision, installed(), working_tree=revision is None)
    found = desired(source, environment)
    known(environment, found.specs)
    ids = [each.id for each in found.workloads if what in {each.id, each.id.partition("/")[2]}]
    if not ids:
        near = _similar(what, (each.id.partition("/")[2] for each in found.workloads))
        raise UserError(f"{environment} has no valid workload {what!r}{near}")
    traced = provenance.chosen(trace(found, ids[0]), path)
    if not traced.objects:
        raise UserError(f"no manifest of {what} has anything at {path}")
    look = screen.look()
    match form:
        case "json":
            screen.show(provenance.json(traced, screen.VERSION, source.revision, exits.FINE))
        case "concise":
            screen.show("".join(f"{look.say(line)}\n" for line in provenance.concise(traced)))
        case _:
            screen.show(provenance.human(traced, path, look))
    return exits.FINE


# Words -----------------------------------------------------------------------------------------------


def _word(word: str | None) -> int:
    """A kind or a field of one (``Team``, ``team.paths``), a code, an area of codes (``team``), or all codes."""
    first, *path = (word or "").split(".")
    if word and (path or first[:1].isupper()):
        # Imported when needed: the models take a third of a second.
        from yardarm_schema.field_help import kind_of  # noqa: PLC0415 - as above
        from yardarm_schema.kinds import DOCUMENTS  # noqa: PLC0415 - as above

        kind = kind_of(first)
        if kind is None:
            near = _similar(first, DOCUMENTS)
            raise UserError(f"there is no kind {first!r}{near}", exit_code=exits.USAGE)
        return _field(kind, path)
    codes = every_code()
    areas = {name.partition("/")[0] for name in codes}
    if word is None or word in areas:
        for name in sorted(codes):
            if word in {None, name.partition("/")[0]}:
                click.echo(f"{name:40} {codes[name].title}")
        return exits.FINE
    if word not in codes:
        near = _similar(word, [*codes, *areas])
        raise UserError(f"there is no code {word!r}{near}", exit_code=exits.USAGE)
    return _code(codes[word])


def _code(found: Code) -> int:
    click.echo(f"{found.severity}[{found.name}] {found.title}\n\n{found.why}")
    look = screen.look()
    for label, text in (("Bad", found.bad), ("Good", found.good)):
        if text:
            indented = "\n".join(f"  {line}" for line in text.rstrip().splitlines())
            click.echo(f"\n{look.say(label)}:\n{indented}")
    return exits.FINE


def _field(kind: str, path: list[str]) -> int:
    from yardarm_reconciler.report import field  # noqa: PLC0415 - as above
    from yardarm_schema.field_help import UnknownFieldError, field_help  # noqa: PLC0415 - as above

    try:
        found = field_help(kind, *path)
    except UnknownFieldError as unknown:
        there = ", ".join(unknown.known) or "nothing"
        near = _similar(unknown.step, unknown.known) or f"; there are: {there}"
        raise UserError(
            f"{unknown.name} has no field {unknown.step!r}{near}", exit_code=exits.USAGE
        ) from unknown
    screen.show(field.human(found, screen.look()))
    return exits.FINE


def _similar(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def every_code() -> Mapping[str, Code]:
    """Every diagnostic that any module declares, by name.

    Each is a constant of the stage that finds it; to look for them is cheaper than a list that someone forgets.
    """
    codes: dict[str, Code] = {}
    for module in pkgutil.walk_packages(yardarm_reconciler.__path__, "yardarm_reconciler."):
        if ".cli." not in module.name and not module.name.endswith(".cli"):
            members = vars(importlib.import_module(module.name)).values()
            codes |= {value.name: value for value in members if isinstance(value, Code)}
    return codes
