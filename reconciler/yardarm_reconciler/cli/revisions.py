"""What commands without a cluster look at: one revision, expanded for its environments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.checked import Checked
from yardarm_reconciler.cli.repositories import Pinned
from yardarm_reconciler.cli.wiring import looking
from yardarm_reconciler.model.budget import Usage
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Loaded, Specs
from yardarm_reconciler.model.origin import Diagnostic, UserError, in_order
from yardarm_reconciler.pipeline import affordable, desired_in, specs_of, usage
from yardarm_reconciler.ports import Tree


def check(tree: Tree) -> Checked:
    """Load, validate, resolve and expand for every environment."""
    with looking() as made:
        specs = specs_of(tree, made)
        desired = {name: desired_in(specs, name) for name in sorted(specs.value.environments)}
        found = [each for one in desired.values() for each in one.diagnostics] + list(specs.diagnostics)
        found += [each for one in desired.values() for each in affordable(one)]
    return Checked(
        revision=tree.revision,
        specs=len(specs.value.loaded.documents),
        files=tuple(sorted({*_paths(specs.value.loaded)})),
        objects={name: sum(len(w.manifests) for w in one.workloads) for name, one in desired.items()},
        diagnostics=in_order(found),
    )


def desired(source: Pinned, environment: str) -> Desired:
    """One environment of one revision."""
    with looking() as made:
        return desired_in(specs_of(source.tree(source.revision), made), environment)


@dataclass(frozen=True, slots=True)
class Used:
    """What environments of one revision hold, and the errors because of which that is not all, or too much."""

    revision: str
    usages: tuple[Usage, ...]
    errors: tuple[Diagnostic, ...]


def used(source: Pinned, environment: str | None, team: str | None) -> Used:
    """Devices and money of one environment, or of all, at the peaks.

    Raises:
        UserError: there is no such environment or team.
    """
    with looking() as made:
        specs = specs_of(source.tree(source.revision), made)
    known(environment, specs.value)
    if team is not None and team not in specs.value.teams:
        teams = ", ".join(sorted(specs.value.teams)) or "none"
        raise UserError(f"there is no valid team {team!r}; there are: {teams}", exit_code=exits.USAGE)
    chosen = [environment] if environment else sorted(specs.value.environments)
    wanted = [desired_in(specs, name) for name in chosen]
    found = [each for one in wanted for each in (*one.diagnostics, *affordable(one))]
    errors = tuple(each for each in in_order(found) if each.is_error)
    return Used(source.revision, tuple(usage(one) for one in wanted), errors)


def known(environment: str | None, specs: Specs) -> None:
    """Refuse the name of an environment that a revision does not have, valid or not.

    Raises:
        UserError: it has none of that name.
    """
    if environment is None or environment in specs.environments:
        return
    if f"Environment/{environment}" not in specs.invalid_platform:
        names = ", ".join(sorted(specs.environments)) or "none"
        raise UserError(f"there is no environment {environment!r}; there are: {names}", exit_code=exits.USAGE)


def _paths(loaded: Loaded) -> Iterator[str]:
    yield from (document.path for document in loaded.documents)
    yield from loaded.broken
