"""Which revision a unit is at: what its source says, what people ordered, and what the gates let through.

What the source says now is the *newest* revision; what the gates let through is the one that is *followed*. The
``sync`` block is that of the newest: whoever shuts a window in git does not wait for it to open.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from yardarm_reconciler.decide.gates import SHORT, Candidate, Facts, Wait, Way, way
from yardarm_reconciler.decide.waves import Evidence, intents, observe, wave
from yardarm_reconciler.inventory.journal import Journal
from yardarm_reconciler.inventory.records import Inventory
from yardarm_reconciler.live import Live
from yardarm_reconciler.model.change import Report, State, Sync
from yardarm_reconciler.model.desired import Desired
from yardarm_reconciler.model.document import Specs
from yardarm_reconciler.model.origin import Found, TransientError, UserError
from yardarm_reconciler.model.unit import Unit
from yardarm_reconciler.pipeline import (
    Machinery,
    confirmed_in,
    desired_for,
    present_in,
    reconcile,
    specs_of,
    under,
)
from yardarm_reconciler.ports import Ancestry, Source
from yardarm_schema.sync import Sync as Rules

MOST_AHEAD = 50
"""So many revisions are looked at for one that may be followed: the oldest of these is far enough."""

WELL = frozenset({State.HEALTHY, State.SUCCEEDED, State.SUSPENDED})
"""A version of a workload in one of these soaks."""

Before: TypeAlias = Callable[[str], Inventory | str]
"""The inventory of another environment by its name, or why it cannot be read, completing *staging …*."""


def unbound(environment: str) -> str:
    """Of a unit that stands alone."""
    del environment
    return "is not bound in these settings"


@dataclass(slots=True)
class Revisions:
    """What is known of a unit's revisions from one pass to the next: the newest, and the one that is followed."""

    newest: Found[Specs] | None = None
    followed: Found[Specs] | None = None
    desired: tuple[Rules | None, Desired] | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """The newest revision, or nothing where none could be read yet."""
        return self.newest.value.loaded.revision if self.newest else ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a pass is made of: what is desired at the revision that is followed, None where there is none yet."""

    desired: Desired | None
    way: Way


@dataclass(frozen=True, slots=True)
class Follower:
    """Finds the revision of one unit. ``before`` reads the environments that come before it in waves."""

    unit: Unit
    source: Source
    machinery: Machinery
    revisions: Revisions
    before: Before = unbound

    def look(self) -> None:
        """Remember the newest revision that the source has.

        Raises:
            UserError: a person has to act; what was remembered still counts.
            TransientError: the source did not answer; as above.
        """
        revision = self.source.poll().id
        if self.revisions.revision != revision:
            self.revisions.newest = self._specs(revision)

    def newest(self) -> Desired:
        """What the newest revision wants, whatever the gates say. Raises as :meth:`look`."""
        self.look()
        assert self.revisions.newest is not None  # noqa: S101 - it was just looked at
        return desired_for(self.revisions.newest, self.unit, self.machinery.memory)

    def choose(self, inventory: Inventory) -> Followed:
        """Choose the revision to follow now.

        Where no revision could be read in this life of the program, the one that is followed is read from the clone.

        Raises:
            TransientError: no revision can be read.
            UserError: as above.
        """
        current = inventory.parent.revision if inventory.parent else ""
        if self.revisions.newest is None:
            if not current:
                raise TransientError("no revision was followed yet, and none can be read")
            self.revisions.newest = self._specs(current)
        found = self._read(_Gatekeeper(self, inventory).way(), current)
        if not found.revision or self.revisions.followed is None:
            return Followed(None, found)
        return Followed(self._desired(), found)

    def rules(self) -> Rules | None:
        """How the environment follows git, as the newest revision says it; else as the followed one does."""
        for specs in (self.revisions.newest, self.revisions.followed):
            if specs is not None and (environment := specs.value.environments.get(self.unit.environment)):
                return environment.model.sync
        return None

    def evidence(self, revision: str) -> Evidence:
        """What a revision wants, remembered."""
        kept = self.revisions.evidence
        names = (self.unit.environment, *(rules.after if (rules := self.rules()) else ()))
        if revision not in kept or not kept[revision].names >= set(names):
            specs = self._specs(revision).value
            kept[revision] = Evidence(intents(specs), present_in(specs, names), frozenset(names))
            for old in list(kept)[: max(0, len(kept) - 2 * MOST_AHEAD)]:
                del kept[old]
        return kept[revision]

    def _read(self, found: Way, current: str) -> Way:
        """Read the revision that was chosen; where that cannot be read, the one that is followed stays."""
        if not found.revision:
            return found
        try:
            self.revisions.followed = self._specs(found.revision)
        except (TransientError, UserError) as error:
            if not current or current == found.revision:
                raise
            self.revisions.followed = self._specs(current)
            return replace(found, revision=current, line=f"{found.revision[:SHORT]} cannot be read: {error}")
        return found

    def _desired(self) -> Desired:
        """What the followed revision wants under the newest rules, made once for both."""
        specs, rules, made = self.revisions.followed, self.rules(), self.revisions.desired
        assert specs is not None  # noqa: S101 - the caller has read it
        if made is None or made[1].specs is not specs.value or made[0] != rules:
            before = made[1] if made and made[1].specs is specs.value else None
            desired = before or desired_for(specs, self.unit, self.machinery.memory)
            made = (rules, under(rules, desired))
            self.revisions.desired = made
        return made[1]

    def _specs(self, revision: str) -> Found[Specs]:
        """The specs of a revision, from memory where they are there."""
        for known in (self.revisions.newest, self.revisions.followed):
            if known is not None and known.value.loaded.revision == revision:
                return known
        return specs_of(self.source.tree(revision), self.machinery, self.unit.platform)


@dataclass(frozen=True, slots=True)
class _Gatekeeper:
    """Gathers the facts that gates ask for, as few as possible."""

    follower: Follower
    inventory: Inventory

    def way(self) -> Way:
        """Ask the gates."""
        unit, parent = self.follower.unit, self.inventory.parent
        newest, rules, now = self.follower.revisions.revision, self.follower.rules(), self._now
        facts = Facts(unit.environment, newest, self._current)
        if rules is not None and rules.mode == "plan":
            # Nothing is written: what the newest would change is the point of it.
            return way(replace(facts, current=newest), parent, self._candidate, now)
        if facts.current not in {"", newest}:
            facts = self._history(facts)
        windows = rules.windows if rules else ()
        confirmed = confirmed_in(rules, parent, now)
        facts = replace(facts, linear=unit.linear, windows=windows, confirmed=confirmed)
        return way(facts, parent, self._candidate, now)

    def _history(self, facts: Facts) -> Facts:
        """What is known of the way from the followed revision to the newest; where that must be known, more is fetched."""
        source = self.follower.source
        continues = source.ancestry(facts.current, facts.newest)
        if continues is Ancestry.UNKNOWN and self.follower.unit.linear:
            # Where that fails it stays unknown, and the revision waits.
            with contextlib.suppress(TransientError, UserError):
                source.deepen()
                continues = source.ancestry(facts.current, facts.newest)
        ahead = source.between(facts.current, facts.newest, MOST_AHEAD) if continues is Ancestry.YES else ()
        return replace(facts, ahead=ahead, behind=len(ahead) or None, continues=continues)

    @property
    def _now(self) -> datetime:
        return self.follower.machinery.clock.now()

    @property
    def _current(self) -> str:
        return self.inventory.parent.revision if self.inventory.parent else ""

    def _candidate(self, revision: str) -> Candidate:
        try:
            unsigned = self.follower.source.unsigned(revision)
            return Candidate(unsigned, None if unsigned else self._wave(revision))
        except (TransientError, UserError) as error:
            return Candidate(f"{revision[:SHORT]} cannot be read: {error}")

    def _wave(self, revision: str) -> Wait | None:
        rules = self.follower.rules()
        if rules is None or not rules.after:
            return None
        evidence = self.follower.evidence
        return wave(
            self.follower.unit.environment,
            evidence(revision),
            evidence(self._current) if self._current else None,
            self.inventory.records,
            {name: self._before(name, evidence(revision)) for name in rules.after},
            timedelta(seconds=rules.soak.seconds),
            self._now,
        )

    def _before(self, environment: str, evidence: Evidence) -> Inventory | str:
        if environment not in evidence.present:
            return "is no environment that can be read"
        return self.follower.before(environment)


def make_pass(followed: Followed, follower: Follower, live: Live, journal: Journal, *, write: bool) -> Report:
    """The pass at what is followed, with what the gates say in its report.

    Raises:
        TransientError: as :func:`reconcile`.
        UserError: as :func:`reconcile`.
        FencedError: as :func:`reconcile`.
    """
    unit = follower.unit
    if followed.desired is None:
        return told(Report(unit.environment, unit.id, "", ()), followed.way)
    report = reconcile(
        unit, followed.desired, live, journal, follower.machinery, write=write, way=followed.way
    )
    if write and not report.error:
        _prove(report, follower, journal, judged=live.cluster.reports_health)
    return told(report, followed.way)


def told(report: Report, found: Way) -> Report:
    """A report with what the gates say now."""
    notes = {name: note for name, note in report.notes.items() if name != "behind"}
    return replace(
        report, notes={**notes, **({"behind": found.line} if found.line else {})}, advance=found.guard
    )


def _prove(report: Report, follower: Follower, journal: Journal, *, judged: bool) -> None:
    """Record which version of each workload is well here since when, where another environment waits for that.

    Where the cluster does not say how its objects are, to be there is to be well.
    """
    newest, rules = follower.revisions.newest, follower.rules()
    environments = newest.value.environments.values() if newest else ()
    waited_for = any(report.environment in each.model.sync.after for each in environments)
    if not waited_for and not (rules and rules.after):
        return
    wanted = follower.evidence(report.revision).intents
    now = follower.machinery.clock.now()
    for each in report.workloads:
        record = journal.record(each.id)
        if record is None or each.sync is not Sync.SYNCED or each.id not in wanted:
            continue
        well = each.health.state in WELL or not judged
        journal.put(replace(record, proofs=observe(record.proofs, wanted[each.id], now, well=well)))
    journal.flush()
