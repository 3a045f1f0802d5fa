"""What one revision wants in one environment: the answer of all stages that need no cluster."""

from __future__ import annotations

from dataclasses import dataclass

from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import Diagnostic, by_path
from yardarm_reconciler.model.workload import Resolution, Workload


@dataclass(frozen=True, slots=True)
class Desired:
    """What one revision wants in one environment, with every problem that was met on the way."""

    specs: Specs
    resolution: Resolution
    workloads: tuple[Workload, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def revision(self) -> str:
        """The revision that wants it."""
        return self.specs.loaded.revision

    @property
    def broken(self) -> dict[str, tuple[Diagnostic, ...]]:
        """What is wrong with the files that could not be read whole, by path."""
        found = by_path(self.diagnostics)
        return {path: found.get(path, ()) for path in sorted(self.specs.loaded.broken)}
