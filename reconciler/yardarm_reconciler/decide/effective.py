"""What shall run: the candidate where it is good and affordable, the last good bytes where it is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yardarm_reconciler.inventory.records import Inventory, Record
from yardarm_reconciler.model.budget import TOTAL, Holdings, Limit, Limits, Peak
from yardarm_reconciler.model.manifest import unpack
from yardarm_reconciler.model.origin import NOWHERE, Code, Diagnostic
from yardarm_reconciler.model.workload import Workload

TEAM_BUDGET = Code(
    "budget/team-exceeded",
    title="The team's budget does not cover this",
    why=(
        "Devices and money are counted at their peak over all of the team's workloads in the environment, "
        "those that are held at their last good state included."
    ),
    bad="accelerator: h100-80gb:8 while the team's budget has 4 left",
    good="accelerator: h100-80gb:4, or a larger budget in the Team",
)
ENVIRONMENT_LIMIT = Code(
    "budget/environment-exceeded",
    title="The environment's limit does not cover this",
    why="Environment.limits bounds all teams together, at the peak of every workload.",
    bad="accelerator: h100-80gb:8 while the environment has 4 left",
    good="accelerator: h100-80gb:4, or a larger limit in the Environment",
)
WORKLOAD_LIMIT = Code(
    "budget/workload-exceeded",
    title="This is more than one workload may take here",
    why="Environment.limits.perWorkload bounds each workload by itself.",
    bad="accelerator: h100-80gb:32 where perWorkload.total is 16",
    good="accelerator: h100-80gb:16",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One workload as it shall be: ``held`` says why it is not what git says, in the order of importance.

    A held workload that never ran has no manifests: there is nothing to keep.
    """

    workload: Workload
    held: tuple[Diagnostic, ...] = ()
    revision: str = ""

    @property
    def unborn(self) -> bool:
        """Whether it never ran for a fault of its own: it may be what another workload was renamed to.

        One that only waits for room is none: removing others is what makes room for it.
        """
        room = {TEAM_BUDGET, ENVIRONMENT_LIMIT}
        return not self.workload.manifests and not all(each.code in room for each in self.held)


@dataclass(frozen=True, slots=True)
class Effective:
    """The whole effective set of a unit: what is wanted, and what git no longer has."""

    wanted: tuple[Wanted, ...]
    removed: tuple[Record, ...]
    diagnostics: tuple[Diagnostic, ...]


def effective(
    candidates: Iterable[Workload],
    held: Mapping[str, tuple[Diagnostic, ...]],
    broken: Mapping[str, tuple[Diagnostic, ...]],
    inventory: Inventory,
    limits: Limits,
    revision: str,
) -> Effective:
    """Choose for every workload what shall run.

    Args:
        candidates: the workloads that this revision gives, complete and valid.
        held: workloads whose identity is known but that are invalid here, with the reasons.
        broken: paths whose documents cannot be attributed: all that was recorded there is held.
        inventory: what runs, and its last good bytes.
        limits: devices and money.
        revision: of the candidates.
    """
    records = inventory.records
    by_id = {each.id: each for each in candidates}
    accepted, over = _afford(by_id, records, limits)
    wanted = [Wanted(by_id[id_], revision=revision) for id_ in accepted]
    reasons = {**held, **over}
    removed = []
    for record in records.values():
        if record.id not in by_id and record.id not in reasons:
            if record.origin.path in broken:
                reasons = {**reasons, record.id: broken[record.origin.path]}
            else:
                removed.append(record)
    wanted += [_last_good(id_, records.get(id_), by_id.get(id_), why) for id_, why in reasons.items()]
    return Effective(
        wanted=tuple(sorted(wanted, key=lambda each: each.workload.id)),
        removed=tuple(sorted(removed, key=lambda each: each.id)),
        diagnostics=tuple(diagnostic for why in over.values() for diagnostic in why),
    )


def hold_removed(chosen: Effective, why: Diagnostic) -> Effective:
    """Keep what git no longer has at its last good state: its removal is held, so drift is still repaired.

    What is leaving already goes on leaving.
    """
    kept = [_last_good(record.id, record, None, (why,)) for record in chosen.removed if not record.leaving]
    leaving = tuple(record for record in chosen.removed if record.leaving)
    wanted = sorted((*chosen.wanted, *kept), key=lambda each: each.workload.id)
    return Effective(tuple(wanted), leaving, (*chosen.diagnostics, why))


def _last_good(
    id_: str, record: Record | None, candidate: Workload | None, why: tuple[Diagnostic, ...]
) -> Wanted:
    origin = record.origin if record else candidate.origin if candidate else why[0].place if why else NOWHERE
    workload = Workload(
        id=id_,
        team=id_.split("/")[1],
        namespace="",
        origin=origin,
        manifests=unpack(record.last_good) if record else (),
        input_hash=record.input_hash if record else "",
        peak=record.peak if record else Peak(),
        depends_on=record.depends_on if record else (),
    )
    return Wanted(workload, why, record.revision if record else "")


def _afford(
    candidates: Mapping[str, Workload], records: Mapping[str, Record], limits: Limits
) -> tuple[list[str], dict[str, tuple[Diagnostic, ...]]]:
    """Accept what does not grow, then the rest in order while it fits: deterministic, and incumbents stay."""
    holding = _Holding()
    for record in records.values():
        holding.put(record.id, record.team, record.peak)
    accepted: list[str] = []
    growing: list[Workload] = []
    for id_, candidate in sorted(candidates.items()):
        before = records[id_].peak if id_ in records else Peak()
        if _grows(before, candidate.peak):
            growing.append(candidate)
        else:
            holding.put(id_, candidate.team, candidate.peak)
            accepted.append(id_)
    over: dict[str, tuple[Diagnostic, ...]] = {}
    for candidate in sorted(growing, key=lambda each: (each.id not in records, each.id)):
        before = holding.put(candidate.id, candidate.team, Peak())
        problems = tuple(_problems(candidate, holding, limits))
        if problems:
            over[candidate.id] = problems
            holding.put(candidate.id, candidate.team, before)
        else:
            holding.put(candidate.id, candidate.team, candidate.peak)
            accepted.append(candidate.id)
    return accepted, over


class _Holding:
    """What the workloads of an environment hold, all together and by team."""

    def __init__(self) -> None:
        self.everyone = Holdings()
        self.teams: defaultdict[str, Holdings] = defaultdict(Holdings)

    def put(self, id_: str, team: str, peak: Peak) -> Peak:
        self.teams[team].put(id_, peak)
        return self.everyone.put(id_, peak)


def _grows(before: Peak, after: Peak) -> bool:
    more = any(count > before.devices.get(name, 0) for name, count in after.devices.items())
    return more or after.cost_per_hour > before.cost_per_hour


def _problems(candidate: Workload, others: _Holding, limits: Limits) -> Iterable[Diagnostic]:
    yield from _exceeds(WORKLOAD_LIMIT, limits.per_workload, candidate, Holdings(), "one workload")
    if team := limits.teams.get(candidate.team):
        yield from _exceeds(TEAM_BUDGET, team, candidate, others.teams[candidate.team], candidate.team)
    yield from _exceeds(
        ENVIRONMENT_LIMIT, limits.environment, candidate, others.everyone, limits.environment.owner
    )


def _exceeds(
    code: Code, limit: Limit, candidate: Workload, others: Holdings, owner: str
) -> Iterable[Diagnostic]:
    used = others.sum
    asked = candidate.peak
    place = asked.origin if asked.origin.path else candidate.origin
    for what, (most, where) in sorted(limit.devices.items()):
        total = used.amount(what) + asked.amount(what)
        if asked.amount(what) and total > most:
            unit = "accelerators" if what == TOTAL else what
            yield code.at(
                place,
                f"{owner} would hold {total} {unit} at peak, the limit is {most}",
                note=_arithmetic(asked, what, others),
                fix=f"lower what it asks for, or raise {where}" if where.path else "lower what it asks for",
                field="spec.accelerator",
            )
    cost = used.cost_per_hour + asked.cost_per_hour
    if limit.cost_per_hour is not None and asked.cost_per_hour and cost > limit.cost_per_hour:
        raise_it = f", or raise {limit.cost_place}" if limit.cost_place.path else ""
        yield code.at(
            place,
            f"{owner} would spend {cost:.2f} an hour at peak, the limit is {limit.cost_per_hour:.2f}",
            note=f"{asked.cost_per_hour:.2f} for this, {used.cost_per_hour:.2f} for what is held already",
            fix=f"lower what it asks for{raise_it}",
            field="spec.accelerator",
        )


def _arithmetic(asked: Peak, what: str, others: Holdings) -> str:
    """The sum as a person would write it: what is asked for, and who holds the rest."""
    own = f"{asked.arithmetic} = {asked.amount(what)}" if asked.arithmetic else str(asked.amount(what))
    holders: Sequence[str] = [
        f"{id_.split('/')[-1]} ({peak.amount(what)})"
        for id_, peak in sorted(others.peaks.items())
        if peak.amount(what)
    ]
    return f"{own}, with {', '.join(holders)} held already" if holders else own
