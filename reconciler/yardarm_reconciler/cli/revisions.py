"""What commands without a cluster look at: one revision, expanded for its environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.cli import exits
from yardarm_reconciler.cli.wiring import Pinned, looking
from yardarm_reconciler.model.budget import Usage
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Loaded, ReadFile, Specs
from yardarm_reconciler.model.origin import Diagnostic, UserError, in_order
from yardarm_reconciler.pipeline import affordable, desired_in, specs_of, usage
from yardarm_reconciler.ports import Tree
from yardarm_reconciler.validate.secrets import shows_secret


@dataclass(frozen=True, slots=True)
class Checked:
    """One revision, checked for all its environments. ``objects`` counts manifests by environment.

    ``files`` are those with specs that were to be reported on.
    """

    revision: str
    specs: int
    files: tuple[str, ...]
    objects: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]
    read_file: ReadFile

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file of the revision, empty where they show a secret; none where it cannot be shown."""
        data = self.read_file(path)
        lines = data.decode("utf-8", "replace").splitlines() if data else ()
        return ["" if shows_secret(line) else line for line in lines]


def check(tree: Tree, only: Sequence[str] = ()) -> Checked:
    """Load, validate, resolve and expand for every environment; report what concerns ``only``, or all.

    Raises:
        UserError: one of ``only`` is nowhere: a path with a typing error is not one without errors.
    """
    files = tree.files() if only else ()
    for path in only:
        if not any(lies_below(file.path, path) for file in files):
            raise UserError(f"no file of the repository lies at {path}", exit_code=exits.USAGE)
    with looking() as made:
        specs = specs_of(tree, made)
        desired = {name: desired_in(specs, name) for name in sorted(specs.value.environments)}
        found = [each for one in desired.values() for each in one.diagnostics] + list(specs.diagnostics)
        found += [each for one in desired.values() for each in affordable(one)]
    return Checked(
        revision=tree.revision,
        specs=len(specs.value.loaded.documents),
        files=tuple(sorted({path for path in _paths(specs.value.loaded) if _concerns(path, only)})),
        objects={name: sum(len(w.manifests) for w in one.workloads) for name, one in desired.items()},
        diagnostics=tuple(each for each in in_order(found) if _concerns(each.place.path, only)),
        read_file=specs.value.loaded.read_file,
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


def _concerns(path: str, only: Sequence[str]) -> bool:
    return not only or any(lies_below(path, root) for root in only)


def lies_below(path: str, root: str) -> bool:
    """Whether a file is at a path of the repository, or anywhere below it."""
    return root in {".", path} or path.startswith(f"{root}/")
