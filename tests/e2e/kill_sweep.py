"""Small reconciles, broken off at each of their writes, and the program started again."""

from __future__ import annotations

import enum
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.controlplane.faults import WRITING_METHODS, Call, Match, ResetBefore
from tests.controlplane.proxy import Proxy, fault_proxy
from tests.e2e.harness import Site
from tests.e2e.outcomes import Outcome
from tests.e2e.phases import Phase, fetch
from tests.e2e.programs import LONGEST_SECONDS, Program
from tests.e2e.restarts import FENCED, FINE, PARTLY, Programs

WRITES = Match(WRITING_METHODS, query=r"(?!.*dryRun).*")
"""Every request that may change something, the records of the inventory included."""


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
    _programs: Programs = field(init=False)
    _answered: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        """Start nothing yet."""
        self._programs = Programs(self.site)

    def __call__(self, phase: Phase) -> bool:
        """Do it and check all; false where the program ended before it got to that write."""
        outcome = Outcome(self.site, self.site.audit.mark())
        try:
            phase(self.site)
            self.site.commit()
            with fault_proxy(self.site.dev) as proxy:
                self._break_off(proxy, phase)
            self._programs.until_done(outcome)
            outcome.check()
        finally:
            outcome.clean_up()
        return self.reached

    def _break_off(self, proxy: Proxy, phase: Phase) -> None:
        file = self.site.folder / "proxied"
        program = self._programs.sync(proxy.write_kubeconfig(file, token=self.site.dev.reconciler_token))
        self._arm(proxy, program)
        code = program.start().ended()
        if self.end is End.OVERTAKEN:
            assert code in {FINE, PARTLY, FENCED}, program.said
            assert self.other in {FINE, PARTLY, FENCED}
        else:
            # What has nothing left but to wait for a fetch says that it is not all done.
            undisturbed = PARTLY if phase is fetch else FINE
            assert code == (-signal.SIGKILL if self.reached else undisturbed), program.said
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
            self.other = self._programs.sync().start().ended()
        finally:
            program.signal(signal.SIGCONT)


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
