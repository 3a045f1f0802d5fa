"""``yardarm import``: specs of manifests, and the proof that they mean the same."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click

from yardarm_reconciler.cli import completing, editing, exits, screen
from yardarm_reconciler.cli.live_objects import objects_in
from yardarm_reconciler.cli.new import place
from yardarm_reconciler.cli.sessions import Access
from yardarm_reconciler.cli.wiring import SystemClock, looking
from yardarm_reconciler.importing import fits
from yardarm_reconciler.importing.assembling import Asked, imported
from yardarm_reconciler.importing.devices import Devices
from yardarm_reconciler.importing.grouping import Json
from yardarm_reconciler.importing.reading import objects
from yardarm_reconciler.importing.world import Render, Rendering, rendered
from yardarm_reconciler.importing.writing import page, text
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.imported import Import
from yardarm_reconciler.model.origin import Found, UserError
from yardarm_reconciler.pipeline import desired_in, specs_of
from yardarm_reconciler.report.imported import human
from yardarm_reconciler.scaffold import Names
from yardarm_reconciler.source.overlay import Overlay

STDIN = Path("-")
SUFFIXES = frozenset({".yaml", ".yml", ".json"})
LARGEST = 10_000_000
"""Bytes of one file: manifests of people are far below."""


@click.command(name="import")
@click.option(
    "-f",
    "--filename",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, allow_dash=True),
    help="Manifests: a file, a directory with all below it, or - for standard input; again for more.",
)
@click.option(
    "--context", metavar="NAME", help="A context of the kubeconfig: read a cluster instead of files."
)
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="Of that cluster.  [kubectl's]")
@click.option("-n", "--namespace", metavar="NS", help="With a cluster: the namespace to look into.")
@click.option(
    "--only",
    metavar="KIND/NAME",
    multiple=True,
    help="With a cluster: of all workloads of the namespace only this, as deployment/web; again for more.",
)
@click.option(
    "--team",
    metavar="TEAM",
    shell_complete=completing.teams,
    help="Whose workloads they are.  [that of their namespace]",
)
@click.option("--name", metavar="NAME", help="What the only spec is called.  [as its Service, or controller]")
@click.option("--accelerator", metavar="CLASS", help="The class of their devices.  [by resource and nodes]")
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    default="dev",
    show_default=True,
    help="Where the specs run.",
)
@click.option(
    "-C",
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Prove them in this config repository, by its environment.  [in one of their own]",
)
def command(
    files: tuple[Path, ...],
    context: str | None,
    kubeconfig: Path | None,
    namespace: str | None,
    only: tuple[str, ...],
    team: str | None,
    name: str | None,
    accelerator: str | None,
    environment: str,
    repository: Path | None,
) -> int:
    """Print specs for the manifests in FILE, or for what runs in a namespace, and on standard error what became of every value.

    Each spec is rendered and compared with the objects that it came from. What no field says stands in its patch; what
    Yardarm makes different on purpose is named; what cannot be said is named with the reason, and the exit code is 1.
    Values that look like secrets are left out.

    \b
    Examples:
      yardarm import -f deployment.yaml -f service.yaml --team nlp > reranker.yaml
      yardarm import --context production -n nlp --only deployment/reranker
      helm template charts/app | yardarm import -f - -C . -e staging
    """
    if context is None and kubeconfig is None:
        bodies = [body for path in files for at, data in _read(path) for body in objects(at, data)]
    elif namespace is None or files:
        raise UserError("of a cluster a namespace is read (-n NS), and no files", exit_code=exits.USAGE)
    else:
        bodies = objects_in(Access(kubeconfig, context), namespace, only, SystemClock())
    if not bodies:
        raise UserError(
            "there are no objects to import: -f FILE, or --context NAME -n NS", exit_code=exits.USAGE
        )
    namespaces = {str(body["metadata"].get("namespace") or "default") for body in bodies}
    asked = Asked(
        _label("a team", team) or _team(namespaces),
        _label("an environment", environment),
        _label("a workload", name),
        _label("a class", accelerator),
    )
    found = imported(bodies, asked) if repository is None else _in_repository(bodies, asked, repository)
    several = sum(not each.id.startswith("RawResources/") for each in found.specs)
    if asked.name and several > 1:
        raise UserError(f"--name is for one workload, and this makes {several}", exit_code=exits.USAGE)
    screen.show(page(found))
    click.echo(human(found, screen.look()), err=True, nl=False)
    return exits.FINE if found.proven and found.specs else exits.FOUND


def _in_repository(bodies: list[Json], asked: Asked, repository: Path) -> Import:
    """Specs that are proven as they would lie in a repository.

    Raises:
        UserError: there is no such team or environment.
    """
    here = editing.opened(repository)
    for what, word, known in (
        ("team", asked.team, here.specs.teams),
        ("environment", asked.environment, here.specs.environments),
    ):
        if word not in known:
            there = ", ".join(sorted(known)) or "none"
            raise UserError(f"there is no valid {what} {word!r}; there are: {there}", exit_code=exits.USAGE)

    with looking() as made:

        def renderer(environment: str, _devices: Devices, _gateway: Json) -> Render:
            def render(document: Json) -> Rendering:
                path = _path(here.specs, Names(document["metadata"]["name"], asked.team))
                found = specs_of(Overlay(here.tree, {path: text(document).encode()}), made)
                # Other workloads are as they were, and say nothing of this one.
                own = tuple(each for each in found.value.workloads if each.document.path == path)
                alone = Found(replace(found.value, workloads=own), found.diagnostics)
                return rendered(document, desired_in(alone, environment), path)

            return render

        return imported(bodies, asked, renderer, here.specs.environments[asked.environment].model)


def _path(specs: Specs, names: Names) -> str:
    """Where the spec would lie: beside another one of its team, else where a new one would."""
    beside = next((each.document.path for each in specs.workloads if each.team == names.team), None)
    return f"{beside.rpartition('/')[0]}/imported-{names.name}.yaml" if beside else place(specs, names)


def _read(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of manifests that a path means, with its name.

    Raises:
        UserError: it is too large.
    """
    if path == STDIN:
        yield "standard input", _bounded("standard input", sys.stdin.buffer)
        return
    found = sorted(each for each in path.rglob("*") if each.suffix in SUFFIXES) if path.is_dir() else [path]
    for each in found:
        if each.is_file():
            with each.open("rb") as file:
                yield str(each), _bounded(str(each), file)


def _bounded(name: str, file: BinaryIO) -> bytes:
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UserError(f"{name}: more than {LARGEST} bytes", exit_code=exits.USAGE)
    return data


def _team(namespaces: set[str]) -> str:
    """The team that is called as the only namespace."""
    names = sorted(namespaces - {"default"})
    if len(names) == 1 and fits.fits(fits.LABEL, names[0]):
        return names[0]
    raise UserError("whose workloads are they? --team TEAM", exit_code=exits.USAGE)


def _label(what: str, given: str | None) -> str:
    if given is not None and not fits.fits(fits.LABEL, given):
        said = f"{given!r} is no name of {what}: lower-case letters, digits and dashes, a letter first"
        raise UserError(said, exit_code=exits.USAGE)
    return given or ""
