"""``yardarm new``: a spec with comments, valid at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from yardarm_reconciler.cli import completing, editing, exits
from yardarm_reconciler.cli.repositories import relative, repository_option
from yardarm_reconciler.load.files import is_spec_name
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.paths import matches_any
from yardarm_reconciler.scaffold import NO_DIGEST, REGISTRY, Names, spec
from yardarm_schema.kinds import PLATFORM, WORKLOADS
from yardarm_schema.repository import Repository


@click.command(name="new")
@click.argument("kind")
@click.argument("name")
@click.option(
    "--team", metavar="TEAM", shell_complete=completing.teams, help="Whose workload it is.  [the only team]"
)
@click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    help="Where it runs at first.  [dev, or the first]",
)
@click.option("--file", metavar="PATH", type=click.Path(path_type=Path), help="Where to write it.")
@editing.dry_run_option
@repository_option
def command(
    kind: str,
    name: str,
    team: str | None,
    environment: str | None,
    file: Path | None,
    repository: Path,
    *,
    dry_run: bool,
) -> int:
    """Write a spec of KIND that is called NAME, with comments that say what to change, where nothing lies yet.

    It is written below the first path of its team (or of the platform), and only if the repository is then as valid as
    it was.

    \b
    Examples:
      yardarm new BatchJob embed-corpus
      yardarm new ModelService chat --team nlp -e staging
      yardarm new Environment staging --dry-run
    """
    kinds = [*WORKLOADS, *PLATFORM]
    if kind not in kinds:
        raise click.BadParameter(f"there is no kind {kind!r}{_near(kind, kinds)}")
    here = editing.opened(repository)
    names = _names(here.specs, name, team, environment) if kind in WORKLOADS else Names(name)
    path = relative((file,), repository)[0] if file else place(here.specs, names)
    if not _is_read(here.specs.loaded.repository, path):
        raise UserError(f"yardarm.yaml reads no specs at {path}: --file PATH", exit_code=exits.USAGE)
    if (here.root / path).exists():
        raise UserError(f"{path} is there already; name another with --file", exit_code=exits.USAGE)
    return editing.finish(here, {path: None}, {path: spec(kind, names).encode()}, dry_run=dry_run)


def _names(specs: Specs, name: str, team: str | None, environment: str | None) -> Names:
    """The names that a workload needs, those that were not given from what there is."""
    where = _chosen("environment", environment, _by_ease(specs), by_default=True)
    whose = _chosen("team", team, sorted(specs.teams), by_default=len(specs.teams) == 1)
    found = specs.environments[where].model
    registries = found.policy.registries or (REGISTRY,)
    return Names(
        name,
        whose,
        where,
        accelerator=min(found.accelerators, default=""),
        registry=REGISTRY if REGISTRY in registries else registries[0],
        digest=NO_DIGEST if found.policy.require_digest else "",
    )


def _by_ease(specs: Specs) -> list[str]:
    """Environments, first the one that is for trying out, then those that demand the least."""

    def demands(name: str) -> tuple[bool, bool, str]:
        return name != "dev", specs.environments[name].model.policy.require_digest, name

    return sorted(specs.environments, key=demands)


def _chosen(what: str, given: str | None, known: Sequence[str], *, by_default: bool) -> str:
    """The name that was given; without one the first that there is, where that can be meant.

    Raises:
        UserError: there is no such thing, or a person has to choose.
    """
    if given in known and given is not None:
        return given
    if given is not None:
        raise UserError(f"there is no valid {what} {given!r}{_near(given, known)}", exit_code=exits.USAGE)
    if known and by_default:
        return known[0]
    there = ", ".join(known) or "none, which comes first"
    raise UserError(f"which {what}? --{what} NAME; there are: {there}", exit_code=exits.USAGE)


def place(specs: Specs, names: Names) -> str:
    """Where a spec of these names belongs: below the first path of its team, or of the platform.

    Raises:
        UserError: that path is a pattern below which no place is the obvious one.
    """
    patterns = specs.teams[names.team].model.paths if names.team else specs.loaded.repository.platform
    folder = patterns[0].removesuffix("/**").removesuffix("/") if patterns else ""
    if not folder or "*" in folder or "?" in folder:
        raise UserError("where to write it? --file PATH", exit_code=exits.USAGE)
    return f"{folder}/{names.name}.yaml"


def _is_read(repository: Repository, path: str) -> bool:
    """Whether a file there would be a file of specs."""
    read = (*repository.specs, *(repository.platform or ()))
    return is_spec_name(path) and matches_any(read, path) and not matches_any(repository.ignore, path)


def _near(word: str, known: Iterable[str]) -> str:
    """The name that may be meant, or all that there are."""
    names = list(known)
    near = difflib.get_close_matches(word, names, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names) or 'none'}"
