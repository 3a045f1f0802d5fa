"""What commands without a cluster look at: one revision, expanded for its environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.cli.wiring import Pinned, machinery
from yardarm_reconciler.model.document import ReadFile
from yardarm_reconciler.model.origin import Diagnostic, in_order
from yardarm_reconciler.pipeline import Desired, affordable, desired_in, specs_of


@dataclass(frozen=True, slots=True)
class Checked:
    """One revision, checked for all its environments. ``objects`` counts manifests by environment."""

    revision: str
    specs: int
    objects: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]
    read_file: ReadFile

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file of the revision; none where it cannot be shown."""
        data = self.read_file(path)
        return data.decode("utf-8", "replace").splitlines() if data else ()


def check(source: Pinned, only: Sequence[str] = ()) -> Checked:
    """Load, validate, resolve and expand for every environment; report what concerns ``only``, or all."""
    with machinery() as made:
        specs = specs_of(source.tree(source.revision), made)
        desired = {name: desired_in(specs, name) for name in sorted(specs.value.environments)}
        found = [each for one in desired.values() for each in one.diagnostics] + list(specs.diagnostics)
        found += [each for one in desired.values() for each in affordable(one)]
    return Checked(
        revision=source.revision,
        specs=len(specs.value.loaded.documents),
        objects={name: sum(len(w.manifests) for w in one.workloads) for name, one in desired.items()},
        diagnostics=tuple(each for each in in_order(found) if _concerns(each, only)),
        read_file=specs.value.loaded.read_file,
    )


def desired(source: Pinned, environment: str) -> Desired:
    """One environment of one revision."""
    with machinery() as made:
        return desired_in(specs_of(source.tree(source.revision), made), environment)


def _concerns(diagnostic: Diagnostic, only: Sequence[str]) -> bool:
    path = diagnostic.place.path
    return not only or any(root in {".", path} or path.startswith(f"{root}/") for root in only)
