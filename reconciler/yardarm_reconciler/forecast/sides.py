"""Both revisions of a plan, in every environment: rendered whole on one side, on the other only what can differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from yardarm_reconciler.load import load
from yardarm_reconciler.load.codes import MISSING
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Document, Loaded, Specs
from yardarm_reconciler.model.manifest import Key
from yardarm_reconciler.model.origin import Diagnostic, Found, in_order
from yardarm_reconciler.pipeline import Machinery, desired_in, specs_in
from yardarm_reconciler.plan.affected import Affected, affected, touched
from yardarm_reconciler.ports import File, Tree
from yardarm_schema.kinds import WORKLOADS

TEAM = "Team/"


@dataclass(frozen=True, slots=True)
class Sides:
    """One environment of both revisions. A workload that is the very same on both sides is the same value."""

    base: Desired
    head: Desired


@dataclass(frozen=True, slots=True)
class Revisions:
    """Two revisions: what they say, what was found in all their environments together, and each environment."""

    base: Loaded
    head: Loaded
    found_in_base: tuple[Diagnostic, ...]
    found_in_head: tuple[Diagnostic, ...]
    environments: Mapping[str, Sides]


@dataclass(slots=True)
class _Listed:
    """A tree whose files are listed once: of a working tree that means to read them all."""

    tree: Tree
    listed: Sequence[File] | None = field(default=None)

    @property
    def revision(self) -> str:
        """That of the tree."""
        return self.tree.revision

    def files(self) -> Sequence[File]:
        """As the tree gave them first."""
        if self.listed is None:
            self.listed = self.tree.files()
        return self.listed

    def read(self, files: Iterable[File]) -> Mapping[str, bytes]:
        """From the tree."""
        return self.tree.read(files)


def revisions(base: Tree, head: Tree, machinery: Machinery, only: str | None = None) -> Revisions:
    """Load both, render the head whole, and of the base what can differ from it.

    Raises:
        TransientError: one of the trees cannot be read completely.
    """
    old, new = _Listed(base), _Listed(head)
    before, after = _not_yet(load(old, cache=machinery.parsed)), load(new, cache=machinery.parsed)
    specs = specs_in(after)
    wanted = {name: desired_in(specs, name) for name in _names(specs.value, only)}
    lost = frozenset(id_ for each in wanted.values() for id_ in _not_rendered(each))
    differing = affected(before.value, after.value, touched(old.files(), new.files()), lost)
    sides = _in_part(before, wanted, differing) if differing is not None else None
    if sides is None:
        specs_before = specs_in(before)
        names = {*_names(specs_before.value, only), *wanted}
        sides = {
            name: Sides(desired_in(specs_before, name), wanted.get(name) or desired_in(specs, name))
            for name in sorted(names)
        }
        found = specs_before.diagnostics
    else:
        found = before.diagnostics
    return Revisions(before.value, after.value, found, specs.diagnostics, sides)


def _not_yet(loaded: Found[Loaded]) -> Found[Loaded]:
    """A base from before there was a ``yardarm.yaml`` holds no specs, whatever YAML there was."""
    if any(each.code is MISSING for each in loaded.diagnostics):
        return Found(replace(loaded.value, broken=frozenset()))
    return loaded


def _names(specs: Specs, only: str | None) -> list[str]:
    invalid = (name.partition("/") for name in specs.invalid_platform)
    names = {*specs.environments, *(name for kind, _, name in invalid if kind == "Environment")}
    return sorted(name for name in names if only in {None, name})


def _not_rendered(desired: Desired) -> frozenset[str]:
    return desired.resolution.present - {each.id for each in desired.workloads}


# The base in part ------------------------------------------------------------------------------------


def _in_part(
    base: Found[Loaded], wanted: Mapping[str, Desired], differing: Affected
) -> Mapping[str, Sides] | None:
    """Render what can differ, and take the rest from the head; None where the two parts touch one another."""
    platform = tuple(each for each in base.value.documents if each.kind not in WORKLOADS)
    part = replace(base.value, documents=(*platform, *differing.documents, *differing.context))
    specs = specs_in(Found(part, base.diagnostics))
    sides = {}
    for name, head in wanted.items():
        joined = _joined(desired_in(specs, name), head, differing)
        if joined is None:
            return None
        sides[name] = Sides(joined, head)
    return sides


def _joined(part: Desired, head: Desired, differing: Affected) -> Desired | None:
    """What the base wants, from the part of it that was rendered and what is the same in the head."""
    same = frozenset(
        id_ for id_ in head.resolution.present if not id_.startswith(TEAM) and id_ not in differing.ids
    )
    same |= {f"{TEAM}{id_.split('/')[1]}" for id_ in same}
    shared = [each for each in head.workloads if each.id in same]
    own = [each for each in part.workloads if each.id not in same]
    keys: set[Key] = {made.key for each in shared for made in each.manifests}
    if any(made.key in keys for each in own for made in each.manifests):
        return None  # two that claim one object are judged together
    resolution = replace(part.resolution, present=part.resolution.present | same)
    found = (*part.diagnostics, *_elsewhere(head.diagnostics, part.specs.loaded.documents, differing))
    workloads = tuple(sorted((*shared, *own), key=lambda each: each.id))
    return Desired(part.specs, resolution, workloads, in_order(found))


def _elsewhere(
    found: Iterable[Diagnostic], rendered: Iterable[Document], differing: Affected
) -> Iterable[Diagnostic]:
    """What was found in files of which nothing was rendered again: the same is wrong with them in the base."""
    paths = {document.path for document in rendered} | differing.paths
    return (each for each in found if each.place.path not in paths)
