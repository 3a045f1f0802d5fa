"""From files to manifests, as the program does it, for the tests of the stages in between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.trees import MemoryTree, of_directory
from yardarm_reconciler.expand import expand
from yardarm_reconciler.load import load
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.manifest import Manifest
from yardarm_reconciler.model.origin import Diagnostic, in_order
from yardarm_reconciler.model.workload import Resolution, Workload
from yardarm_reconciler.model.yaml_text import yaml_text
from yardarm_reconciler.resolve import resolve
from yardarm_reconciler.validate import validate

REPOSITORY = Path(__file__).parent.parent
OWN_SPECS = ("yardarm.yaml", "environments", "examples")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one environment of a tree came to."""

    specs: Specs
    resolution: Resolution
    workloads: tuple[Workload, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """Of all workloads, in the order of their keys."""
        found = [each for workload in self.workloads for each in workload.manifests]
        return tuple(sorted(found, key=lambda each: each.key))

    def one(self, kind: str, name: str = "") -> Manifest:
        """The only manifest of a kind, or that of a name."""
        found = [each for each in self.manifests if each.key.kind == kind and name in ("", each.key.name)]
        assert len(found) == 1, [str(each.key) for each in self.manifests]
        return found[0]

    @property
    def found(self) -> list[str]:
        """Diagnostics as ``code line:column``, which is what tests compare."""
        return [f"{each.code.name} {each.place.line}:{each.place.column}" for each in self.diagnostics]


def render(tree: MemoryTree, environment: str) -> Rendered:
    """Take a tree through all stages up to its manifests."""
    loaded = load(tree)
    specs = validate(loaded.value)
    resolution = resolve(specs.value, environment)
    expanded = expand(resolution.value)
    found = (*loaded.diagnostics, *specs.diagnostics, *resolution.diagnostics, *expanded.diagnostics)
    return Rendered(specs.value, resolution.value, expanded.value, in_order(found))


def own_repository() -> MemoryTree:
    """This repository, which is a configuration repository too."""
    return of_directory(REPOSITORY, *OWN_SPECS)


def as_text(manifests: tuple[Manifest, ...]) -> str:
    """Many objects as one text, the same on any machine."""
    return "---\n".join(yaml_text(each.body) for each in manifests)
