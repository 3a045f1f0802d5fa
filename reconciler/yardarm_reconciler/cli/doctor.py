"""``yardarm doctor``: what stands in the way here, and how to clear it away."""

from __future__ import annotations

from collections.abc import Iterator

import click

from yardarm_reconciler.cli import checks, exits, screen
from yardarm_reconciler.cli.checkup import checkup
from yardarm_reconciler.cli.repositories import local_source
from yardarm_reconciler.cli.targets import Target, bindings, some_environment_option, target_options
from yardarm_reconciler.cli.wiring import machinery
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import TransientError, UserError
from yardarm_reconciler.pipeline import Machinery, specs_of
from yardarm_reconciler.report import doctor
from yardarm_reconciler.report.doctor import Finding, Mark
from yardarm_reconciler.source.git import installed


@click.command(name="doctor")
@some_environment_option
@target_options
@screen.format_option
def command(environment: str | None, target: Target, form: str) -> int:
    """Look for all that stands in the way: on this machine, in git, in clusters. Each with what to do.

    git, settings, the config repository; of each environment its source, its cluster, clocks, the lease, APIs that specs
    need, and rights, asked one by one. Nothing is written. Exit code 1 means that something is in the way.

    \b
    Examples:
      yardarm doctor
      yardarm doctor -e production
      yardarm doctor -e dev --context kind-dev --unit dev-1
    """
    with machinery() as made:
        machine = list(_machine(target, made))
        works = all(each.mark is not Mark.WRONG for each in machine if each.topic in NEEDED)
        units = _units(target, environment, made) if works else []
        environments = {
            each.unit.environment: list(checkup(each, made, runs=not target.is_ad_hoc)) for each in units
        }
    everything = [*machine, *(each for several in environments.values() for each in several)]
    code = exits.FOUND if any(each.mark is Mark.WRONG for each in everything) else exits.FINE
    look = screen.look()
    match form:
        case "json":
            screen.show(doctor.json(machine, environments, screen.VERSION, code))
        case "concise":
            screen.show(doctor.concise(machine, environments, look))
        case _:
            screen.show(doctor.human(machine, environments, look))
    return code


NEEDED = frozenset({"git", "settings"})
"""Topics without which no environment can be looked at."""


def _machine(target: Target, made: Machinery) -> Iterator[Finding]:
    yield from checks.programs()
    if not target.is_ad_hoc:
        yield checks.settings(target.config)
        yield from _repository(target, made)


def _repository(target: Target, made: Machinery) -> Iterator[Finding]:
    """The config repository around the working directory, as its files lie there."""
    try:
        source = local_source(target.repository, None, installed(), working_tree=True)
        yield checks.specs(specs_of(source.tree(source.revision), made), source.revision)
    except UserError as error:
        yield Finding("repository", Mark.NOTE, f"{error}; commands on specs need one (-C)")
    except TransientError as error:
        yield Finding("repository", Mark.WRONG, str(error), "look at the directory, and at git in it")


def _units(target: Target, environment: str | None, made: Machinery) -> list[Binding]:
    """What the options name; without settings nothing, and that was told."""
    if not target.is_ad_hoc and target.settings_file() is None:
        return []
    return bindings(target, environment, made.clock, write=False)
