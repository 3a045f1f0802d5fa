"""Small reconciles, each killed at named points of the engine, and the program started again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.controlplane.client import Object
from tests.e2e.crash_points import Crash, Effect, Moment, Point, told
from tests.e2e.handing import handed_over
from tests.e2e.harness import Site
from tests.e2e.outcomes import Outcome
from tests.e2e.phases import STAYS, Phase, applied, first_apply, prune, replacement, run, upgrade
from tests.e2e.restarts import FINE, PARTLY, Programs
from yardarm_reconciler.inventory.journal import SHARD_BYTES

ANNOTATED: Object = {"metadata": {"annotations": {"example.com/note": "by hand"}}}
MERGE = "application/merge-patch+json"


def takeover(site: Site) -> None:
    """Another process takes over what one announced and then died of; meanwhile a person has edited an object."""
    site.write(site.service("api"), site.service("web"), site.service("old"))
    applied(site)
    site.api.request(
        "PATCH",
        site.path("apps/deployments", "web"),
        ANNOTATED,
        query={"fieldManager": "kubectl-edit"},
        headers={"Content-Type": MERGE},
    )
    site.remove("old")
    site.write(site.service("api", env={"LEVEL": "debug"}), site.job("second", labels=STAYS))
    site.commit()
    announced = Crash(Point(Effect.AHEAD, Moment.AFTER), 1, site.folder / "announced")
    program = Programs(site, "dead").sync(death=announced).start()
    assert program.ended() == -signal.SIGKILL, program.said


def new_layout(site: Site) -> None:
    """An inventory that lies in several small shards outgrows them."""
    site.write(site.service("api"), site.service("web"))
    site.commit()
    nowhere = Crash(NOWHERE, 0, site.folder / "laid-out", SMALL)
    program = Programs(site, "first").sync(death=nowhere).start()
    assert program.ended() == FINE, program.said
    site.write(
        site.service("api", env={"LEVEL": "debug"}), site.service("more"), site.job("index", labels=STAYS)
    )


Carry = Callable[[Site, Crash], bool]
"""Does something on a site by a program that may die of it, has it finished and checked; whether it died."""

NEW_LAYOUT = "new layout"
NOWHERE = Point(Effect.LEASE, Moment.BEFORE)
SMALL = 400
"""Bytes of a shard: so few that whenever records change, they are laid out anew."""

MADE_ANEW = frozenset({"statefulsets"})
"""Resources of which an object is deleted and made anew in one of these."""


@dataclass(frozen=True, slots=True)
class Case:
    """A point of a pass: ``number`` says which effect of that name, ``of`` how many it has."""

    point: Point
    number: int
    of: int

    def __str__(self) -> str:
        """Give ``before an object is created (2 of 7)``."""
        return f"{self.point} ({self.number} of {self.of})"


def rehearsed(site: Site, name: str) -> Sequence[Effect]:
    """The effects of a pass that nothing disturbs, in their order."""
    nowhere = _crash(site, name, NOWHERE, 0)
    assert not PASSES[name](site, nowhere)
    return told(nowhere.told)


def cases(effects: Sequence[Effect]) -> Iterator[Case]:
    """Every point of a pass, at the first effect of its name and at the last."""
    for effect in Effect:
        of = effects.count(effect)
        for number in sorted({min(of, 1), of} - {0}):
            for moment in Moment:
                yield Case(Point(effect, moment), number, of)


def sampled(effects: Sequence[Effect], turn: int) -> Iterator[Case]:
    """Each effect of a pass once, so that over all phases each comes before and after, at the first and at the last."""
    for index, effect in enumerate(Effect):
        choice = [each for each in cases(effects) if each.point.effect is effect]
        if choice:
            yield choice[(index + turn) % len(choice)]


def sweep(make: Callable[[], Site], name: str, chosen: Iterable[Case]) -> int:
    """Kill a kind of pass at each of some points; give the number of deaths.

    How many shards a layout has, and so how often some effects come, differs by a few bytes: the last may not come.
    """
    deaths = 0
    for case in chosen:
        site = make()
        crash = _crash(site, name, case.point, case.number)
        try:
            died = PASSES[name](site, crash)
            assert died or told(crash.told).count(case.point.effect) < case.number
        except AssertionError as error:
            error.add_note(f"{name}, {case}")
            raise
        deaths += died
    return deaths


def _crash(site: Site, name: str, point: Point, number: int) -> Crash:
    size = SMALL if name == NEW_LAYOUT else SHARD_BYTES
    return Crash(point, number, site.folder / "told", size)


def _reconciled(phase: Phase) -> Carry:
    """Carries out a pass by a program that may die of it, and by what is started after it."""

    def carry(site: Site, crash: Crash) -> bool:
        outcome = Outcome(site, site.audit.mark(), MADE_ANEW)
        programs = Programs(site)
        try:
            phase(site)
            site.commit()
            program = programs.sync(death=crash).start()
            code = program.ended()
            assert code in {-signal.SIGKILL, FINE, PARTLY}, program.said
            programs.until_done(outcome)
            outcome.check()
        finally:
            outcome.clean_up()
        return code == -signal.SIGKILL

    return carry


PASSES: Mapping[str, Carry] = {
    "first apply": _reconciled(first_apply),
    "upgrade": _reconciled(upgrade),
    "prune": _reconciled(prune),
    "replace": _reconciled(replacement),
    "run": _reconciled(run),
    "takeover": _reconciled(takeover),
    NEW_LAYOUT: _reconciled(new_layout),
    "handover": handed_over,
}
"""What is done, by the word for it."""
