"""The program again and again on one site, as its supervisor starts it: until nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.harness import Site
from tests.e2e.outcomes import Outcome
from tests.e2e.programs import Deadly, Program

RESTARTS = 4
"""The last of so many must have nothing left to do; one repairs, one or two follow what terminates."""

FINE, PARTLY, FENCED = 0, 4, 5


@dataclass(slots=True)
class Programs:
    """Processes of `yardarm sync` on one site, each with a file of its own for what it prints, named ``output``."""

    site: Site
    output: str = "output"
    _made: int = 0

    def sync(self, kubeconfig: Path | None = None, death: Deadly | None = None) -> Program:
        """One of them, not started yet; it logs in by ``kubeconfig``, and may await its death."""
        self._made += 1
        self.site.kubeconfig = kubeconfig
        output = self.site.folder / f"{self.output}-{self._made}"
        settings = output.with_suffix(".yaml")
        settings.write_bytes(self.site.settings.read_bytes())
        options = ("-e", self.site.environment, "--config", str(settings), "--format", "json")
        return Program(("sync", *options), output, death)

    def until_done(self, outcome: Outcome) -> None:
        """Run the program as its supervisor does, until it says that there is nothing left to do."""
        did: list[list[str]] = []
        for _ in range(RESTARTS):
            before = outcome.begin_pass()
            program = self.sync()
            code = program.start().ended()
            assert code in {FINE, PARTLY}, program.said
            did.append(_done_by(program))
            if code == FINE and not did[-1] and outcome.records() == before:
                return
            outcome.settled()
        raise AssertionError(f"{RESTARTS} restarts later there is still something to do: {did}")


def _done_by(program: Program) -> list[str]:
    """What a pass did, could not do, or waits for, as ``action Kind/name: reason``."""
    (environment,) = program.answer["environments"]
    return [
        f"{each['action']} {each['object']['kind']}/{each['object']['name']}: {each['reason']}"
        for workload in environment["workloads"]
        for each in workload["actions"]
        if each["action"] != "unchanged"
    ]
