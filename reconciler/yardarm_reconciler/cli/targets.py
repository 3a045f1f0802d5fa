"""What a command works on: options, and the bindings that they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from yardarm_reconciler.cli import completing, sessions, wiring
from yardarm_reconciler.cli.leads import Leads
from yardarm_reconciler.cli.repositories import local_source, repository_option
from yardarm_reconciler.loop import Binding
from yardarm_reconciler.model.origin import UserError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.ports import Clock
from yardarm_reconciler.settings import DEFAULT, find, read
from yardarm_reconciler.source.git import Git, installed

RECORDS = "yardarm-system"
"""Namespace of our own records where no settings name another."""

F = TypeVar("F", bound=Callable[..., Any])

environment_option = click.option(
    "-e",
    "--environment",
    required=True,
    metavar="ENV",
    shell_complete=completing.environments,
    help="Name of the environment.",
)

some_environment_option = click.option(
    "-e",
    "--environment",
    metavar="ENV",
    shell_complete=completing.environments,
    help="Only this environment.  [all of the settings]",
)

revision_option = click.option("--revision", metavar="REV", help="A commit instead of the files as they lie.")


def usage_options(command: F) -> F:
    """Whose devices and money, at which revision."""
    for option in (
        revision_option,
        click.option(
            "--team", metavar="TEAM", shell_complete=completing.teams, help="Only this team.  [all]"
        ),
        click.option(
            "-e",
            "--environment",
            metavar="ENV",
            shell_complete=completing.environments,
            help="Only this environment.  [all]",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Target:
    """Where the options point: settings, a directory, or a context of a kubeconfig."""

    repository: Path
    config: str | None
    directory: Path | None
    kubeconfig: Path | None
    context: str | None
    unit: str | None
    new_unit: str | None
    revision: str | None
    working_tree: bool

    @property
    def is_ad_hoc(self) -> bool:
        """Whether the options say themselves what settings would."""
        return any((self.directory, self.context, self.kubeconfig))

    def settings_file(self) -> Path | None:
        """The settings that hold; None where there are none, or none are asked."""
        return None if self.is_ad_hoc else find(self.config)


def target_options(command: F) -> F:
    """Add the options that every command which touches a cluster takes; they arrive as one ``target``."""

    def gathered(*args: object, **given: Any) -> object:  # noqa: ANN401 - click's own values
        names = Target.__dataclass_fields__
        target = Target(**{name: given.pop(name) for name in names})
        return command(*args, target=target, **given)

    gathered.__name__, gathered.__doc__ = command.__name__, command.__doc__
    gathered.__dict__.update(command.__dict__)
    path = click.Path(path_type=Path)
    for option in reversed(
        [
            click.option("--config", metavar="FILE", help=f"Settings file.  [$YARDARM_CONFIG, {DEFAULT}]"),
            click.option("--directory", type=path, help="Ad hoc: a directory of manifests as the cluster."),
            click.option("--context", metavar="NAME", help="Ad hoc: a context of the kubeconfig."),
            click.option("--kubeconfig", type=path, help="Ad hoc: a kubeconfig.  [kubectl's]"),
            click.option(
                "--unit",
                metavar="ID",
                shell_complete=completing.units,
                help="With --context: the unit that exists there.",
            ),
            click.option("--new-unit", metavar="ID", help="With --context: make a unit of this id there."),
            click.option("--revision", metavar="REV", help="Ad hoc: commit, branch or tag.  [HEAD]"),
            click.option("--working-tree", is_flag=True, help="Ad hoc: the files as they lie, uncommitted."),
            repository_option,
        ]
    ):
        gathered = option(gathered)
    return gathered  # type: ignore[return-value] # click's decorators keep the kind of callable


def bindings(
    target: Target,
    environment: str | None,
    clock: Clock,
    *,
    write: bool,
    follow: bool = False,
    leads: Leads | None = None,
) -> list[Binding]:
    """What the options name: one environment, or with None all that the settings bind.

    With ``follow`` clusters of the settings are watched between passes, where they can be; with ``leads`` passes are made
    under their leases.

    Raises:
        UserError: the options do not go together, or name nothing.
    """
    git = installed()
    if target.is_ad_hoc:
        if environment is None:
            raise UserError("name the environment: -e ENV", exit_code=2)
        return [_ad_hoc(target, environment, git, clock, write=write, leads=leads)]
    path = target.settings_file()
    if path is None:
        raise UserError(
            f"which cluster? Give --directory, --context, or settings (--config, $YARDARM_CONFIG, {DEFAULT})",
            exit_code=2,
        )
    if target.revision or target.working_tree:
        raise UserError("--revision and --working-tree are for --directory and --context", exit_code=2)
    operator = read(path)
    chosen = operator.bound if environment is None else (operator.of(environment),)
    return [
        wiring.bind(operator, each, git, clock, write=write, follow=follow, leads=leads) for each in chosen
    ]


def _ad_hoc(
    target: Target, environment: str, git: Git, clock: Clock, *, write: bool, leads: Leads | None
) -> Binding:
    if target.directory is not None and (target.context or target.kubeconfig):
        raise UserError("--directory and --context exclude each other", exit_code=2)
    if target.working_tree and target.directory is None:
        raise UserError(
            "--working-tree goes with --directory: what runs in a cluster comes from a commit", exit_code=2
        )
    found = local_source(target.repository, target.revision, git, working_tree=target.working_tree)
    if target.directory is not None:
        cluster = sessions.directory(target.directory)
        unit = Unit(f"{environment}@{cluster.identity()}", environment, confirm_runs=False)
        opened = sessions.DirectorySession(cluster, target.directory, unit, write=write)
        return Binding(unit, found, opened, wiring.AD_HOC_INTERVAL)
    if (target.unit is None) == (target.new_unit is None):
        raise UserError(
            "with --context say which unit: --unit ID of one that exists there, or --new-unit ID", exit_code=2
        )
    unit = Unit(target.unit or target.new_unit or "", environment, confirm_runs=target.new_unit is None)
    access = sessions.Access(target.kubeconfig, target.context)
    session = sessions.KubernetesSession(
        access,
        unit,
        RECORDS,
        clock,
        must_exist=target.unit is not None,
        lead=leads.of(access, namespace=RECORDS) if leads else None,
    )
    return Binding(unit, found, session, wiring.AD_HOC_INTERVAL)
