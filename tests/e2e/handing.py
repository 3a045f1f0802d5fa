"""A team that changes hands between two units of one cluster, and what must be true of both whatever happens meanwhile."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass, replace

from tests.controlplane.audit import Request
from tests.e2e.crash_points import Crash
from tests.e2e.harness import RECONCILER, RECORDS, Site
from tests.e2e.outcomes import Outcome
from tests.e2e.phases import STAYS
from tests.e2e.programs import Program
from yardarm_reconciler.inventory.records import Inventory

DIGEST = re.compile(r"--confirm ([0-9a-f]{12})")


def begun(site: Site) -> None:
    """A server, a run that ends and one that goes on."""
    site.write(site.service("api"), site.job("ended"), site.job("index", labels=STAYS))
    site.commit()
    done = site.look()
    assert done.report.error == ""


def second(site: Site) -> Site:
    """Another unit with a config repository of its own, which wants the same."""
    folder = site.folder / "second"
    folder.mkdir()
    made = replace(site, folder=folder, files=dict(site.files), second="-b", life=None)
    made.commit()
    return made


@dataclass(frozen=True, slots=True)
class Handing:
    """Two units and the audit log from ``mark`` on, where ``uids`` are those of all that the first one had."""

    giver: Site
    taker: Site
    mark: int
    uids: dict[str, str]

    @classmethod
    def of(cls, giver: Site) -> Handing:
        """From what a unit has now."""
        return cls(giver, second(giver), giver.audit.mark(), uids(giver))

    def arguments(self) -> tuple[str, ...]:
        """The command that hands over what is there now."""
        _, said = self.taker.cli("handover", "--from", self.giver.unit)
        found = DIGEST.search(said)
        return ("handover", "--from", self.giver.unit, *(("--confirm", found[1]) if found else ()))

    def written(self) -> list[Request]:
        """All that both units, and the command, have written since the mark, their records included."""
        return list(self.giver.audit.since(self.mark).by(RECONCILER).writes())

    def check(self) -> None:
        """All is where and what it was, listed by the second unit and by nobody else; neither has anything to do."""
        passes = [self.taker.start()(), self.giver.start()(), self.taker.start()(), self.giver.start()()]
        assert [each.report.error for each in passes] == [""] * 4
        assert [each.objects for each in passes[1:]] == [[], [], []]
        objects = [each for each in self.written() if each.namespace != RECORDS]
        assert [each.uri for each in objects if each.code == 201 or each.verb != "patch"] == []
        assert uids(self.taker) == self.uids
        assert self.taker.live("apps/deployments", "api")["metadata"]["generation"] == 1
        assert Outcome(self.giver, self.mark).live() == {}
        assert listed(inventory(self.taker)) == self.uids
        assert listed(inventory(self.giver)) == {}


def handed_over(site: Site, crash: Crash) -> bool:
    """Hand over by a program that may die of it; both units look at what is left before it is done again."""
    begun(site)
    handing = Handing.of(site)
    try:
        taker = handing.taker
        settings = ("-e", taker.environment, "--config", str(taker.settings))
        program = Program((*handing.arguments(), *settings), site.folder / "output", crash).start()
        code = program.ended()
        assert code in {-signal.SIGKILL, 0}, program.said
        for unit in (taker, site, taker):
            assert unit.start()().report.error == ""
        assert taker.cli(*handing.arguments())[0] == 0
        handing.check()
    finally:
        for unit in (site, handing.taker):
            Outcome(unit, 0).clean_up()
    return code == -signal.SIGKILL


def uids(site: Site) -> dict[str, str]:
    """By key, the uid of everything that carries the label of a unit."""
    return {str(key): each["metadata"]["uid"] for key, each in Outcome(site, 0).live().items()}


def listed(known: Inventory) -> dict[str, str]:
    """By key, the uid of everything that an inventory lists."""
    records = known.records.values()
    entries = {str(each.key): each.uid for record in records for each in record.entries.values()}
    return entries | {str(run.key): run.uid for record in records for run in record.runs if run.uid}


def inventory(site: Site) -> Inventory:
    """What is recorded now."""
    with site.start().binding.session(site.pool) as (_, journal):
        return journal.read()
