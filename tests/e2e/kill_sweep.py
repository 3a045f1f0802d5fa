"""Small reconciles, broken off at each of their writes, and the program started again."""

from __future__ import annotations

import enum
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.controlplane.faults import WRITING_METHODS, Call, Match, ResetBefore
from tests.controlplane.proxy import Proxy, fault_proxy
from tests.e2e.harness import Site
from tests.e2e.outcomes import Outcome
from tests.e2e.phases import Phase
from tests.e2e.programs import LONGEST_SECONDS, Program

WRITES = Match(WRITING_METHODS, query=r"(?!.*dryRun).*")
"""Every request that may change something, the records of the inventory included."""

RESTARTS = 4
"""The last of so many must have nothing left to do; one repairs, one or two follow what terminates."""

FINE, PARTLY, FENCED = 0, 4, 5


class End(enum.Enum):
    """How the program is broken off at a write."""

    UNSENT = "killed before the write reaches the server"
    UNHEARD = "killed, and the write is carried out after its death"
    UNREAD = "killed when the write is carried out and its answer is on its way"
    OVERTAKEN = "frozen at the write while another process does everything, then going on"


@dataclass(slots=True)
class Broken:
    """One case: a site, a program that is broken off at its ``number``-th write, and what came of it."""

    site: Site
    end: End
    number: int
    reached: bool = False
    other: int = FINE
    _programs: int = 0
    _answered: threading.Event = field(default_factory=threading.Event)

    def __call__(self, phase: Phase) -> bool:
        """Do it and check all; false where the program ended before it got to that write."""
        outcome = Outcome(self.site, self.site.audit.mark())
        try:
            phase(self.site)
            self.site.commit()
            with fault_proxy(self.site.dev) as proxy:
                self._break_off(proxy)
            self._again(outcome)
            outcome.check()
        finally:
            outcome.clean_up()
        return self.reached

    def _program(self, kubeconfig: Path | None = None) -> Program:
        """A `yardarm sync`, not started yet."""
        self._programs += 1
        self.site.kubeconfig = kubeconfig
        output = self.site.folder / f"output-{self._programs}"
        settings = output.with_suffix(".yaml")
        settings.write_bytes(self.site.settings.read_bytes())
        options = ("-e", self.site.environment, "--config", str(settings), "--format", "json")
        return Program(("sync", *options), output)

    def _break_off(self, proxy: Proxy) -> None:
        file = self.site.folder / "proxied"
        program = self._program(proxy.write_kubeconfig(file, token=self.site.dev.reconciler_token))
        self._arm(proxy, program)
        code = program.start().ended()
        if self.end is End.OVERTAKEN:
            assert code in {FINE, PARTLY, FENCED}, program.said
            assert self.other in {FINE, PARTLY, FENCED}
        else:
            # What has nothing left but to wait for a fetch says that it is not all done.
            assert code in ({-signal.SIGKILL} if self.reached else {FINE, PARTLY}), program.said
        if self.end is End.UNHEARD and self.reached:
            assert self._answered.wait(LONGEST_SECONDS)

    def _arm(self, proxy: Proxy, program: Program) -> None:
        at = Match(WRITES.method, WRITES.path, WRITES.query, nth=self.number)
        match self.end:
            case End.UNSENT:
                proxy.faults.add(at, Call("before", lambda: self._kill(program)))
                proxy.faults.add(at, ResetBefore())
            case End.UNHEARD:
                proxy.faults.add(at, Call("before", lambda: self._kill(program)))
                proxy.faults.add(at, Call("after", self._answered.set))
            case End.UNREAD:
                proxy.faults.add(at, Call("after", lambda: self._kill(program)))
            case End.OVERTAKEN:
                proxy.faults.add(at, Call("before", lambda: self._overtake(program)))

    def _kill(self, program: Program) -> None:
        self.reached = True
        program.kill()

    def _overtake(self, program: Program) -> None:
        self.reached = True
        program.signal(signal.SIGSTOP)
        try:
            self.other = self._program().start().ended()
        finally:
            program.signal(signal.SIGCONT)

    def _again(self, outcome: Outcome) -> None:
        """Run the program as its supervisor does, until it says that there is nothing left to do."""
        did: list[list[str]] = []
        for _ in range(RESTARTS):
            before = outcome.begin_pass()
            program = self._program()
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


def sweep(make: Callable[[], Site], phase: Phase, end: End, *, every: int = 1) -> int:
    """Break a phase off at its first write, its second, and so on; give the number of its writes.

    Args:
        make: a new site for every case.
        phase: what is to be reconciled.
        end: how it is broken off.
        every: 1 for each write, 2 for every other one.
    """
    number = 1
    while True:
        try:
            reached = Broken(make(), end, number)(phase)
        except AssertionError as error:
            error.add_note(f"{phase.__name__}, write {number}, {end.value}")
            raise
        if not reached:
            return number - 1
        number += every
